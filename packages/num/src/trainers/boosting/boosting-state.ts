import type { Meeting } from '../../parallel/meeting.js';
import type { WasmMemory } from '../../wasm/webassembly.js';
import type { Loss } from './boosting-losses.js';

/** Hessians below this sum make no child (scikit-learn's `min_hessian_to_split`). */
export const MIN_HESSIAN = 1e-3;

/** What a kernel is asked to do; see boosting-kernel.ts. */
export const COMMAND = { gradients: 0, root: 1, split: 2, update: 3, renew: 4 } as const;

/** Cells of `task`. A range of rows is half-open. */
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
  /** 1 when the root has all rows, whose numbers are still to be written. */
  everyRow: 11,
  length: 12,
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
  /** The same bins, eight features of a row side by side; see packWords. */
  readonly words: Uint8Array;
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
  /** Gradients and hessians are multiples of this, of which all sums are exact; 0: they are not rounded. */
  readonly quantum: number;
  /** K × n pairs of gradient and hessian. */
  readonly gradients: Float32Array;
  /** Row numbers by node: a child's rows stand on the other side than its parent's. */
  readonly order0: Uint32Array;
  readonly order1: Uint32Array;
  /** Slots of nodes; those of their blocks stand behind them. */
  readonly slotCount: number;
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
  readonly meeting: Meeting;
  readonly next: Int32Array;
  /** Of each member, how many of its rows go left. */
  readonly shares: Int32Array;
  /** Each member's place for rows that are counted together. */
  readonly gathered: Uint8Array;
  /** Each member's sums of whole numbers, zero between two counts. */
  readonly wholes: Uint8Array;
  /** Where all of these arrays stand; absent: TypeScript works on them. */
  readonly memory: WasmMemory | undefined;
}
