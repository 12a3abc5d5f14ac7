import { MISSING_BIN } from './binning-kernel.js';
import type { RowSpan } from './row-span.js';

const BINS = 256;

export interface AbsoluteErrorsInput {
  readonly targets: Float64Array;
  /** Row numbers of the tree and what each row weighs; both are read when a node is entered. */
  readonly rows: Int32Array;
  readonly weights: Float64Array;
  /** Feature-major bins. */
  readonly bins: Uint8Array;
}

/**
 * Σ w·|y − median| of a node and of both sides of each of its splits. Rows are added bin by bin at their rank among the
 * node's targets to a tree of partial sums (Fenwick 1994), which answers for the median of what it holds: O(log n) a row,
 * as scikit-learn does.
 */
export class AbsoluteErrors {
  /** Weighted median of the node, the mean of two where one falls between them, and the node's error. */
  median = 0;
  error = 0;
  /** After `sweep`: error of rows in bins ≤ b and of those in bins > b, with missing rows on the side asked for. */
  readonly left = new Float64Array(BINS);
  readonly right = new Float64Array(BINS);
  readonly #input: AbsoluteErrorsInput;
  readonly #rankOfRow: Uint32Array;
  readonly #rowOfRank: Uint32Array;
  /** Of the node: rows in order of their target; of a row's rank, its place there. */
  readonly #sorted: Uint32Array;
  readonly #placeOfRank: Uint32Array;
  /** Places of the node's rows, bin by bin. */
  readonly #byBin: Uint32Array;
  readonly #starts = new Uint32Array(BINS + 1);
  readonly #weights: Float64Array;
  readonly #moments: Float64Array;
  #span: RowSpan = { start: 0, end: 0 };
  #weight = 0;
  #moment = 0;

  constructor(input: AbsoluteErrorsInput) {
    const { targets } = input;
    const n = targets.length;
    this.#input = input;
    this.#rowOfRank = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => targets[a] - targets[b] || a - b);
    this.#rankOfRow = new Uint32Array(n);
    for (let rank = 0; rank < n; rank++) this.#rankOfRow[this.#rowOfRank[rank]] = rank;
    this.#sorted = new Uint32Array(n);
    this.#placeOfRank = new Uint32Array(n);
    this.#byBin = new Uint32Array(n);
    this.#weights = new Float64Array(n + 1);
    this.#moments = new Float64Array(n + 1);
  }

  /** The node whose errors are asked for from now on. */
  enter(span: RowSpan): void {
    const { rows, weights, targets } = this.#input;
    const many = span.end - span.start;
    this.#span = span;
    const sorted = this.#sorted.subarray(0, many);
    for (let i = 0; i < many; i++) sorted[i] = this.#rankOfRow[rows[span.start + i]];
    sorted.sort();
    let total = 0;
    for (let place = 0; place < many; place++) {
      this.#placeOfRank[sorted[place]] = place;
      sorted[place] = this.#rowOfRank[sorted[place]];
      total += weights[sorted[place]];
    }
    let before = 0;
    let place = 0;
    while (place < many - 1 && before + weights[sorted[place]] < total / 2) before += weights[sorted[place++]];
    const between = place < many - 1 && before + weights[sorted[place]] === total / 2;
    const value = targets[sorted[place]];
    this.median = between ? (value + targets[sorted[place + 1]]) / 2 : value;
    this.error = 0;
    for (const row of sorted) this.error += weights[row] * Math.abs(targets[row] - this.median);
  }

  /** Fills `left` and `right` for the bins of `feature` that the node has. */
  sweep(feature: number, missingLeft: number): void {
    this.#sortByBin(feature);
    this.#clear();
    if (missingLeft === 1) this.#addBin(MISSING_BIN);
    for (let bin = 0; bin < MISSING_BIN; bin++) if (this.#addBin(bin)) this.left[bin] = this.#heldError();
    this.#clear();
    if (missingLeft === 0) this.#addBin(MISSING_BIN);
    let above = this.#heldError();
    for (let bin = MISSING_BIN - 1; bin >= 0; bin--) {
      this.right[bin] = above;
      if (this.#addBin(bin)) above = this.#heldError();
    }
  }

  #sortByBin(feature: number): void {
    const { rows, bins, targets } = this.#input;
    const { start, end } = this.#span;
    const column = feature * targets.length;
    const starts = this.#starts.fill(0);
    for (let i = start; i < end; i++) starts[bins[column + rows[i]] + 1]++;
    for (let bin = 0; bin < BINS; bin++) starts[bin + 1] += starts[bin];
    const next = starts.slice(0, BINS);
    for (let i = start; i < end; i++) {
      const row = rows[i];
      this.#byBin[next[bins[column + row]]++] = this.#placeOfRank[this.#rankOfRow[row]];
    }
  }

  #clear(): void {
    const size = this.#span.end - this.#span.start;
    this.#weights.fill(0, 0, size + 1);
    this.#moments.fill(0, 0, size + 1);
    this.#weight = 0;
    this.#moment = 0;
  }

  /** False when the bin has no row. */
  #addBin(bin: number): boolean {
    const { weights, targets } = this.#input;
    const size = this.#span.end - this.#span.start;
    const [from, to] = [this.#starts[bin], this.#starts[bin + 1]];
    for (let i = from; i < to; i++) {
      const place = this.#byBin[i];
      const row = this.#sorted[place];
      const weight = weights[row];
      const moment = weight * targets[row];
      this.#weight += weight;
      this.#moment += moment;
      for (let at = place + 1; at <= size; at += at & -at) {
        this.#weights[at] += weight;
        this.#moments[at] += moment;
      }
    }
    return to > from;
  }

  /** Error of the rows that are held, by sums below and above their median; between two medians it does not change. */
  #heldError(): number {
    const size = this.#span.end - this.#span.start;
    const half = this.#weight / 2;
    let place = 0;
    let below = 0;
    let belowMoment = 0;
    for (let step = 1 << (31 - Math.clz32(size)); step > 0; step >>>= 1) {
      const next = place + step;
      if (next >= size || below + this.#weights[next] > half) continue;
      place = next;
      below += this.#weights[next];
      belowMoment += this.#moments[next];
    }
    const median = this.#input.targets[this.#sorted[place]];
    return this.#moment - belowMoment - median * (this.#weight - below) + (median * below - belowMoment);
  }
}
