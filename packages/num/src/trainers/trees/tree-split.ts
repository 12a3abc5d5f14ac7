import { floorToFloat32 } from '../../linalg/float32.js';
import type { Rng } from '../../random/rng.js';
import { MISSING_BIN } from './binning-kernel.js';
import type { RowSpan } from './row-span.js';
import type { TreeRows } from './tree-rows.js';
import { proxyOf, type TreeTask } from './tree-task.js';

const BINS = 256;
/** Only missing rows are left for the other side: every value goes left. */
const LARGEST_FLOAT32 = 3.4028234663852886e38;
/** Nodes smaller than this look at their lowest and highest bin first, so that the rest need not be scanned. */
const SMALL_NODE = 512;

/** A way to part a node. `left` holds the stats of its left side, distinct rows last. */
export interface FoundSplit {
  feature: number;
  /** The last bin that goes left. */
  bin: number;
  threshold: number;
  missingLeft: number;
  score: number;
  readonly left: Float64Array;
}

/**
 * Looks at `maxFeatures` features drawn without replacement, and at further ones until a valid split is found, as
 * scikit-learn does. Ties keep the feature drawn first and the lower bin. Rows whose value is missing are tried on either
 * side, and alone against all others; where the node has none, such rows will follow the larger child.
 *
 * Sibling subtraction is not used here: it needs the histograms of all features in every node, and with √F features
 * drawn per node counting them all in the smaller child (F·n/2) costs more than counting the drawn ones (√F·n).
 */
export class SplitFinder {
  readonly found: FoundSplit;
  readonly #task: TreeTask;
  readonly #rows: TreeRows;
  readonly #features: Int32Array;
  readonly #extent = new Int32Array(2);
  readonly #stats: Float64Array;
  readonly #side: Float64Array;
  readonly #rest: Float64Array;
  #minWeightLeaf = 0;
  /** The highest bin of the node, of the feature that is being searched. */
  #high = 0;
  /** The random threshold that was drawn; NaN where the best one is wanted. */
  #wanted = Number.NaN;

  constructor(task: TreeTask, rows: TreeRows) {
    const stride = task.width + 1;
    this.#task = task;
    this.#rows = rows;
    this.#features = Int32Array.from({ length: task.featureCount }, (_, f) => f);
    this.#stats = new Float64Array(BINS * stride);
    this.#side = new Float64Array(stride);
    this.#rest = new Float64Array(stride);
    this.found = { feature: -1, bin: 0, threshold: 0, missingLeft: 0, score: 0, left: new Float64Array(stride) };
  }

  /** Before each tree: features in their first order, so that a tree does not depend on the one grown before it. */
  start(minWeightLeaf: number): void {
    this.#minWeightLeaf = minWeightLeaf;
    for (let f = 0; f < this.#features.length; f++) this.#features[f] = f;
  }

  find(span: RowSpan, total: Float64Array, rng: Rng): boolean {
    const features = this.#features;
    const { found } = this;
    found.feature = -1;
    found.score = Number.NEGATIVE_INFINITY;
    let remaining = features.length;
    for (let seen = 0; remaining > 0 && (seen < this.#task.maxFeatures || found.feature < 0); seen++) {
      const drawn = Math.floor(rng.next() * remaining--);
      const feature = features[drawn];
      features[drawn] = features[remaining];
      features[remaining] = feature;
      this.#searchFeature(feature, span, total, rng);
    }
    return found.feature >= 0;
  }

  #searchFeature(feature: number, span: RowSpan, total: Float64Array, rng: Rng): void {
    const { binCounts, hasMissing, width } = this.#task;
    let low = 0;
    let high = binCounts[feature] - 1;
    if (span.end - span.start < SMALL_NODE) {
      this.#rows.extent(feature, span, this.#extent);
      [low, high] = this.#extent;
    }
    if (low === high && hasMissing[feature] === 0) return;
    const stats = this.#stats;
    const stride = width + 1;
    this.#rows.fill(feature, span, { out: stats, low, high });
    while (low < high && stats[low * stride + width] === 0) low++;
    while (low < high && stats[high * stride + width] === 0) high--;
    this.#high = high;
    if (low <= high) {
      if (this.#task.randomThresholds) this.#drawBin({ feature, low, high }, total, rng);
      else this.#scan({ feature, low, high }, total);
    }
    stats.fill(0, low * stride, (high + 1) * stride);
    if (hasMissing[feature] === 1) stats.fill(0, MISSING_BIN * stride);
  }

  #scan({ feature, low, high }: { feature: number; low: number; high: number }, total: Float64Array): void {
    const stats = this.#stats;
    const stride = this.#task.width + 1;
    const missing = MISSING_BIN * stride;
    const someMissing = stats[missing + stride - 1] > 0;
    for (let missingLeft = 0; missingLeft <= Number(someMissing); missingLeft++) {
      this.#rows.absolute?.sweep(feature, missingLeft);
      const side = this.#side;
      for (let k = 0; k < stride; k++) side[k] = missingLeft === 1 ? stats[missing + k] : 0;
      // The last bin is an end only where missing rows are left for the other side.
      const end = someMissing && missingLeft === 0 ? high : high - 1;
      for (let bin = low; bin <= end; bin++) {
        const at = bin * stride;
        if (stats[at + stride - 1] === 0) continue;
        for (let k = 0; k < stride; k++) side[k] += stats[at + k];
        this.#offer(feature, bin, someMissing ? missingLeft : -1, total);
      }
    }
  }

  /** Extra trees: one threshold, uniform between the least and the greatest value of the node, as near as bins tell. */
  #drawBin(range: { feature: number; low: number; high: number }, total: Float64Array, rng: Rng): void {
    const { feature, low, high } = range;
    const stats = this.#stats;
    const stride = this.#task.width + 1;
    const missing = MISSING_BIN * stride;
    const someMissing = stats[missing + stride - 1] > 0;
    const draw = rng.next();
    if (low === high && !someMissing) return;
    this.#wanted = Number.NaN;
    const bin = low === high ? low : this.#binAt(range, draw);
    for (let missingLeft = 0; missingLeft <= Number(someMissing && low < high); missingLeft++) {
      this.#rows.absolute?.sweep(feature, missingLeft);
      const side = this.#side;
      for (let k = 0; k < stride; k++) side[k] = missingLeft === 1 ? stats[missing + k] : 0;
      for (let at = low * stride; at < (bin + 1) * stride; at += stride) {
        for (let k = 0; k < stride; k++) side[k] += stats[at + k];
      }
      this.#offer(feature, bin, someMissing ? missingLeft : -1, total);
    }
  }

  #binAt({ feature, low, high }: { feature: number; low: number; high: number }, draw: number): number {
    const edges = this.#task.thresholds[feature];
    const { extremes } = this.#task;
    const from = low > 0 ? edges[low - 1] : extremes[2 * feature];
    const to = high < edges.length ? edges[high] : extremes[2 * feature + 1];
    const threshold = from + draw * (to - from);
    this.#wanted = threshold;
    let bin = low;
    while (bin < high - 1 && edges[bin] < threshold) bin++;
    return bin;
  }

  /** Keeps `side` as the best split so far when it is one and beats the others. `missingLeft` −1: the node has none missing. */
  #offer(feature: number, bin: number, missingLeft: number, total: Float64Array): void {
    const side = this.#side;
    const rest = this.#rest;
    const { width, minSamplesLeaf, criterion } = this.#task;
    const { found } = this;
    const rowsLeft = side[width];
    const rowsRight = total[width] - rowsLeft;
    if (rowsLeft < minSamplesLeaf || rowsRight < minSamplesLeaf) return;
    for (let k = 0; k < width; k++) rest[k] = total[k] - side[k];
    if (this.#minWeightLeaf > 0 && !this.#heavyEnough()) return;
    const { absolute } = this.#rows;
    const score = absolute
      ? -absolute.left[bin] - absolute.right[bin]
      : proxyOf(side, width, criterion) + proxyOf(rest, width, criterion);
    if (!(score > found.score)) return;
    found.score = score;
    found.feature = feature;
    found.bin = bin;
    found.threshold = this.#thresholdAfter(feature, bin);
    found.missingLeft = missingLeft < 0 ? Number(rowsLeft > rowsRight) : missingLeft;
    found.left.set(side);
  }

  /**
   * Between the bins of the node on both sides of the split, which may be further apart than those of the whole table: in the
   * middle as in scikit-learn, or as near to the drawn threshold as no row of the node minds.
   */
  #thresholdAfter(feature: number, bin: number): number {
    const stats = this.#stats;
    const { thresholds, width } = this.#task;
    const edges = thresholds[feature];
    let next = bin + 1;
    while (next <= this.#high && stats[next * (width + 1) + width] === 0) next++;
    if (next > this.#high) return LARGEST_FLOAT32;
    const lower = edges[bin];
    const upper = edges[next - 1];
    if (Number.isNaN(this.#wanted)) return floorToFloat32(lower + (upper - lower) / 2);
    return floorToFloat32(Math.min(Math.max(this.#wanted, lower), upper));
  }

  #heavyEnough(): boolean {
    const { width, classes } = this.#task;
    const used = classes.length > 0 ? width : 1;
    let left = 0;
    let right = 0;
    for (let k = 0; k < used; k++) {
      left += this.#side[k];
      right += this.#rest[k];
    }
    return left >= this.#minWeightLeaf && right >= this.#minWeightLeaf;
  }
}
