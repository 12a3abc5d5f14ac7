import type { BoostingState } from './boosting-state.js';

/** Neighbouring features whose bins stand in one word. */
export interface FeatureRun {
  readonly first: number;
  readonly width: number;
}

/** Places [start, end) of an order. */
export interface RowRange {
  readonly order: Uint32Array;
  readonly start: number;
  readonly end: number;
  /** Place i has row i. */
  readonly inOrder?: boolean;
}

/** Rows [first, last) of `from` that are parted by the bins of `feature`. */
export interface RowsToPart {
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  readonly feature: number;
  readonly first: number;
  readonly last: number;
}

/** Where the next row of each child goes; backwards: one above. */
export interface PartPlaces {
  readonly left: number;
  readonly right: number;
}

export interface PlaceToCount {
  readonly slot: number;
  readonly output: number;
  /** Whose part of `gathered` and `wholes` may be used. */
  readonly member: number;
}

/** The inner loops of a fit over its state. WebAssembly and TypeScript give the same bits. */
export interface BoostingRoutines {
  /** Gradients and hessians of rows [from, to) of every output; `from` is even. */
  writeGradients(from: number, to: number): void;
  /** order[i] = i for i in [from, to). */
  numberRows(order: Uint32Array, from: number, to: number): void;
  /** Adds the rows' pairs, of `output`, to the histograms of a run of features in `slot`; counts too unless hessians are 1. */
  countRun(rows: RowRange, run: FeatureRun, at: PlaceToCount): void;
  /** Rows to their children's places in their order. Answers the place after the last that went left. */
  partForward(rows: RowsToPart, places: PartPlaces): number;
  /** From the last row to the first. Answers the lowest place of one that went left. */
  partBackward(rows: RowsToPart, places: PartPlaces): number;
  countLeft(rows: RowsToPart): number;
  /** Adds `value` to what the trees so far say of the rows. */
  addToRows(rows: RowRange, output: number, value: number): void;
}

/** Bins of a row that stand in one word of `state.words`. */
export const WORD_FEATURES = 8;

/** Bytes of `gathered` that each member has. */
export const GATHERED_BYTES = 4096;
/** Bytes of `wholes` that each member has: two numbers for each bin of a word's features. */
export const WHOLES_BYTES = 16 * 256 * WORD_FEATURES;

/** Byte number of a row's bins in `state.words`: features 8g … 8g + 7 of all rows, then the next eight. */
export function wordsStart(state: Pick<BoostingState, 'rowCount'>, feature: number): number {
  return Math.floor(feature / WORD_FEATURES) * WORD_FEATURES * state.rowCount;
}

/** A row that is picked out costs one cache line for eight features. */
export function packWords(bins: Uint8Array, words: Uint8Array, rowCount: number): void {
  const featureCount = bins.length / rowCount;
  for (let f = 0; f < featureCount; f++) {
    const column = f * rowCount;
    let at = wordsStart({ rowCount }, f) + (f % WORD_FEATURES);
    for (let row = 0; row < rowCount; row++, at += WORD_FEATURES) words[at] = bins[column + row];
  }
}
