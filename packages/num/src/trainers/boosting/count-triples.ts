import type { RowsToCount } from './boosting-histograms.js';
import { BINS, type BoostingState } from './boosting-state.js';

/** Features that are counted in one walk over the rows. */
export const TRIPLE = 3;

/**
 * Bins of features 3t … 3t + 2 of a row as the bytes of one word, triple after triple (⌊F/3⌋ × n words): a row that is
 * picked out costs one cache line for three features, and its gradient is loaded once.
 */
export function packTriples(bins: Uint8Array, rowCount: number, packed: Int32Array): void {
  for (let first = 0, to = 0; to < packed.length; first += TRIPLE * rowCount, to += rowCount) {
    for (let i = 0; i < rowCount; i++) {
      const at = first + i;
      packed[to + i] = bins[at] | (bins[at + rowCount] << 8) | (bins[at + 2 * rowCount] << 16);
    }
  }
}

/**
 * As countFeature, for the three features of triple `t`. Rows of a bin often follow each other, and each sum waits for the
 * one before it; three features at once fill the wait. Each sum is made in the order of the rows, so it has equal bytes.
 */
export function countTriple(state: BoostingState, rows: RowsToCount, t: number, slot: number): void {
  const { sums, counts, packed, rowCount, featureCount, constantHessian } = state;
  const at = (slot * featureCount + TRIPLE * t) * BINS;
  sums.fill(0, 2 * at, 2 * (at + TRIPLE * BINS));
  counts.fill(0, at, at + TRIPLE * BINS);
  const column = t * rowCount;
  const { order, start, end, pairs, pairStart } = rows;
  const many = end - start;
  if (constantHessian) {
    if (order) countSingles(order, start, many, pairs, pairStart, packed, column, sums, counts, at);
    else countAllSingles(many, pairs, pairStart, packed, column, sums, counts, at);
  } else if (order) countPairs(order, start, many, pairs, pairStart, packed, column, sums, counts, at);
  else countAllPairs(many, pairs, pairStart, packed, column, sums, counts, at);
}

// Four loops and not one, with or without row numbers and hessian: the innermost work of every fit has no condition and no
// call in it, and takes its arrays as arguments for the same reason. Whoever changes one changes all four.

function countPairs(
  order: Uint32Array,
  start: number,
  many: number,
  pairs: Float32Array,
  pairStart: number,
  packed: Int32Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  let pair = 2 * pairStart;
  for (let i = start; i < start + many; i++) {
    const word = packed[column + order[i]];
    const gradient = pairs[pair];
    const hessian = pairs[pair + 1];
    pair += 2;
    const a = (at + (word & 255)) | 0;
    const b = (at + BINS + ((word >> 8) & 255)) | 0;
    const c = (at + 2 * BINS + (word >> 16)) | 0;
    sums[2 * a] += gradient;
    sums[2 * b] += gradient;
    sums[2 * c] += gradient;
    sums[2 * a + 1] += hessian;
    sums[2 * b + 1] += hessian;
    sums[2 * c + 1] += hessian;
    counts[a]++;
    counts[b]++;
    counts[c]++;
  }
}

function countAllPairs(
  many: number,
  pairs: Float32Array,
  pairStart: number,
  packed: Int32Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  let pair = 2 * pairStart;
  for (let i = column; i < column + many; i++) {
    const word = packed[i];
    const gradient = pairs[pair];
    const hessian = pairs[pair + 1];
    pair += 2;
    const a = (at + (word & 255)) | 0;
    const b = (at + BINS + ((word >> 8) & 255)) | 0;
    const c = (at + 2 * BINS + (word >> 16)) | 0;
    sums[2 * a] += gradient;
    sums[2 * b] += gradient;
    sums[2 * c] += gradient;
    sums[2 * a + 1] += hessian;
    sums[2 * b + 1] += hessian;
    sums[2 * c + 1] += hessian;
    counts[a]++;
    counts[b]++;
    counts[c]++;
  }
}

function countSingles(
  order: Uint32Array,
  start: number,
  many: number,
  singles: Float32Array,
  singleStart: number,
  packed: Int32Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  for (let i = 0; i < many; i++) {
    const word = packed[column + order[start + i]];
    const gradient = singles[singleStart + i];
    const a = (at + (word & 255)) | 0;
    const b = (at + BINS + ((word >> 8) & 255)) | 0;
    const c = (at + 2 * BINS + (word >> 16)) | 0;
    sums[2 * a] += gradient;
    sums[2 * b] += gradient;
    sums[2 * c] += gradient;
    counts[a]++;
    counts[b]++;
    counts[c]++;
  }
}

function countAllSingles(
  many: number,
  singles: Float32Array,
  singleStart: number,
  packed: Int32Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  for (let i = 0; i < many; i++) {
    const word = packed[column + i];
    const gradient = singles[singleStart + i];
    const a = (at + (word & 255)) | 0;
    const b = (at + BINS + ((word >> 8) & 255)) | 0;
    const c = (at + 2 * BINS + (word >> 16)) | 0;
    sums[2 * a] += gradient;
    sums[2 * b] += gradient;
    sums[2 * c] += gradient;
    counts[a]++;
    counts[b]++;
    counts[c]++;
  }
}
