import type { FeatureMatrix } from './matrix.js';

/** Rows per block: with a hundred features a block fills 200 KB, a second-level cache. */
export const BLOCK_ROWS = 256;

/** A column as (x − centre) · factor. */
export interface ColumnScale {
  readonly centre: Float64Array;
  readonly factor: Float64Array;
}

/**
 * Weighted mean of each column and 1 / its standard deviation (ddof 0; 1 for a constant column), two passes in Float64.
 * Standardising a problem inside its solver, and undoing it in the answer, leaves the optimum where it was and takes
 * the units of the features out of its condition number.
 */
export function columnScale(x: FeatureMatrix, weights?: Float64Array): ColumnScale {
  const { rowCount: n, featureCount: p, values } = x;
  const centre = new Float64Array(p);
  const factor = new Float64Array(p);
  let total = 0;
  for (let i = 0; i < n; i++) total += weights ? weights[i] : 1;
  for (let f = 0; f < p; f++) {
    const start = f * n;
    let sum = 0;
    if (weights) for (let i = 0; i < n; i++) sum += weights[i] * values[start + i];
    else for (let i = 0; i < n; i++) sum += values[start + i];
    const mean = total > 0 ? sum / total : 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const d = values[start + i] - mean;
      squares += weights ? weights[i] * d * d : d * d;
    }
    const deviation = total > 0 ? Math.sqrt(squares / total) : 0;
    centre[f] = mean;
    // A column of one value, up to the rounding of its mean, has no scale.
    factor[f] = deviation > 1e-13 * Math.abs(mean) && deviation > 1e-150 ? 1 / deviation : 1;
  }
  return { centre, factor };
}

/** Writes `rows` rows from `start` as Float64 columns: block[f · BLOCK_ROWS + i]. */
export function loadBlock(
  x: FeatureMatrix,
  span: { start: number; rows: number },
  scale: ColumnScale,
  block: Float64Array,
): void {
  const { values, rowCount, featureCount } = x;
  const { start, rows } = span;
  for (let f = 0; f < featureCount; f++) {
    const from = f * rowCount + start;
    const to = f * BLOCK_ROWS;
    const centre = scale.centre[f];
    const factor = scale.factor[f];
    for (let i = 0; i < rows; i++) block[to + i] = (values[from + i] - centre) * factor;
  }
}

/** Multiplies each row of the block's first `width` columns by its entry of `by`. */
export function scaleBlockRows(block: Float64Array, by: Float64Array, span: { width: number; rows: number }): void {
  for (let f = 0; f < span.width; f++) {
    const at = f * BLOCK_ROWS;
    for (let i = 0; i < span.rows; i++) block[at + i] *= by[i];
  }
}

/**
 * Adds blockᵀ·block to the lower triangle of `out` (row-major width × width). Two by two columns at a time: four sums
 * for four loads, which is what keeps the loop from waiting for memory.
 */
export function addGram(block: Float64Array, span: { width: number; rows: number }, out: Float64Array): void {
  const { width, rows } = span;
  for (let f = 0; f < width; f += 2) {
    const a = f * BLOCK_ROWS;
    const pair = f + 1 < width;
    const b = pair ? a + BLOCK_ROWS : a;
    for (let g = 0; g <= f; g += 2) {
      const c = g * BLOCK_ROWS;
      const d = g + 1 < width ? c + BLOCK_ROWS : c;
      let ac = 0;
      let ad = 0;
      let bc = 0;
      let bd = 0;
      for (let i = 0; i < rows; i++) {
        const xa = block[a + i];
        const xb = block[b + i];
        const xc = block[c + i];
        const xd = block[d + i];
        ac += xa * xc;
        ad += xa * xd;
        bc += xb * xc;
        bd += xb * xd;
      }
      out[f * width + g] += ac;
      if (g + 1 <= f) out[f * width + g + 1] += ad;
      if (pair) {
        out[(f + 1) * width + g] += bc;
        out[(f + 1) * width + g + 1] += bd;
      }
    }
  }
}

/** Copies the lower triangle of a row-major width × width matrix to the upper one. */
export function mirrorLower(matrix: Float64Array, width: number): void {
  for (let i = 0; i < width; i++) for (let j = i + 1; j < width; j++) matrix[i * width + j] = matrix[j * width + i];
}
