import type { FeatureMatrix } from '../../linalg/matrix.js';
import { createRng } from '../../random/rng.js';
import { type ForestStructure, findLeaves } from './forest-structure.js';
import { drawRows } from './tree-sample.js';
import type { TreeTask } from './tree-task.js';

/**
 * Sum of leaf values over the trees that did not see a row, row-major n × width, and how many there are. The rows that a
 * tree saw are drawn again from its generator, which costs less than to keep them.
 */
export function outOfBagSums(
  task: TreeTask,
  forest: ForestStructure,
  { x, width }: { x: FeatureMatrix; width: number },
): { sums: Float64Array; trees: Int32Array } {
  const n = x.rowCount;
  const sums = new Float64Array(n * width);
  const trees = new Int32Array(n);
  const counts = new Uint8Array(n);
  const leaves = new Int32Array(n);
  const root = createRng(task.seed);
  for (let t = 0; t + 1 < forest.treeStarts.length; t++) {
    drawRows(task, root.fork(t), counts);
    findLeaves(forest, x, { root: forest.treeStarts[t], start: 0, end: n, leaves });
    for (let row = 0; row < n; row++) {
      if (counts[row] > 0) continue;
      trees[row]++;
      for (let k = 0; k < width; k++) sums[row * width + k] += forest.values[leaves[row] * width + k];
    }
  }
  return { sums, trees };
}
