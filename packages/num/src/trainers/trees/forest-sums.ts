import type { FeatureMatrix } from '../../linalg/matrix.js';
import { similarRows } from '../../linalg/similar-rows.js';
import type { ForestStructure } from './forest-structure.js';

/** Rows that are sorted together; more gain little. */
const SORTED_ROWS = 131_072;
/** Rows whose features stay in the fastest cache while all trees pass over them. */
const BLOCK_ROWS = 512;

/** Sum of the leaf values over the trees, row-major n × width. NaN goes where the node sends missing values. */
export function forestSums(forest: ForestStructure, x: FeatureMatrix, width: number): Float64Array {
  const { rowCount, featureCount } = x;
  const out = new Float64Array(rowCount * width);
  const nodes = packNodes(forest);
  const block = new Float32Array(BLOCK_ROWS * featureCount);
  const leaves = new Int32Array(BLOCK_ROWS);
  const columns = Array.from({ length: featureCount }, (_, f) => x.values.subarray(f * rowCount, (f + 1) * rowCount));
  for (let from = 0; from < rowCount; from += SORTED_ROWS) {
    const rows = similarRows(columns, from, Math.min(rowCount, from + SORTED_ROWS));
    for (let at = 0; at < rows.length; at += BLOCK_ROWS) {
      const part = rows.subarray(at, at + BLOCK_ROWS);
      gatherRows(columns, part, block);
      for (let t = 0; t + 1 < forest.treeStarts.length; t++) {
        walkTree(nodes, { root: NODE * forest.treeStarts[t], block, featureCount, count: part.length, leaves });
        addLeaves(forest.values, leaves, { rows: part, width, out });
      }
    }
  }
  return out;
}

/** Mean leaf distribution over the trees, row-major n × classCount. */
export function forestMeans(forest: ForestStructure, x: FeatureMatrix, width: number): Float64Array {
  const out = forestSums(forest, x, width);
  const treeCount = forest.treeStarts.length - 1;
  for (let i = 0; i < out.length; i++) out[i] /= treeCount;
  return out;
}

/** Words per node: feature (−1: leaf), threshold as Float32, place of the left child, 1 where missing values go left. */
const NODE = 4;

interface PackedNodes {
  readonly words: Int32Array;
  /** The same bytes. */
  readonly thresholds: Float32Array;
}

/** A node in one piece, so that a step reads one line of the cache. */
function packNodes({ feature, threshold, left, missingLeft }: ForestStructure): PackedNodes {
  const words = new Int32Array(NODE * feature.length);
  const thresholds = new Float32Array(words.buffer);
  for (let node = 0; node < feature.length; node++) {
    words[NODE * node] = feature[node];
    thresholds[NODE * node + 1] = threshold[node];
    words[NODE * node + 2] = NODE * left[node];
    words[NODE * node + 3] = missingLeft[node];
  }
  return { words, thresholds };
}

function gatherRows(columns: readonly Float32Array[], rows: Uint32Array, block: Float32Array): void {
  const width = columns.length;
  for (let f = 0; f < width; f++) {
    const values = columns[f];
    for (let i = 0; i < rows.length; i++) block[i * width + f] = values[rows[i]];
  }
}

/** The leaf of each row of the block. */
function walkTree(
  { words, thresholds }: PackedNodes,
  walk: { root: number; block: Float32Array; featureCount: number; count: number; leaves: Int32Array },
): void {
  const { root, block, featureCount, count, leaves } = walk;
  for (let i = 0, row = 0; i < count; i++, row += featureCount) {
    let node = root;
    let feature = words[node];
    while (feature >= 0) {
      const value = block[row + feature];
      const left = words[node + 2];
      if (value <= thresholds[node + 1]) node = left;
      else if (value > thresholds[node + 1]) node = left + NODE;
      else node = left + NODE * (1 - words[node + 3]);
      feature = words[node];
    }
    leaves[i] = node / NODE;
  }
}

function addLeaves(
  values: Float64Array,
  leaves: Int32Array,
  { rows, width, out }: { rows: Uint32Array; width: number; out: Float64Array },
): void {
  for (let i = 0; i < rows.length; i++) {
    const from = leaves[i] * width;
    const to = rows[i] * width;
    for (let k = 0; k < width; k++) out[to + k] += values[from + k];
  }
}
