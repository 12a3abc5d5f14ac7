import type { Rng } from '../../random/rng.js';
import { AbsoluteErrors } from './absolute-errors.js';
import { MISSING_BIN } from './binning-kernel.js';
import type { RowSpan } from './row-span.js';
import type { RowCut, TreeRows } from './tree-rows.js';
import { drawRows } from './tree-sample.js';
import { CRITERION, isPure, type TreeTask } from './tree-task.js';

/** Row numbers into columns that all trees share: for targets that are values, for weights, and for very wide tables. */
export class IndexedRows implements TreeRows {
  readonly exact = false;
  readonly absolute: AbsoluteErrors | undefined;
  readonly #task: TreeTask;
  readonly #rows: Int32Array;
  readonly #spare: Int32Array;
  readonly #draws: Uint8Array;
  /** Draws × weight. */
  readonly #weights: Float64Array;
  readonly #goesLeft = new Uint8Array(256);

  constructor(task: TreeTask) {
    const { rowCount } = task;
    this.#task = task;
    this.#rows = new Int32Array(rowCount);
    this.#spare = new Int32Array(rowCount);
    this.#draws = new Uint8Array(rowCount);
    this.#weights = new Float64Array(rowCount);
    if (task.criterion === CRITERION.absoluteError) {
      const { targets, bins } = task;
      this.absolute = new AbsoluteErrors({ targets, bins, rows: this.#rows, weights: this.#weights });
    }
  }

  draw(rng: Rng): number {
    const draws = this.#draws;
    const { weights } = this.#task;
    drawRows(this.#task, rng, draws);
    let kept = 0;
    for (let row = 0; row < draws.length; row++) {
      const weight = weights.length > 0 ? weights[row] * draws[row] : draws[row];
      if (weight === 0) continue;
      this.#weights[row] = weight;
      this.#rows[kept++] = row;
    }
    return kept;
  }

  describe({ start, end }: RowSpan, out: Float64Array): boolean {
    const { classes, targets, width } = this.#task;
    const rows = this.#rows;
    const weights = this.#weights;
    out.fill(0);
    out[width] = end - start;
    if (classes.length > 0) {
      for (let i = start; i < end; i++) out[classes[rows[i]]] += weights[rows[i]];
      return isPure(out, width);
    }
    const first = targets[rows[start]];
    let same = true;
    for (let i = start; i < end; i++) {
      const target = targets[rows[i]];
      if (target !== first) same = false;
      out[0] += weights[rows[i]];
      out[1] += weights[rows[i]] * target;
    }
    return same;
  }

  sumSquares({ start, end }: RowSpan): number {
    const { targets } = this.#task;
    let sum = 0;
    if (targets.length === 0) return sum;
    for (let i = start; i < end; i++) sum += this.#weights[this.#rows[i]] * targets[this.#rows[i]] ** 2;
    return sum;
  }

  extent(feature: number, { start, end }: RowSpan, out: Int32Array): void {
    const bins = this.#binsOf(feature);
    let low = 256;
    let high = -1;
    for (let i = start; i < end; i++) {
      const bin = bins[this.#rows[i]];
      if (bin === MISSING_BIN) continue;
      if (bin < low) low = bin;
      if (bin > high) high = bin;
    }
    out[0] = low;
    out[1] = high;
  }

  fill(feature: number, span: RowSpan, { out }: { out: Float64Array }): void {
    const { classes, targets, width } = this.#task;
    const bins = this.#binsOf(feature);
    if (classes.length > 0) weighClasses(bins, this.#rows, span, { classes, weights: this.#weights, out, width });
    else sumMoments(bins, this.#rows, span, { targets, weights: this.#weights, out });
  }

  /** Without a branch, which would be mispredicted. */
  part({ start, end, feature, bin, missingLeft }: RowCut): number {
    const goesLeft = this.#goesLeft;
    goesLeft.fill(1, 0, bin + 1).fill(0, bin + 1);
    goesLeft[MISSING_BIN] = missingLeft;
    const rows = this.#rows;
    const spare = this.#spare;
    const bins = this.#binsOf(feature);
    let low = start;
    let high = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i];
      const left = goesLeft[bins[row]];
      rows[low] = row;
      spare[high] = row;
      low += left;
      high += 1 - left;
    }
    rows.set(spare.subarray(0, high), low);
    return low;
  }

  #binsOf(feature: number): Uint8Array {
    const { bins, rowCount } = this.#task;
    return bins.subarray(feature * rowCount, (feature + 1) * rowCount);
  }
}

/** (classes + 1) × bins: weight per class, then distinct rows. */
function weighClasses(
  bins: Uint8Array,
  rows: Int32Array,
  { start, end }: RowSpan,
  { classes, weights, out, width }: { classes: Int32Array; weights: Float64Array; out: Float64Array; width: number },
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const at = bins[row] * (width + 1);
    out[at + classes[row]] += weights[row];
    out[at + width] += 1;
  }
}

/** 3 × bins: weight, weighted sum of targets, distinct rows. */
function sumMoments(
  bins: Uint8Array,
  rows: Int32Array,
  { start, end }: RowSpan,
  { targets, weights, out }: { targets: Float64Array; weights: Float64Array; out: Float64Array },
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const at = bins[row] * 3;
    const weight = weights[row];
    out[at] += weight;
    out[at + 1] += weight * targets[row];
    out[at + 2] += 1;
  }
}
