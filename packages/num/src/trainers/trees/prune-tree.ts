import type { ForestStructure } from './forest-structure.js';
import { joinTrees } from './forest-structure.js';

/**
 * Minimal cost-complexity pruning (Breiman et al. 1984, chapter 3): as long as the weakest link — the inner node whose
 * subtree lowers the risk least per leaf — gains at most `alpha`, it becomes a leaf. Risk: impurity × share of the weight.
 */
export function pruneTree(tree: ForestStructure, { width, alpha }: { width: number; alpha: number }): ForestStructure {
  const count = tree.feature.length;
  const risk = tree.impurity.map((impurity, node) => (impurity * tree.cover[node]) / tree.cover[0]);
  const feature = tree.feature.slice();
  const subtreeRisk = new Float64Array(count);
  const leaves = new Int32Array(count);
  for (;;) {
    // Children have greater numbers than their parent, so one pass backwards sums subtrees.
    let weakest = -1;
    let least = Number.POSITIVE_INFINITY;
    const cut = hiddenNodes(tree, feature);
    for (let node = count - 1; node >= 0; node--) {
      if (cut[node] === 1) continue;
      if (feature[node] < 0) {
        subtreeRisk[node] = risk[node];
        leaves[node] = 1;
        continue;
      }
      const { [node]: left } = tree.left;
      subtreeRisk[node] = subtreeRisk[left] + subtreeRisk[left + 1];
      leaves[node] = leaves[left] + leaves[left + 1];
      const effective = (risk[node] - subtreeRisk[node]) / (leaves[node] - 1);
      if (effective <= least) {
        least = effective;
        weakest = node;
      }
    }
    if (weakest < 0 || least > alpha) break;
    feature[weakest] = -1;
  }
  return compact({ ...tree, feature }, width);
}

/** 1 for a node below one that has become a leaf. */
function hiddenNodes(tree: ForestStructure, feature: Int32Array): Uint8Array {
  const hidden = new Uint8Array(feature.length);
  for (let node = 0; node < feature.length; node++) {
    if (tree.left[node] < 0 || (feature[node] >= 0 && hidden[node] === 0)) continue;
    hidden[tree.left[node]] = 1;
    hidden[tree.left[node] + 1] = 1;
  }
  return hidden;
}

function compact(tree: ForestStructure, width: number): ForestStructure {
  const hidden = hiddenNodes(tree, tree.feature);
  const kept = Int32Array.from(tree.feature.keys()).filter((node) => hidden[node] === 0);
  const place = new Int32Array(tree.feature.length);
  kept.forEach((node, i) => {
    place[node] = i;
  });
  const pruned = {
    feature: kept.map((node) => tree.feature[node]),
    threshold: Float32Array.from(kept, (node) => tree.threshold[node]),
    left: kept.map((node) => (tree.feature[node] < 0 ? -1 : place[tree.left[node]])),
    missingLeft: Uint8Array.from(kept, (node) => tree.missingLeft[node]),
    cover: Float64Array.from(kept, (node) => tree.cover[node]),
    impurity: Float64Array.from(kept, (node) => tree.impurity[node]),
    values: Float64Array.from(
      { length: kept.length * width },
      (_, i) => tree.values[kept[Math.floor(i / width)] * width + (i % width)],
    ),
  };
  return joinTrees([pruned], width);
}
