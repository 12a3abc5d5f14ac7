import { BLOCK_ROWS } from './column-block.js';

/**
 * Takes a block of rows into an upper triangular factor by Householder reflections (Golub & Van Loan, §5.2): after all
 * blocks, RᵀR is the Gram matrix of all rows, but its condition number was never squared. Row-major R, width × width;
 * `block` (column f at f · BLOCK_ROWS) is overwritten.
 */
export function foldRows(r: Float64Array, block: Float64Array, span: { width: number; rows: number }): void {
  const { width, rows } = span;
  for (let j = 0; j < width; j++) {
    const own = j * BLOCK_ROWS;
    let squares = 0;
    for (let i = 0; i < rows; i++) squares += block[own + i] * block[own + i];
    if (squares === 0) continue;
    const diagonal = r[j * width + j];
    const norm = Math.sqrt(diagonal * diagonal + squares);
    const head = diagonal > 0 ? diagonal + norm : diagonal - norm;
    const beta = 2 / (head * head + squares);
    r[j * width + j] = diagonal > 0 ? -norm : norm;
    for (let k = j + 1; k < width; k++) {
      const other = k * BLOCK_ROWS;
      let sum = head * r[j * width + k];
      for (let i = 0; i < rows; i++) sum += block[own + i] * block[other + i];
      const step = beta * sum;
      r[j * width + k] -= step * head;
      for (let i = 0; i < rows; i++) block[other + i] -= step * block[own + i];
    }
  }
}
