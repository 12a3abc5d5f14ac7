import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { TreeNodes } from './tree-task.js';

/** One tree: node 0 is the root, `left` counts from it, and the right child is `left + 1`. */
export type Tree = TreeNodes;

/** All trees end to end. Node numbers are global; tree t owns nodes treeStarts[t] … treeStarts[t + 1] − 1, root first. */
export interface ForestStructure {
  readonly treeStarts: Int32Array;
  /** −1 in a leaf. */
  readonly feature: Int32Array;
  /** A row goes left when its Float32 value ≤ threshold. */
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1: a row whose value is NaN goes left. */
  readonly missingLeft: Uint8Array;
  readonly cover: Float64Array;
  readonly impurity: Float64Array;
  /** nodeCount × width, row-major: one value per class, or one. */
  readonly values: Float64Array;
}

/** @param width values per node */
export function joinTrees(trees: readonly Tree[], width: number): ForestStructure {
  const treeStarts = new Int32Array(trees.length + 1);
  for (let t = 0; t < trees.length; t++) treeStarts[t + 1] = treeStarts[t] + trees[t].feature.length;
  const count = treeStarts[trees.length];
  const forest = {
    treeStarts,
    feature: new Int32Array(count),
    threshold: new Float32Array(count),
    left: new Int32Array(count).fill(-1),
    right: new Int32Array(count).fill(-1),
    missingLeft: new Uint8Array(count),
    cover: new Float64Array(count),
    impurity: new Float64Array(count),
    values: new Float64Array(count * width),
  };
  for (let t = 0; t < trees.length; t++) {
    const tree = trees[t];
    const start = treeStarts[t];
    forest.feature.set(tree.feature, start);
    forest.threshold.set(tree.threshold, start);
    forest.missingLeft.set(tree.missingLeft, start);
    forest.cover.set(tree.cover, start);
    forest.impurity.set(tree.impurity, start);
    forest.values.set(tree.values, start * width);
    for (let node = 0; node < tree.feature.length; node++) {
      if (tree.feature[node] < 0) continue;
      forest.left[start + node] = tree.left[node] + start;
      forest.right[start + node] = tree.left[node] + start + 1;
    }
  }
  return Object.freeze(forest);
}

/** The leaf of one tree for each row of [start, end), into `leaves` from its beginning. */
export function findLeaves(
  { feature, threshold, left, missingLeft }: ForestStructure,
  { values, rowCount }: FeatureMatrix,
  { root, start, end, leaves }: { root: number; start: number; end: number; leaves: Int32Array },
): void {
  for (let row = start; row < end; row++) {
    let node = root;
    let f = feature[node];
    while (f >= 0) {
      const value = values[f * rowCount + row];
      if (value <= threshold[node]) node = left[node];
      else if (value > threshold[node]) node = left[node] + 1;
      else node = left[node] + 1 - missingLeft[node];
      f = feature[node];
    }
    leaves[row - start] = node;
  }
}

/** Per feature, ascending: every threshold that some tree compares it with. */
export function forestThresholds({ feature, threshold }: ForestStructure, featureCount: number): Float32Array[] {
  const seen = Array.from({ length: featureCount }, () => new Set<number>());
  for (let node = 0; node < feature.length; node++) if (feature[node] >= 0) seen[feature[node]].add(threshold[node]);
  return seen.map((values) => Float32Array.from(values).sort());
}
