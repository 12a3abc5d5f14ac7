import type { Rng } from '../../random/rng.js';
import { MISSING_BIN } from './binning-kernel.js';
import type { RowSpan } from './row-span.js';
import type { RowCut, TreeRows } from './tree-rows.js';
import { drawRows } from './tree-sample.js';
import { isPure, type TreeTask } from './tree-task.js';

/**
 * One number of a histogram holds both draws and, times this, distinct rows: the sum of whole numbers is exact below 2⁵³, so
 * 2²⁵ rows fit, and a row costs one addition instead of two.
 */
const ROW_UNIT = 2 ** 28;
export const PACKED_ROW_LIMIT = 2 ** 25;

/** Bytes of a row: its bins, then draws and class in the last two; a multiple of 4. */
export function recordSize(featureCount: number): number {
  return Math.ceil((featureCount + 2) / 4) * 4;
}

/** All rows of unweighted classes as records, with 1 draw each. */
export function packRecords(records: Uint8Array, bins: Uint8Array, y: Int32Array): void {
  const rowCount = y.length;
  const size = records.length / rowCount;
  const featureCount = bins.length / rowCount;
  for (let f = 0; f < featureCount; f++) {
    for (let row = 0; row < rowCount; row++) records[row * size + f] = bins[f * rowCount + row];
  }
  for (let row = 0; row < rowCount; row++) {
    records[row * size + size - 2] = 1;
    records[row * size + size - 1] = y[row];
  }
}

/**
 * Rows of unweighted classes, moved bodily: a node reads its bins from one place in memory, in order. Row numbers into shared
 * columns instead cost a cache miss per row and feature in all but the first levels (3 to 4 times as long at 1 M rows).
 */
export class PackedRows implements TreeRows {
  readonly exact = true;
  readonly absolute = undefined;
  readonly #task: TreeTask;
  readonly #size: number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #spare: Int32Array;
  readonly #all: Int32Array;
  readonly #draws: Uint8Array;
  readonly #hist: Float64Array;
  readonly #goesLeft = new Uint8Array(256);

  constructor(task: TreeTask) {
    const { records, rowCount, width } = task;
    const rows = task.bootstrap ? Math.min(rowCount, task.draws) : rowCount;
    this.#task = task;
    this.#size = records.length / rowCount;
    this.#words = new Int32Array((rows * this.#size) / 4);
    this.#bytes = new Uint8Array(this.#words.buffer);
    this.#spare = new Int32Array(this.#words.length);
    this.#all = new Int32Array(records.buffer, records.byteOffset, records.length / 4);
    this.#draws = new Uint8Array(rowCount);
    this.#hist = new Float64Array(256 * width);
  }

  draw(rng: Rng): number {
    const draws = this.#draws;
    const words = this.#words;
    const bytes = this.#bytes;
    const all = this.#all;
    const size = this.#size;
    const wordCount = size >> 2;
    drawRows(this.#task, rng, draws);
    let kept = 0;
    for (let row = 0; row < draws.length; row++) {
      if (draws[row] === 0) continue;
      for (let w = 0; w < wordCount; w++) words[kept * wordCount + w] = all[row * wordCount + w];
      bytes[kept * size + size - 2] = draws[row];
      kept++;
    }
    return kept;
  }

  describe({ start, end }: RowSpan, out: Float64Array): boolean {
    const bytes = this.#bytes;
    const size = this.#size;
    const { width } = this.#task;
    out.fill(0);
    out[width] = end - start;
    for (let at = start * size; at < end * size; at += size) out[bytes[at + size - 1]] += bytes[at + size - 2];
    return isPure(out, width);
  }

  sumSquares(): number {
    return 0;
  }

  extent(feature: number, { start, end }: RowSpan, out: Int32Array): void {
    const bytes = this.#bytes;
    const size = this.#size;
    let low = 256;
    let high = -1;
    for (let at = start * size + feature; at < end * size; at += size) {
      const bin = bytes[at];
      if (bin === MISSING_BIN) continue;
      if (bin < low) low = bin;
      if (bin > high) high = bin;
    }
    out[0] = low;
    out[1] = high;
  }

  fill(feature: number, span: RowSpan, { out, low, high }: { out: Float64Array; low: number; high: number }): void {
    const hist = this.#hist;
    const { width } = this.#task;
    const size = this.#size;
    countRecords(this.#bytes, { from: span.start * size, to: span.end * size, size, feature }, hist, width);
    unpack(hist, out, { width, low, high });
    unpack(hist, out, { width, low: MISSING_BIN, high: MISSING_BIN });
  }

  part({ start, end, feature, bin, missingLeft }: RowCut): number {
    const goesLeft = this.#goesLeft;
    goesLeft.fill(1, 0, bin + 1).fill(0, bin + 1);
    goesLeft[MISSING_BIN] = missingLeft;
    const wordCount = this.#size >> 2;
    const moved =
      wordCount === 2
        ? partPairs(this.#bytes, this.#words, this.#spare, { start, end, feature, goesLeft })
        : partRecords(this.#bytes, this.#words, this.#spare, { start, end, feature, goesLeft, wordCount });
    const middle = end - moved;
    this.#words.set(this.#spare.subarray(0, moved * wordCount), middle * wordCount);
    return middle;
  }
}

function countRecords(
  bytes: Uint8Array,
  { from, to, size, feature }: { from: number; to: number; size: number; feature: number },
  hist: Float64Array,
  width: number,
): void {
  const atDraws = size - 2;
  const atClass = size - 1;
  if (width === 2) {
    for (let at = from; at < to; at += size) {
      hist[(bytes[at + feature] << 1) + bytes[at + atClass]] += bytes[at + atDraws] + ROW_UNIT;
    }
    return;
  }
  for (let at = from; at < to; at += size) {
    hist[bytes[at + feature] * width + bytes[at + atClass]] += bytes[at + atDraws] + ROW_UNIT;
  }
}

/** Moves packed counts of some bins to draws per class and distinct rows, and leaves zeros behind. */
function unpack(
  hist: Float64Array,
  out: Float64Array,
  { width, low, high }: { width: number; low: number; high: number },
): void {
  for (let bin = low; bin <= high; bin++) {
    let rows = 0;
    for (let k = 0; k < width; k++) {
      const both = hist[bin * width + k];
      const distinct = Math.floor(both / ROW_UNIT);
      rows += distinct;
      out[bin * (width + 1) + k] = both - distinct * ROW_UNIT;
      hist[bin * width + k] = 0;
    }
    out[bin * (width + 1) + width] = rows;
  }
}

interface Moving extends RowSpan {
  readonly feature: number;
  readonly goesLeft: Uint8Array;
}

/** Writes each row to both places and steps one: no branch that could be mispredicted. Returns rows in `spare`. */
function partPairs(
  bytes: Uint8Array,
  words: Int32Array,
  spare: Int32Array,
  { start, end, feature, goesLeft }: Moving,
): number {
  let low = 2 * start;
  let high = 0;
  for (let i = start; i < end; i++) {
    const left = goesLeft[bytes[8 * i + feature]] << 1;
    const first = words[2 * i];
    const second = words[2 * i + 1];
    words[low] = first;
    words[low + 1] = second;
    spare[high] = first;
    spare[high + 1] = second;
    low += left;
    high += 2 - left;
  }
  return high >> 1;
}

function partRecords(
  bytes: Uint8Array,
  words: Int32Array,
  spare: Int32Array,
  { start, end, feature, goesLeft, wordCount }: Moving & { wordCount: number },
): number {
  let low = start * wordCount;
  let high = 0;
  for (let i = start; i < end; i++) {
    const at = i * wordCount;
    const left = goesLeft[bytes[4 * at + feature]];
    if (left === 1) {
      for (let w = 0; w < wordCount; w++) words[low + w] = words[at + w];
      low += wordCount;
    } else {
      for (let w = 0; w < wordCount; w++) spare[high + w] = words[at + w];
      high += wordCount;
    }
  }
  return high / wordCount;
}
