import type { Rng } from '../../random/rng.js';
import type { BinnedMatrix } from './binning.js';

/** Everything a split search reads and the buffers it reuses; made once per tree, nothing is allocated per node. */
export interface SplitSearch {
  readonly binned: BinnedMatrix;
  readonly y: Int32Array;
  readonly classCount: number;
  /** Per row: bootstrap count × class weight × sample weight. */
  readonly weights: Float64Array;
  readonly minSamplesLeaf: number;
  readonly maxFeatures: number;
  readonly rng: Rng;
  /** Rows of the tree; a node owns a contiguous part. */
  readonly rows: Int32Array;
  readonly features: Int32Array;
  readonly classWeights: Float64Array;
  readonly rowsPerBin: Int32Array;
  readonly left: Float64Array;
  readonly found: { feature: number; bin: number; score: number };
}

/**
 * Looks at `maxFeatures` features drawn without replacement, and at further ones until a valid split is found, as
 * scikit-learn does. Gini: maximises Σ l²/L + Σ r²/R. Ties keep the feature drawn first and the lower bin.
 *
 * Sibling subtraction is not used here: it needs the histograms of all features in every node, and with √F features
 * drawn per node counting them all in the smaller child (F·n/2) costs more than counting the drawn ones (√F·n).
 */
export function findSplit(search: SplitSearch, node: { start: number; end: number; totals: Float64Array }): boolean {
  const { features, rng, found, maxFeatures } = search;
  found.feature = -1;
  found.score = Number.NEGATIVE_INFINITY;
  let remaining = features.length;
  for (let seen = 0; remaining > 0 && (seen < maxFeatures || found.feature < 0); seen++) {
    const drawn = rng.int(remaining--);
    const feature = features[drawn];
    features[drawn] = features[remaining];
    features[remaining] = feature;
    searchFeature(search, feature, node);
  }
  return found.feature >= 0;
}

function searchFeature(
  search: SplitSearch,
  feature: number,
  node: { start: number; end: number; totals: Float64Array },
): void {
  const { binned, y, rows, classWeights, rowsPerBin, weights, classCount } = search;
  const base = feature * binned.rowCount;
  let low = 255;
  let high = 0;
  for (let i = node.start; i < node.end; i++) {
    const row = rows[i];
    const bin = binned.bins[base + row];
    if (bin < low) low = bin;
    if (bin > high) high = bin;
    rowsPerBin[bin]++;
    classWeights[bin * classCount + y[row]] += weights[row];
  }
  if (low < high) scanBins(search, { feature, low, high, count: node.end - node.start, totals: node.totals });
  rowsPerBin.fill(0, low, high + 1);
  classWeights.fill(0, low * classCount, (high + 1) * classCount);
}

function scanBins(
  search: SplitSearch,
  range: { feature: number; low: number; high: number; count: number; totals: Float64Array },
): void {
  const { classWeights, rowsPerBin, classCount, left, found, minSamplesLeaf } = search;
  const { totals, count, high, feature } = range;
  left.fill(0);
  let rowsLeft = 0;
  for (let bin = range.low; bin < high; bin++) {
    const here = rowsPerBin[bin];
    if (here === 0) continue;
    rowsLeft += here;
    for (let k = 0; k < classCount; k++) left[k] += classWeights[bin * classCount + k];
    if (rowsLeft < minSamplesLeaf) continue;
    if (count - rowsLeft < minSamplesLeaf) return;
    let weightLeft = 0;
    let weightRight = 0;
    let squaresLeft = 0;
    let squaresRight = 0;
    for (let k = 0; k < classCount; k++) {
      const l = left[k];
      const r = totals[k] - l;
      weightLeft += l;
      weightRight += r;
      squaresLeft += l * l;
      squaresRight += r * r;
    }
    const score = squaresLeft / weightLeft + squaresRight / weightRight;
    if (score > found.score) {
      found.score = score;
      found.feature = feature;
      found.bin = bin;
    }
  }
}
