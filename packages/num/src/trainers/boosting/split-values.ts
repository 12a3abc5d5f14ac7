import { type BoostingState, SPLIT } from './boosting-state.js';

/** One node whose split is looked for: its sums and the bounds of its children's values. */
export interface NodeToSplit {
  /** 0 left or root, 1 right: place of its answers in `splits`. */
  readonly side: number;
  readonly slot: number;
  readonly count: number;
  readonly gradient: number;
  readonly hessian: number;
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/** Newton step of a leaf, kept within the bounds that monotone ancestors set. */
export function leafValue(gradient: number, regularised: number, lower: number, upper: number): number {
  const value = -gradient / (regularised + 1e-15);
  return Math.max(lower, Math.min(value, upper));
}

export function writeChildren(
  { splits, l2Regularization: l2 }: BoostingState,
  { gradient, hessian, lower, upper }: NodeToSplit,
  at: number,
  left: { gradient: number; hessian: number; count: number },
): void {
  splits[at + SPLIT.gradientLeft] = left.gradient;
  splits[at + SPLIT.hessianLeft] = left.hessian;
  splits[at + SPLIT.countLeft] = left.count;
  splits[at + SPLIT.valueLeft] = leafValue(left.gradient, left.hessian + l2, lower, upper);
  splits[at + SPLIT.valueRight] = leafValue(gradient - left.gradient, hessian - left.hessian + l2, lower, upper);
}
