import type { Loss } from './boosting-losses.js';

/** Hessians below this sum make no child (scikit-learn's `min_hessian_to_split`). */
export const MIN_HESSIAN = 1e-3;

/** What a kernel is asked to do; see boosting-kernel.ts. */
export const COMMAND = { gradients: 0, root: 1, split: 2, update: 3, renew: 4 } as const;

/** Cells of `task`. A range of rows is half-open; side −1 means that the rows of a range are their own numbers. */
export const TASK = {
  start: 0,
  middle: 1,
  end: 2,
  side: 3,
  feature: 4,
  parentSlot: 5,
  smallSlot: 6,
  wantLeft: 7,
  wantRight: 8,
  leafCount: 9,
  /** 1 when the parent's histograms were not kept and both children are counted. */
  countBoth: 10,
  length: 11,
} as const;

/** Fields of one side (0 left or root, 1 right) in `nodes`. */
export const NODE = { gradient: 0, hessian: 1, value: 2, lower: 3, upper: 4, length: 5 } as const;

/** Fields of one candidate in `splits`. */
export const SPLIT = {
  gain: 0,
  bin: 1,
  missingLeft: 2,
  gradientLeft: 3,
  hessianLeft: 4,
  countLeft: 5,
  valueLeft: 6,
  valueRight: 7,
  length: 8,
} as const;

/** Bins of a histogram: 0..254 for values, 255 for missing ones. */
export const BINS = 256;
/** Words of a set of bins. */
export const SET_WORDS = 8;

/** Everything that the threads of one fit share. n rows, F features, K trees per iteration. */
export interface BoostingState {
  readonly rowCount: number;
  readonly featureCount: number;
  readonly outputCount: number;
  /** F × n bins. */
  readonly bins: Uint8Array;
  /** The same bins, three features to a word; see count-triples.ts. */
  readonly packed: Int32Array;
  readonly binCounts: Int32Array;
  readonly hasMissing: Uint8Array;
  readonly categorical: Uint8Array;
  /** 1 the answer must not fall with the feature, −1 it must not rise. */
  readonly monotone: Int8Array;
  readonly loss: Loss;
  readonly constantHessian: boolean;
  readonly minSamplesLeaf: number;
  readonly l2Regularization: number;
  readonly learningRate: number;
  readonly target: Float64Array;
  /** Absent: every row weighs 1. */
  readonly weights: Float64Array | undefined;
  /** K × n: what the trees so far say, before the link. */
  readonly raw: Float64Array;
  /** K × n pairs of gradient and hessian; with constant hessians K × n gradients. */
  readonly gradients: Float32Array;
  /** The pairs of the rows of the child that is being counted, in its order. */
  readonly gathered: Float32Array;
  /** Row numbers by node: a child's rows stand on the other side than its parent's. */
  readonly order0: Uint32Array;
  readonly order1: Uint32Array;
  /** Per slot, feature and bin: sums of gradients and hessians, in pairs. */
  readonly sums: Float64Array;
  readonly counts: Int32Array;
  readonly task: Int32Array;
  readonly nodes: Float64Array;
  /** 1 for the bins of `task.feature` that go left. */
  readonly goesLeft: Uint8Array;
  /** Features of the tree that is being grown, and of each side those that may split it. */
  readonly treeFeatures: Uint8Array;
  readonly allowed: Uint8Array;
  /** 2 × F candidates, and their sets of categories. */
  readonly splits: Float64Array;
  readonly sets: Uint32Array;
  /** Start, end and side of each leaf, and its value. */
  readonly leaves: Int32Array;
  readonly leafValues: Float64Array;
  readonly scratch: Float64Array;
  readonly meeting: Int32Array;
  readonly next: Int32Array;
}

/** Waits until all members have come here. Spins first: members arrive within microseconds of each other. */
export function meet(cells: Int32Array, size: number): void {
  if (size < 2) return;
  const generation = Atomics.load(cells, 1);
  if (Atomics.add(cells, 0, 1) === size - 1) {
    Atomics.store(cells, 0, 0);
    Atomics.add(cells, 1, 1);
    Atomics.notify(cells, 1);
    return;
  }
  for (let spin = 0; spin < 4000; spin++) if (Atomics.load(cells, 1) !== generation) return;
  while (Atomics.load(cells, 1) === generation) Atomics.wait(cells, 1, generation);
}
