/** Quantile `q` in 0..1 of ascending values, interpolated linearly exactly as numpy.quantile does. */
export function quantileOfFloats(sorted: Float32Array, q: number): number {
  const position = q * (sorted.length - 1);
  const low = Math.floor(position);
  const a = sorted[low];
  const step = sorted[Math.min(low + 1, sorted.length - 1)] - a;
  const t = position - low;
  return t >= 0.5 ? a + step - step * (1 - t) : a + step * t;
}

/** Median by selection: about a tenth of the time of a sort. Reorders `values`, which must hold no NaN. */
export function medianInPlace(values: Float32Array): number {
  const n = values.length;
  const upper = select(values, n >> 1);
  if (n % 2 === 1) return upper;
  let lower = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < n >> 1; i++) if (values[i] > lower) lower = values[i];
  return (lower + upper) / 2;
}

/** Quickselect (Hoare) with the median of three as pivot: puts the k-th smallest at k and nothing greater before it. */
function select(values: Float32Array, k: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = medianOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low - 1;
    let j = high + 1;
    for (;;) {
      do i++;
      while (values[i] < pivot);
      do j--;
      while (values[j] > pivot);
      if (i >= j) break;
      const kept = values[i];
      values[i] = values[j];
      values[j] = kept;
    }
    if (k <= j) high = j;
    else low = j + 1;
  }
  return values[k];
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

/** The most frequent of ascending values; the smallest of several, as scipy.stats.mode. */
export function modeOfSorted(sorted: Float32Array): number {
  let best = sorted[0];
  let bestCount = 0;
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    if (to - from > bestCount) {
      bestCount = to - from;
      best = sorted[from];
    }
    from = to;
  }
  return best;
}
