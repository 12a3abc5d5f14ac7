import type { Rng } from '../../random/rng.js';
import { drawRows } from './tree-sample.js';
import type { TreeTask } from './tree-task.js';

/** The rows of the tree that is being grown and what each counts; a node owns a part of `rows`, always in ascending order. */
export class TreeRows {
  readonly rows: Int32Array;
  /** Unweighted classes of at most 256: draws × 256 + class; else empty. */
  readonly packed: Uint16Array;
  /** Otherwise: draws × weight. */
  readonly weights: Float64Array;
  readonly #spare: Int32Array;
  readonly #draws: Uint8Array;
  readonly #task: TreeTask;

  constructor(task: TreeTask) {
    const { rowCount, classes, weights, width } = task;
    const pack = classes.length > 0 && weights.length === 0 && width <= 256 && rowCount < 2 ** 25;
    this.#task = task;
    this.rows = new Int32Array(rowCount);
    this.#spare = new Int32Array(rowCount);
    this.#draws = new Uint8Array(rowCount);
    this.packed = new Uint16Array(pack ? rowCount : 0);
    this.weights = new Float64Array(pack ? 0 : rowCount);
  }

  /** Draws the rows of a tree; returns how many distinct ones of positive weight there are. */
  draw(rng: Rng): number {
    const draws = this.#draws;
    const { rowCount, classes, weights } = this.#task;
    drawRows(this.#task, rng, draws);
    const packs = this.packed.length > 0;
    let kept = 0;
    for (let row = 0; row < rowCount; row++) {
      if (draws[row] === 0) continue;
      if (packs) {
        this.packed[row] = (draws[row] << 8) | classes[row];
      } else {
        const weight = weights.length > 0 ? weights[row] * draws[row] : draws[row];
        if (weight === 0) continue;
        this.weights[row] = weight;
      }
      this.rows[kept++] = row;
    }
    return kept;
  }

  /** Stats of the rows [start, end): `width` numbers, then distinct rows. Returns true when they have one target only. */
  describe(start: number, end: number, out: Float64Array): boolean {
    const { classes, targets, width } = this.#task;
    out.fill(0);
    out[width] = end - start;
    if (classes.length > 0) {
      for (let i = start; i < end; i++) {
        const row = this.rows[i];
        out[classes[row]] += this.packed.length > 0 ? this.packed[row] >>> 8 : this.weights[row];
      }
      return isPure(out, width);
    }
    const first = targets[this.rows[start]];
    let same = true;
    for (let i = start; i < end; i++) {
      const row = this.rows[i];
      const target = targets[row];
      if (target !== first) same = false;
      out[0] += this.weights[row];
      out[1] += this.weights[row] * target;
    }
    return same;
  }

  /** Σ w·y² of the rows. */
  sumSquares(start: number, end: number): number {
    const { targets } = this.#task;
    let sum = 0;
    for (let i = start; i < end; i++) sum += this.weights[this.rows[i]] * targets[this.rows[i]] ** 2;
    return sum;
  }

  /** Stable, so that rows stay in the order of memory; without a branch, which would be mispredicted. Returns the middle. */
  part(bins: Uint8Array, cut: { start: number; end: number; bin: number; missingLeft: number }): number {
    const { rows } = this;
    const spare = this.#spare;
    const goesLeft = new Uint8Array(256).fill(1, 0, cut.bin + 1);
    goesLeft[255] = cut.missingLeft;
    let low = cut.start;
    let high = 0;
    for (let i = cut.start; i < cut.end; i++) {
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
}

export function isPure(stats: Float64Array, width: number): boolean {
  let present = 0;
  for (let k = 0; k < width; k++) if (stats[k] > 0) present++;
  return present <= 1;
}
