import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { Tree } from './tree-grow.js';

/** All trees end to end. Node numbers are global; tree t owns nodes treeStarts[t] … treeStarts[t + 1] − 1, root first. */
export interface ForestStructure {
  readonly treeStarts: Int32Array;
  /** −1 in a leaf. */
  readonly feature: Int32Array;
  /** A row goes left when its Float32 value ≤ threshold. */
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly cover: Float64Array;
  /** nodeCount × classCount, row-major. */
  readonly values: Float64Array;
}

export function joinTrees(trees: readonly Tree[], classCount: number): ForestStructure {
  const treeStarts = new Int32Array(trees.length + 1);
  for (let t = 0; t < trees.length; t++) treeStarts[t + 1] = treeStarts[t] + trees[t].feature.length;
  const count = treeStarts[trees.length];
  const forest = {
    treeStarts,
    feature: new Int32Array(count),
    threshold: new Float32Array(count),
    left: new Int32Array(count).fill(-1),
    right: new Int32Array(count).fill(-1),
    cover: new Float64Array(count),
    values: new Float64Array(count * classCount),
  };
  for (let t = 0; t < trees.length; t++) {
    const tree = trees[t];
    const start = treeStarts[t];
    forest.feature.set(tree.feature, start);
    forest.threshold.set(tree.threshold, start);
    forest.cover.set(tree.cover, start);
    forest.values.set(tree.values, start * classCount);
    for (let node = 0; node < tree.feature.length; node++) {
      if (tree.feature[node] < 0) continue;
      forest.left[start + node] = tree.left[node] + start;
      forest.right[start + node] = tree.right[node] + start;
    }
  }
  return Object.freeze(forest);
}

/** Mean leaf distribution over the trees, row-major n × classCount. */
export function forestProbabilities(forest: ForestStructure, x: FeatureMatrix, classCount: number): Float64Array {
  const { treeStarts, feature, threshold, left, right, values } = forest;
  const n = x.rowCount;
  const treeCount = treeStarts.length - 1;
  const out = new Float64Array(n * classCount);
  for (let t = 0; t < treeCount; t++) {
    for (let row = 0; row < n; row++) {
      let node = treeStarts[t];
      while (feature[node] >= 0) {
        node = x.values[feature[node] * n + row] <= threshold[node] ? left[node] : right[node];
      }
      for (let k = 0; k < classCount; k++) out[row * classCount + k] += values[node * classCount + k];
    }
  }
  for (let i = 0; i < out.length; i++) out[i] /= treeCount;
  return out;
}

/** Per feature, ascending: every threshold that some tree compares it with. */
export function forestThresholds({ feature, threshold }: ForestStructure, featureCount: number): Float32Array[] {
  const seen = Array.from({ length: featureCount }, () => new Set<number>());
  for (let node = 0; node < feature.length; node++) if (feature[node] >= 0) seen[feature[node]].add(threshold[node]);
  return seen.map((values) => Float32Array.from(values).sort());
}
