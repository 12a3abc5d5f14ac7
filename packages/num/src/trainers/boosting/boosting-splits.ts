import { BINS, type BoostingState, MIN_HESSIAN, NODE, SPLIT } from './boosting-state.js';
import { findCategorySplit } from './category-splits.js';
import { leafValue, type NodeToSplit, writeChildren } from './split-values.js';

export function nodeToSplit(state: BoostingState, place: { side: number; slot: number; count: number }): NodeToSplit {
  const at = place.side * NODE.length;
  const { nodes } = state;
  return {
    ...place,
    gradient: nodes[at + NODE.gradient],
    hessian: nodes[at + NODE.hessian],
    value: nodes[at + NODE.value],
    lower: nodes[at + NODE.lower],
    upper: nodes[at + NODE.upper],
  };
}

/** Best split of the node on feature `f`; gain −1 when none is allowed. Gain and ties as in scikit-learn. */
export function findSplit(state: BoostingState, node: NodeToSplit, f: number): void {
  const at = (node.side * state.featureCount + f) * SPLIT.length;
  state.splits[at + SPLIT.gain] = -1;
  if (state.allowed[node.side * state.featureCount + f] === 0) return;
  if (state.categorical[f]) {
    findCategorySplit(state, node, f);
    return;
  }
  scan(state, node, f, at, false);
  if (state.hasMissing[f]) scan(state, node, f, at, true);
}

/**
 * Takes bins from one end into child `near`. Upwards missing rows stay right; downwards (`down`), which is tried only when
 * some row is missing, they stay left.
 */
function scan(state: BoostingState, node: NodeToSplit, f: number, at: number, down: boolean): void {
  const { sums, counts, splits, minSamplesLeaf, l2Regularization: l2, constantHessian } = state;
  const { gradient, hessian, count, lower, upper } = node;
  const monotone = state.monotone[f];
  const base = (node.slot * state.featureCount + f) * BINS;
  const steps = down ? state.binCounts[f] - 1 : state.binCounts[f] - 1 + state.hasMissing[f];
  const current = node.value * gradient;
  let best = splits[at + SPLIT.gain];
  let bestBin = -1;
  let bestGradient = 0;
  let bestHessian = 0;
  let bestCount = 0;
  let nearGradient = 0;
  let nearHessian = 0;
  let nearCount = 0;
  for (let step = 0; step < steps; step++) {
    const bin = down ? steps - step : step;
    const cell = base + bin;
    if (counts[cell] === 0) continue;
    nearCount += counts[cell];
    nearHessian += constantHessian ? counts[cell] : sums[2 * cell + 1];
    nearGradient += sums[2 * cell];
    if (nearCount < minSamplesLeaf) continue;
    if (count - nearCount < minSamplesLeaf) break;
    if (nearHessian < MIN_HESSIAN) continue;
    const farHessian = hessian - nearHessian;
    if (farHessian < MIN_HESSIAN) break;
    const farGradient = gradient - nearGradient;
    const near = leafValue(nearGradient, nearHessian + l2, lower, upper);
    const far = leafValue(farGradient, farHessian + l2, lower, upper);
    if (monotone !== 0 && (down ? near - far : far - near) * monotone < 0) continue;
    // Left first in both directions: ties between features are decided by the last digit, as in scikit-learn.
    const gain = down
      ? current - farGradient * far - nearGradient * near
      : current - nearGradient * near - farGradient * far;
    if (gain > best && gain > 0) {
      best = gain;
      bestBin = down ? bin - 1 : bin;
      bestGradient = down ? farGradient : nearGradient;
      bestHessian = down ? farHessian : nearHessian;
      bestCount = down ? count - nearCount : nearCount;
    }
  }
  if (bestBin < 0) return;
  splits[at + SPLIT.gain] = best;
  splits[at + SPLIT.bin] = bestBin;
  splits[at + SPLIT.missingLeft] = down ? 1 : 0;
  writeChildren(state, node, at, { gradient: bestGradient, hessian: bestHessian, count: bestCount });
}
