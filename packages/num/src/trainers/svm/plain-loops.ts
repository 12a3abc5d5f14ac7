import { expNegative } from './fast-exp.js';
import { FLAT, type LoopState, type RowToFill, type SmoLoops } from './smo-loops.js';

/** The twin of wasm/svm.ts: every sum in the same order. */
export const plainLoops: SmoLoops = {
  fillSingle: (row, out) => fillRow(row, out),
  fillDouble: (row, out) => fillRow(row, out),
  addScaled: (sums, values, factor, count) => {
    for (let i = 0; i < count; i++) sums[i] += factor * values[i];
  },
  addRow: (sums, row, factor, { from, to }) => {
    for (let i = from; i < to; i++) sums[i] += factor * row[i];
  },
  secondOfPair,
  movePair,
};

/** Two rows at once keep both adders busy. */
function fillRow({ columns, own, from, to, gamma }: RowToFill, out: Float32Array | Float64Array): void {
  const { values, squares, stride, width } = columns;
  const row = own.values;
  const { square } = own;
  for (let i = from; i < to; i += 2) {
    let first = 0;
    let second = 0;
    for (let f = 0, at = i; f < width; f++, at += stride) {
      first += row[f] * values[at];
      second += row[f] * values[at + 1];
    }
    if (gamma !== undefined) {
      first = expNegative(Math.min(-gamma * (square + squares[i] - 2 * first), 0));
      second = expNegative(Math.min(-gamma * (square + squares[i + 1] - 2 * second), 0));
    }
    out[i] = first;
    if (i + 1 < to) out[i + 1] = second;
  }
}

function secondOfPair(
  { low, diagonal, active, found }: LoopState,
  row: Float32Array,
  { best, own }: { readonly best: number; readonly own: number },
): number {
  let worst = Number.NEGATIVE_INFINITY;
  let gain = Number.NEGATIVE_INFINITY;
  let at = -1;
  for (let t = 0; t < active; t++) {
    const value = low[t];
    if (value > worst) worst = value;
    const apart = best + value;
    if (!(apart > 0)) continue;
    let curvature = own + diagonal[t] - 2 * row[t];
    if (!(curvature > 0)) curvature = FLAT;
    const got = (apart * apart) / curvature;
    if (got >= gain) {
      gain = got;
      at = t;
    }
  }
  found[0] = worst;
  return at;
}

function movePair(
  { low, up, active, found }: LoopState,
  pair: { first: Float32Array; second: Float32Array; moveFirst: number; moveSecond: number },
): number {
  const { first, second, moveFirst, moveSecond } = pair;
  let least = Number.POSITIVE_INFINITY;
  let at = -1;
  for (let t = 0; t < active; t++) {
    const change = first[t] * moveFirst + second[t] * moveSecond;
    low[t] += change;
    const value = up[t] + change;
    up[t] = value;
    if (value <= least) {
      least = value;
      at = t;
    }
  }
  found[0] = least;
  return least === Number.POSITIVE_INFINITY ? -1 : at;
}
