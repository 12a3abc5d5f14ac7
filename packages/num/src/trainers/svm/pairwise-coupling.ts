const SMALLEST = 1e-7;

/** Number of a pair i < j of K classes in the order (0,1), (0,2), …, (1,2), … */
export function pairNumber(i: number, j: number, classCount: number): number {
  return i * classCount - (i * (i + 1)) / 2 + j - i - 1;
}

/**
 * Probabilities of K classes from P(i | i or j) of every pair, by the second method of Wu, Lin and Weng (Probability
 * estimates for multi-class classification by pairwise coupling, JMLR 2004), which libsvm uses: the p that minimises
 * Σ (rⱼᵢ pᵢ − rᵢⱼ pⱼ)². libsvm iterates to within 0.005/K; here the linear system behind it is solved, p ∝ (Q + eeᵀ)⁻¹e,
 * so that the same operations can stand in an ONNX graph and give the same probabilities.
 *
 * @param pairs P(i | i or j) by `pairNumber`.
 * @param out K probabilities.
 * @param work K·(K+1) numbers.
 */
export function coupleProbabilities(pairs: Float64Array, out: Float64Array, work: Float64Array): void {
  const k = out.length;
  const width = k + 1;
  for (let i = 0; i < k; i++) {
    let own = 1;
    for (let j = 0; j < k; j++) {
      if (j === i) continue;
      const against = clampPair(i < j ? 1 - pairs[pairNumber(i, j, k)] : pairs[pairNumber(j, i, k)]);
      own += against * against;
      work[i * width + j] = 1 - against * (1 - against);
    }
    work[i * width + i] = own;
    work[i * width + k] = 1;
  }
  eliminate(work, k);
  let sum = 0;
  for (let i = 0; i < k; i++) sum += out[i] = Math.max(0, work[i * width + k]);
  for (let i = 0; i < k; i++) out[i] /= sum;
}

/** Gauss–Jordan without pivoting: the matrix is positive definite. Leaves the solution in the last column. */
function eliminate(work: Float64Array, k: number): void {
  const width = k + 1;
  for (let pivot = 0; pivot < k; pivot++) {
    const scale = 1 / work[pivot * width + pivot];
    for (let c = pivot; c <= k; c++) work[pivot * width + c] *= scale;
    for (let row = 0; row < k; row++) {
      const factor = work[row * width + pivot];
      if (row === pivot || factor === 0) continue;
      for (let c = pivot; c <= k; c++) work[row * width + c] -= factor * work[pivot * width + c];
    }
  }
}

function clampPair(p: number): number {
  return Math.min(Math.max(p, SMALLEST), 1 - SMALLEST);
}
