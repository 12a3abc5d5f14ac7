import type { FeatureMatrix } from '../../linalg/matrix.js';
import { type BoostedTrees, FLAG } from './boosted-trees.js';

/** Rows that are walked through all trees before the next ones: their values stay in the first cache. */
const BLOCK_ROWS = 512;

/** Sums of leaf values over the baseline, output-major (K × n), before the link. */
export function predictRaw(
  trees: BoostedTrees,
  x: FeatureMatrix,
  { baseline, categoryCounts }: { baseline: Float64Array; categoryCounts: Int32Array },
): Float64Array {
  const { rowCount, featureCount } = x;
  const outputCount = baseline.length;
  const raw = new Float64Array(rowCount * outputCount);
  for (let k = 0; k < outputCount; k++) raw.fill(baseline[k], k * rowCount, (k + 1) * rowCount);
  const rows = new Float32Array(BLOCK_ROWS * featureCount);
  const plain = trees.flags.every((flags) => (flags & FLAG.categorical) === 0);
  for (let start = 0; start < rowCount; start += BLOCK_ROWS) {
    const many = Math.min(BLOCK_ROWS, rowCount - start);
    const missing = copyRows(x, { start, many, rows });
    for (let t = 0; t + 1 < trees.treeStarts.length; t++) {
      const at = (t % outputCount) * rowCount + start;
      const out = raw.subarray(at, at + many);
      if (plain && !missing) addPlainTree(trees, trees.treeStarts[t], { rows, featureCount, out });
      else addTree(trees, trees.treeStarts[t], { rows, featureCount, out }, categoryCounts);
    }
  }
  return raw;
}

/** Turns feature-major into row-major; true when a value is missing. */
function copyRows(
  { values, rowCount, featureCount }: FeatureMatrix,
  { start, many, rows }: { start: number; many: number; rows: Float32Array },
): boolean {
  let missing = false;
  for (let f = 0; f < featureCount; f++) {
    const from = f * rowCount + start;
    for (let i = 0; i < many; i++) {
      const value = values[from + i];
      if (Number.isNaN(value)) missing = true;
      rows[i * featureCount + f] = value;
    }
  }
  return missing;
}

interface BlockOfRows {
  readonly rows: Float32Array;
  readonly featureCount: number;
  readonly out: Float64Array;
}

function addPlainTree(trees: BoostedTrees, root: number, { rows, featureCount, out }: BlockOfRows): void {
  const { feature, threshold, left, value } = trees;
  for (let i = 0, at = 0; i < out.length; i++, at += featureCount) {
    let node = root;
    for (let f = feature[node]; f >= 0; f = feature[node]) {
      node = left[node] + (rows[at + f] <= threshold[node] ? 0 : 1);
    }
    out[i] += value[node];
  }
}

function addTree(
  trees: BoostedTrees,
  root: number,
  { rows, featureCount, out }: BlockOfRows,
  categoryCounts: Int32Array,
): void {
  const { feature, threshold, left, value, flags, set, sets } = trees;
  for (let i = 0, at = 0; i < out.length; i++, at += featureCount) {
    let node = root;
    for (let f = feature[node]; f >= 0; f = feature[node]) {
      const x = rows[at + f];
      const flag = flags[node];
      let right: number;
      if ((flag & FLAG.categorical) === 0) {
        // NaN is neither ≤ nor >.
        right = flag & FLAG.missingLeft ? (x > threshold[node] ? 1 : 0) : x <= threshold[node] ? 0 : 1;
      } else {
        const code = x | 0;
        // A code that training did not know goes where missing values go.
        const known = code === x && code >= 0 && code < categoryCounts[f];
        right = known ? 1 - ((sets[set[node] + (code >>> 5)] >>> (code & 31)) & 1) : 1 - (flag & FLAG.missingLeft);
      }
      node = left[node] + right;
    }
    out[i] += value[node];
  }
}
