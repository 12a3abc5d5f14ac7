import { BINS, type BoostingState, MIN_HESSIAN, SET_WORDS, SPLIT } from './boosting-state.js';
import { leafValue, type NodeToSplit, writeChildren } from './split-values.js';

/** Rows (by weight of their hessian) that a category needs to be told apart, and what smooths its mean (`cat_smooth`). */
const MIN_SUPPORT = 10;
const MISSING = 255;

/**
 * Categories in order of their mean gradient are scanned from both ends up to the middle (Fisher 1958), the missing ones as
 * one of them; those with little support stay right. As scikit-learn 1.9.
 */
export function findCategorySplit(state: BoostingState, node: NodeToSplit, f: number): void {
  const base = (node.slot * state.featureCount + f) * BINS;
  const order = rankedCategories(state, node, f, base);
  if (order.length < 2) return;
  const at = (node.side * state.featureCount + f) * SPLIT.length;
  const up = scan(state, node, base, order.slice(0, (order.length + 1) >>> 1), -1);
  const down = scan(state, node, base, order.reverse().slice(0, ((order.length + 1) >>> 1) - 1), up.gain);
  const best = down.many > 0 ? down : up;
  if (best.many === 0) return;
  // `order` is reversed by now.
  const left = best === down ? order.slice(0, best.many) : order.slice(order.length - best.many);
  const set = state.sets
    .subarray((node.side * state.featureCount + f) * SET_WORDS)
    .subarray(0, SET_WORDS)
    .fill(0);
  for (const bin of left) set[bin >>> 5] |= 1 << (bin & 31);
  state.splits[at + SPLIT.gain] = best.gain;
  state.splits[at + SPLIT.bin] = 0;
  state.splits[at + SPLIT.missingLeft] = (set[MISSING >>> 5] >>> (MISSING & 31)) & 1;
  writeChildren(state, node, at, best);
}

function rankedCategories(state: BoostingState, node: NodeToSplit, f: number, base: number): number[] {
  const { sums, counts, constantHessian } = state;
  const factor = node.count / node.hessian;
  const means = new Float64Array(BINS);
  const used: number[] = [];
  const consider = (bin: number) => {
    const hessian = constantHessian ? counts[base + bin] : sums[2 * (base + bin) + 1];
    if (counts[base + bin] === 0 || hessian * factor < MIN_SUPPORT) return;
    means[bin] = sums[2 * (base + bin)] / (hessian + MIN_SUPPORT);
    used.push(bin);
  };
  for (let bin = 0; bin < state.binCounts[f]; bin++) consider(bin);
  if (state.hasMissing[f]) consider(MISSING);
  return used.sort((a, b) => means[a] - means[b] || a - b);
}

interface Found {
  readonly gain: number;
  /** How many of the bins go left; 0 when nothing beats `atLeast`. */
  readonly many: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly count: number;
}

function scan(state: BoostingState, node: NodeToSplit, base: number, bins: readonly number[], atLeast: number): Found {
  const { sums, counts, minSamplesLeaf, l2Regularization: l2, constantHessian } = state;
  const { lower, upper } = node;
  let found: Found = { gain: atLeast, many: 0, gradient: 0, hessian: 0, count: 0 };
  let gradient = 0;
  let hessian = 0;
  let count = 0;
  for (let i = 0; i < bins.length; i++) {
    const cell = base + bins[i];
    count += counts[cell];
    hessian += constantHessian ? counts[cell] : sums[2 * cell + 1];
    gradient += sums[2 * cell];
    if (count < minSamplesLeaf || hessian < MIN_HESSIAN) continue;
    if (node.count - count < minSamplesLeaf || node.hessian - hessian < MIN_HESSIAN) break;
    const left = leafValue(gradient, hessian + l2, lower, upper);
    const right = leafValue(node.gradient - gradient, node.hessian - hessian + l2, lower, upper);
    const gain = node.value * node.gradient - gradient * left - (node.gradient - gradient) * right;
    if (gain > found.gain && gain > 0) found = { gain, many: i + 1, gradient, hessian, count };
  }
  return found;
}
