/**
 * In the histogram of unweighted classes one number holds both the draws and, times this, the distinct rows: the sum of
 * whole numbers is exact below 2⁵³, so 2²⁵ rows fit, and a row costs one addition instead of two.
 */
const ROW_UNIT = 2 ** 28;

/** Rows of a node: a part of the tree's list. */
export interface RowSpan {
  readonly start: number;
  readonly end: number;
}

/** classes × bins: adds each row's draws and ROW_UNIT under its bin and class. `packed` = draws × 256 + class. */
export function countClasses(
  bins: Uint8Array,
  rows: Int32Array,
  { start, end }: RowSpan,
  { packed, hist, width }: { packed: Uint16Array; hist: Float64Array; width: number },
): void {
  if (width === 2) {
    for (let i = start; i < end; i++) {
      const row = rows[i];
      const own = packed[row];
      hist[(bins[row] << 1) + (own & 255)] += (own >>> 8) + ROW_UNIT;
    }
    return;
  }
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const own = packed[row];
    hist[bins[row] * width + (own & 255)] += (own >>> 8) + ROW_UNIT;
  }
}

/** (classes + 1) × bins: weight per class, then distinct rows. */
export function weighClasses(
  bins: Uint8Array,
  rows: Int32Array,
  { start, end }: RowSpan,
  { classes, weights, hist, width }: { classes: Int32Array; weights: Float64Array; hist: Float64Array; width: number },
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const at = bins[row] * (width + 1);
    hist[at + classes[row]] += weights[row];
    hist[at + width] += 1;
  }
}

/** 3 × bins: weight, weighted sum of targets, distinct rows. */
export function sumMoments(
  bins: Uint8Array,
  rows: Int32Array,
  { start, end }: RowSpan,
  { targets, weights, hist }: { targets: Float64Array; weights: Float64Array; hist: Float64Array },
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i];
    const at = bins[row] * 3;
    const weight = weights[row];
    hist[at] += weight;
    hist[at + 1] += weight * targets[row];
    hist[at + 2] += 1;
  }
}

/** Turns packed counts of the bins [low, high] into the layout of weighClasses, in `out`. */
export function unpackCounts(hist: Float64Array, out: Float64Array, width: number, low: number, high: number): void {
  for (let bin = low; bin <= high; bin++) {
    let rows = 0;
    for (let k = 0; k < width; k++) {
      const both = hist[bin * width + k];
      const distinct = Math.floor(both / ROW_UNIT);
      rows += distinct;
      out[bin * (width + 1) + k] = both - distinct * ROW_UNIT;
    }
    out[bin * (width + 1) + width] = rows;
  }
}
