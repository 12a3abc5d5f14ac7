import { solveCholesky } from './cholesky.js';
import { addGram, BLOCK_ROWS, type ColumnScale, loadBlock, scaleBlockRows } from './column-block.js';
import { jacobiSvd } from './jacobi-svd.js';
import type { FeatureMatrix } from './matrix.js';
import { foldRows } from './streamed-qr.js';

export interface LeastSquaresProblem {
  readonly x: FeatureMatrix;
  /** Centred as the columns are. */
  readonly y: Float64Array;
  readonly weights: Float64Array | undefined;
  /** Subtracted from the columns; `factor` is used inside only. */
  readonly scale: ColumnScale;
  /** alpha · ‖coefficients‖² is added, ≥ 0. */
  readonly alpha: number;
  /** Without penalty, singular values up to this share of the largest count as 0. */
  readonly tolerance: number;
}

export interface LeastSquaresSolution {
  readonly coefficients: Float64Array;
  /** Features that carry independent information; fewer than all of them means the minimum-norm solution. */
  readonly rank: number;
}

/**
 * Minimises Σ wᵢ (yᵢ − xᵢ·b)² + alpha·‖b‖² without a Float64 copy of x. Well-conditioned problems (after standardising)
 * take the Gram matrix, Cholesky and, where features nearly repeat each other, one or two steps of iterative refinement,
 * which restores what squaring the condition lost;
 * the others take Householder QR of the rows block by block and the singular values of R: the solution of least norm.
 */
export function solveLeastSquares(problem: LeastSquaresProblem): LeastSquaresSolution {
  const { rowCount, featureCount } = problem.x;
  if (rowCount > featureCount) {
    const quick = solveNormal(problem);
    if (quick) return { coefficients: quick, rank: featureCount };
  }
  return rowCount < featureCount ? solveWide(problem) : solveTall(problem);
}

/** Smallest share of a column's variance that the columns before it may leave unexplained on the quick path. */
const SMALLEST_PIVOT = 1e-7;

function solveNormal(problem: LeastSquaresProblem): Float64Array | undefined {
  const { x, scale, alpha } = problem;
  const p = x.featureCount;
  const width = p + 1;
  const gram = new Float64Array(width * width);
  eachBlock(problem, scale, (block, rows) => addGram(block, { width, rows }, gram));
  const matrix = new Float64Array(p * p);
  for (let f = 0; f < p; f++) {
    for (let g = 0; g <= f; g++) matrix[f * p + g] = gram[f * width + g];
    matrix[f * p + f] += alpha * scale.factor[f] * scale.factor[f];
  }
  const diagonal = Float64Array.from({ length: p }, (_, f) => matrix[f * p + f]);
  const solution = gram.slice(p * width, p * width + p);
  const factored = matrix.slice();
  if (!solveCholesky(factored, solution)) return undefined;
  let smallest = 1;
  for (let f = 0; f < p; f++) smallest = Math.min(smallest, factored[f * p + f] ** 2 / diagonal[f]);
  if (!(smallest > SMALLEST_PIVOT)) return undefined;
  const steps = smallest > 1e-2 ? 0 : smallest > 1e-4 ? 1 : 2;
  for (let step = 0; step < steps; step++) refine(problem, solution, matrix);
  for (let f = 0; f < p; f++) solution[f] *= scale.factor[f];
  return solution;
}

/** Solves for what the residual still holds, and adds it. */
function refine(problem: LeastSquaresProblem, solution: Float64Array, matrix: Float64Array): void {
  const { x, scale, alpha } = problem;
  const p = x.featureCount;
  const gradient = new Float64Array(p);
  const residual = new Float64Array(BLOCK_ROWS);
  eachBlock(problem, scale, (block, rows) => {
    for (let i = 0; i < rows; i++) residual[i] = block[p * BLOCK_ROWS + i];
    for (let f = 0; f < p; f++) {
      const at = f * BLOCK_ROWS;
      const b = solution[f];
      for (let i = 0; i < rows; i++) residual[i] -= b * block[at + i];
    }
    for (let f = 0; f < p; f++) {
      const at = f * BLOCK_ROWS;
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += block[at + i] * residual[i];
      gradient[f] += sum;
    }
  });
  for (let f = 0; f < p; f++) gradient[f] -= alpha * scale.factor[f] * scale.factor[f] * solution[f];
  if (!solveCholesky(matrix.slice(), gradient)) return;
  for (let f = 0; f < p; f++) solution[f] += gradient[f];
}

/** Blocks of √w · [scaled columns, y]. */
function eachBlock(
  problem: LeastSquaresProblem,
  scale: ColumnScale,
  visit: (block: Float64Array, rows: number) => void,
): void {
  const { x, y, weights } = problem;
  const width = x.featureCount + 1;
  const block = new Float64Array(width * BLOCK_ROWS);
  const roots = new Float64Array(BLOCK_ROWS);
  for (let start = 0; start < x.rowCount; start += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, x.rowCount - start);
    loadBlock(x, { start, rows }, scale, block);
    for (let i = 0, at = x.featureCount * BLOCK_ROWS; i < rows; i++) block[at + i] = y[start + i];
    if (weights) {
      for (let i = 0; i < rows; i++) roots[i] = Math.sqrt(weights[start + i]);
      scaleBlockRows(block, roots, { width, rows });
    }
    visit(block, rows);
  }
}

function unscaled({ centre }: ColumnScale): ColumnScale {
  return { centre, factor: new Float64Array(centre.length).fill(1) };
}

function solveTall(problem: LeastSquaresProblem): LeastSquaresSolution {
  const p = problem.x.featureCount;
  const width = p + 1;
  const r = new Float64Array(width * width);
  eachBlock(problem, unscaled(problem.scale), (block, rows) => foldRows(r, block, { width, rows }));
  const a = new Float64Array(p * p);
  for (let i = 0; i < p; i++) for (let j = i; j < p; j++) a[j * p + i] = r[i * width + j];
  const target = Float64Array.from({ length: p }, (_, i) => r[i * width + p]);
  const { singular, scaledLeft, right } = jacobiSvd(a, p, p);
  const { shares, rank } = filter(singular, problem);
  const coefficients = new Float64Array(p);
  for (let k = 0; k < p; k++) {
    if (shares[k] === 0) continue;
    let along = 0;
    for (let i = 0; i < p; i++) along += scaledLeft[k * p + i] * target[i];
    for (let f = 0; f < p; f++) coefficients[f] += right[k * p + f] * along * shares[k];
  }
  return { coefficients, rank };
}

/** Fewer rows than features: the same of Xᵀ, whose columns are the rows. */
function solveWide(problem: LeastSquaresProblem): LeastSquaresSolution {
  const { x, y, weights, scale } = problem;
  const { rowCount: n, featureCount: p } = x;
  const a = new Float64Array(n * p);
  const target = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const root = weights ? Math.sqrt(weights[i]) : 1;
    target[i] = root * y[i];
    for (let f = 0; f < p; f++) a[i * p + f] = root * (x.values[f * n + i] - scale.centre[f]);
  }
  const { singular, scaledLeft, right } = jacobiSvd(a, p, n);
  const { shares, rank } = filter(singular, problem);
  const coefficients = new Float64Array(p);
  for (let k = 0; k < n; k++) {
    if (shares[k] === 0) continue;
    let along = 0;
    for (let i = 0; i < n; i++) along += right[k * n + i] * target[i];
    for (let f = 0; f < p; f++) coefficients[f] += scaledLeft[k * p + f] * along * shares[k];
  }
  return { coefficients, rank };
}

/** 1 / (σ² + alpha) for the directions that count, 0 for the others. */
function filter(singular: Float64Array, problem: LeastSquaresProblem): { shares: Float64Array; rank: number } {
  const largest = singular.reduce((max, value) => Math.max(max, value), 0);
  const shares = singular.map((value) =>
    value > problem.tolerance * largest && value > 0 ? 1 / (value * value + problem.alpha) : 0,
  );
  return { shares, rank: shares.reduce((count, share) => count + Number(share > 0), 0) };
}
