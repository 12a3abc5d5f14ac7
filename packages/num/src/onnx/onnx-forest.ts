import type { ForestStructure } from '../trainers/trees/forest-structure.js';
import type { OnnxGraph } from './onnx-graph.js';

export interface ForestToWrite {
  readonly forest: ForestStructure;
  readonly classCount: number;
}

/**
 * TreeEnsembleClassifier whose leaves add their distribution; the sum is divided by the number of trees afterwards,
 * because sums of leaf values are exact in Float32 (see tree-grow) and pre-divided ones are not. The label output of
 * the operator is left unused: its tie rule is the runtime's own. Returns the Float32 [N, K] probabilities.
 */
export function writeForest(graph: OnnxGraph, model: ForestToWrite, features: string): string {
  const { forest, classCount } = model;
  const treeCount = forest.treeStarts.length - 1;
  const count = forest.feature.length;
  const tree = new Int32Array(count);
  const local = new Int32Array(count);
  for (let t = 0; t < treeCount; t++) {
    for (let node = forest.treeStarts[t]; node < forest.treeStarts[t + 1]; node++) {
      tree[node] = t;
      local[node] = node - forest.treeStarts[t];
    }
  }
  const child = (side: Int32Array) => side.map((node) => (node < 0 ? 0 : local[node]));
  const entries = leafEntries(model);
  const sum = graph.fresh('forest_sum');
  graph.node({
    op: 'TreeEnsembleClassifier',
    ml: true,
    inputs: [features],
    output: [graph.fresh('forest_label'), sum],
    attributes: {
      nodes_treeids: { ints: tree },
      nodes_nodeids: { ints: local },
      nodes_featureids: { ints: forest.feature.map((feature) => Math.max(feature, 0)) },
      nodes_values: { floats: forest.threshold },
      nodes_modes: { strings: Array.from(forest.feature, (feature) => (feature < 0 ? 'LEAF' : 'BRANCH_LEQ')) },
      nodes_truenodeids: { ints: child(forest.left) },
      nodes_falsenodeids: { ints: child(forest.right) },
      class_treeids: { ints: entries.map(({ node }) => tree[node]) },
      class_nodeids: { ints: entries.map(({ node }) => local[node]) },
      class_ids: { ints: entries.map(({ code }) => code) },
      class_weights: {
        floats: Float32Array.from(entries, ({ node, code }) => forest.values[node * classCount + code]),
      },
      classlabels_int64s: { ints: Array.from({ length: classCount }, (_, k) => k) },
      post_transform: { string: 'NONE' },
    },
  });
  const trees = graph.constant(Float32Array.of(treeCount), [1]);
  return graph.node({ op: 'Div', inputs: [sum, trees] });
}

/**
 * Leaf and class of every value to write, zeros too: leaving them out makes a file a third smaller, but when a row
 * meets one class only, ONNX Runtime 1.30 takes the scores for binary ones and gives sums such as 2 (measured).
 */
function leafEntries({ forest, classCount }: ForestToWrite): { node: number; code: number }[] {
  const entries: { node: number; code: number }[] = [];
  for (let node = 0; node < forest.feature.length; node++) {
    for (let code = 0; forest.feature[node] < 0 && code < classCount; code++) entries.push({ node, code });
  }
  return entries;
}
