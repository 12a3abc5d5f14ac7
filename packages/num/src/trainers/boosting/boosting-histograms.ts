import { BINS, type BoostingState } from './boosting-state.js';

/** Rows of `order` from `start` to `end`; `order` absent: rows 0 … n − 1. Pairs stand in `pairs` from `pairStart`. */
export interface RowsToCount {
  readonly order: Uint32Array | undefined;
  readonly start: number;
  readonly end: number;
  readonly pairs: Float32Array;
  readonly pairStart: number;
}

/** Sums of gradients and hessians and counts of rows per bin of feature `f`, into slot `slot`. */
export function countFeature(state: BoostingState, rows: RowsToCount, f: number, slot: number): void {
  const { sums, counts, bins, rowCount, featureCount, constantHessian } = state;
  const at = (slot * featureCount + f) * BINS;
  sums.fill(0, 2 * at, 2 * (at + BINS));
  counts.fill(0, at, at + BINS);
  const column = f * rowCount;
  const { order, start, end, pairs, pairStart } = rows;
  const many = end - start;
  if (constantHessian) {
    if (order) countSingles(order, start, many, pairs, pairStart, bins, column, sums, counts, at);
    else countAllSingles(many, pairs, pairStart, bins, column, sums, counts, at);
  } else if (order) countPairs(order, start, many, pairs, pairStart, bins, column, sums, counts, at);
  else countAllPairs(many, pairs, pairStart, bins, column, sums, counts, at);
}

// The four loops take their arrays as arguments, one by one: loads from a state object inside them are not hoisted.

function countPairs(
  order: Uint32Array,
  start: number,
  many: number,
  pairs: Float32Array,
  pairStart: number,
  bins: Uint8Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  let pair = 2 * pairStart;
  for (let i = start; i < start + many; i++) {
    const cell = at + bins[column + order[i]];
    sums[2 * cell] += pairs[pair];
    sums[2 * cell + 1] += pairs[pair + 1];
    counts[cell]++;
    pair += 2;
  }
}

function countAllPairs(
  many: number,
  pairs: Float32Array,
  pairStart: number,
  bins: Uint8Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  let pair = 2 * pairStart;
  for (let i = column; i < column + many; i++) {
    const cell = at + bins[i];
    sums[2 * cell] += pairs[pair];
    sums[2 * cell + 1] += pairs[pair + 1];
    counts[cell]++;
    pair += 2;
  }
}

function countSingles(
  order: Uint32Array,
  start: number,
  many: number,
  singles: Float32Array,
  singleStart: number,
  bins: Uint8Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  for (let i = 0; i < many; i++) {
    const cell = at + bins[column + order[start + i]];
    sums[2 * cell] += singles[singleStart + i];
    counts[cell]++;
  }
}

function countAllSingles(
  many: number,
  singles: Float32Array,
  singleStart: number,
  bins: Uint8Array,
  column: number,
  sums: Float64Array,
  counts: Int32Array,
  at: number,
): void {
  for (let i = 0; i < many; i++) {
    const cell = at + bins[column + i];
    sums[2 * cell] += singles[singleStart + i];
    counts[cell]++;
  }
}

/** slot `from` −= slot `part`, feature `f`: the sibling's histogram without looking at its rows. */
export function subtractFeature(state: BoostingState, f: number, from: number, part: number): void {
  const { sums, counts, featureCount } = state;
  const a = (from * featureCount + f) * BINS;
  const b = (part * featureCount + f) * BINS;
  for (let i = 0; i < 2 * BINS; i++) sums[2 * a + i] -= sums[2 * b + i];
  for (let i = 0; i < BINS; i++) counts[a + i] -= counts[b + i];
}
