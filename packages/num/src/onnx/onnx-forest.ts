import type { ForestStructure } from '../trainers/trees/forest-structure.js';
import type { OnnxGraph } from './onnx-graph.js';

export interface ForestToWrite {
  readonly forest: ForestStructure;
  /** Values of each leaf. */
  readonly width: number;
}

/**
 * Mean leaf distribution. Sums of leaf values are exact in Float32 (see tree-grow) and pre-divided ones are not, so the
 * division comes last. Of two classes only the second is summed, and the first is what is left. Returns the Float32 [N, K]
 * probabilities.
 */
export function writeForestProbabilities(graph: OnnxGraph, model: ForestToWrite, features: string): string {
  const trees = graph.constant(Float32Array.of(model.forest.treeStarts.length - 1), [1]);
  if (model.width !== 2) return graph.node({ op: 'Div', inputs: [writeTreeSums(graph, model, features), trees] });
  const { forest } = model;
  const values = forest.cover.map((_, node) => forest.values[2 * node + 1]);
  const second = writeTreeSums(graph, { forest: { ...forest, values }, width: 1 }, features);
  const first = graph.node({ op: 'Sub', inputs: [trees, second] });
  const both = graph.node({ op: 'Concat', inputs: [first, second], attributes: { axis: { int: 1 } } });
  return graph.node({ op: 'Div', inputs: [both, trees] });
}

/** `base` plus the mean of the leaves; Float32 [N, 1]. */
export function writeForestMean(
  graph: OnnxGraph,
  model: ForestToWrite,
  { features, base }: { features: string; base: number },
): string {
  const trees = graph.constant(Float32Array.of(model.forest.treeStarts.length - 1), [1]);
  const mean = graph.node({ op: 'Div', inputs: [writeTreeSums(graph, model, features), trees] });
  return graph.node({ op: 'Add', inputs: [mean, graph.constant(Float32Array.of(base), [1])] });
}

/** 2^(−mean path ÷ pathScale) − threshold; Float32 [N, 1]. */
export function writeIsolationScores(
  graph: OnnxGraph,
  model: ForestToWrite,
  { features, pathScale, threshold }: { features: string; pathScale: number; threshold: number },
): string {
  const scale = -(model.forest.treeStarts.length - 1) * pathScale;
  const exponent = graph.node({
    op: 'Div',
    inputs: [writeTreeSums(graph, model, features), graph.constant(Float32Array.of(scale), [1])],
  });
  const power = graph.node({ op: 'Pow', inputs: [graph.constant(Float32Array.of(2), [1]), exponent] });
  return graph.node({ op: 'Sub', inputs: [power, graph.constant(Float32Array.of(threshold), [1])] });
}

/**
 * TreeEnsembleRegressor: Float32 [N, width] sums of leaf values over the trees. It serves classifiers too, because the
 * operator for them takes sums of two classes for binary scores in places (ONNX Runtime 1.30, measured).
 */
function writeTreeSums(graph: OnnxGraph, { forest, width }: ForestToWrite, features: string): string {
  const { treeStarts, feature, left, right, missingLeft } = forest;
  const tree = new Int32Array(feature.length);
  const local = new Int32Array(feature.length);
  for (let t = 0; t + 1 < treeStarts.length; t++) {
    for (let node = treeStarts[t]; node < treeStarts[t + 1]; node++) {
      tree[node] = t;
      local[node] = node - treeStarts[t];
    }
  }
  const child = (side: Int32Array) => side.map((node) => (node < 0 ? 0 : local[node]));
  const entries = leafEntries(forest, width);
  return graph.node({
    op: 'TreeEnsembleRegressor',
    ml: true,
    inputs: [features],
    attributes: {
      nodes_treeids: { ints: tree },
      nodes_nodeids: { ints: local },
      nodes_featureids: { ints: feature.map((f) => Math.max(f, 0)) },
      nodes_values: { floats: forest.threshold },
      nodes_modes: { strings: Array.from(feature, (f) => (f < 0 ? 'LEAF' : 'BRANCH_LEQ')) },
      nodes_truenodeids: { ints: child(left) },
      nodes_falsenodeids: { ints: child(right) },
      // The runtime then asks for NaN in every node: a forest answers in 1.2 to 1.4 times the time, boosting in 1.05.
      ...(missingLeft.includes(1) &&
        !graph.featuresComplete && { nodes_missing_value_tracks_true: { ints: missingLeft } }),
      target_treeids: { ints: entries.map((at) => tree[Math.floor(at / width)]) },
      target_nodeids: { ints: entries.map((at) => local[Math.floor(at / width)]) },
      target_ids: { ints: entries.map((at) => at % width) },
      target_weights: { floats: Float32Array.from(entries, (at) => forest.values[at]) },
      n_targets: { int: width },
      aggregate_function: { string: 'SUM' },
      post_transform: { string: 'NONE' },
    },
  });
}

/** Places in `values` of what leaves add; zeros are left out when another value of the leaf is there. */
function leafEntries({ feature, values }: ForestStructure, width: number): Float64Array {
  const entries: number[] = [];
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] >= 0) continue;
    const before = entries.length;
    for (let k = 0; k < width; k++) if (values[node * width + k] !== 0) entries.push(node * width + k);
    if (entries.length === before) entries.push(node * width);
  }
  return Float64Array.from(entries);
}
