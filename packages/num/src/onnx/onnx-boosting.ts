import { type BoostedTrees, FLAG } from '../trainers/boosting/boosted-trees.js';
import type { OnnxGraph } from './onnx-graph.js';

export interface BoostingToWrite {
  readonly trees: BoostedTrees;
  /** One per output. */
  readonly baseline: Float64Array;
  readonly categoryCounts: Int32Array;
  readonly link: 'identity' | 'sigmoid' | 'softmax' | 'exp';
}

/**
 * One TreeEnsembleRegressor with a target per output, the baseline added last (Float32 sums stay near 0 and exact longer),
 * then the link. Returns the Float32 [N, K] probabilities or [N, 1] values.
 */
export function writeBoostedTrees(graph: OnnxGraph, model: BoostingToWrite, features: string): string {
  const { baseline, link } = model;
  const nodes = new NodeTable(model);
  nodes.writeAll();
  const sum = graph.node({
    op: 'TreeEnsembleRegressor',
    ml: true,
    inputs: [features],
    output: graph.fresh('boosting_sum'),
    attributes: nodes.attributes(baseline.length, !graph.featuresComplete),
  });
  const base = graph.constant(Float32Array.from(baseline), [baseline.length]);
  const raw = graph.node({ op: 'Add', inputs: [sum, base] });
  if (link === 'identity') return raw;
  if (link === 'exp') return graph.node({ op: 'Exp', inputs: [raw] });
  if (link === 'softmax') return graph.node({ op: 'Softmax', inputs: [raw], attributes: { axis: { int: 1 } } });
  const p = graph.node({ op: 'Sigmoid', inputs: [raw] });
  const one = graph.constant(Float32Array.of(1), [1]);
  const rest = graph.node({ op: 'Sub', inputs: [one, p] });
  return graph.node({ op: 'Concat', inputs: [rest, p], attributes: { axis: { int: 1 } } });
}

/** Columns of the operator's attributes, one entry per node. */
class NodeTable {
  readonly #model: BoostingToWrite;
  readonly #tree: number[] = [];
  readonly #id: number[] = [];
  readonly #feature: number[] = [];
  readonly #value: number[] = [];
  readonly #mode: string[] = [];
  readonly #yes: number[] = [];
  readonly #no: number[] = [];
  readonly #missingYes: number[] = [];
  readonly #targets: { tree: number; id: number; output: number; weight: number }[] = [];

  constructor(model: BoostingToWrite) {
    this.#model = model;
  }

  writeAll(): void {
    const { treeStarts } = this.#model.trees;
    for (let tree = 0; tree + 1 < treeStarts.length; tree++) this.#writeTree(tree);
  }

  #writeTree(tree: number): void {
    const { treeStarts, feature, threshold, flags, left, value } = this.#model.trees;
    const outputCount = this.#model.baseline.length;
    const start = treeStarts[tree];
    const count = treeStarts[tree + 1] - start;
    // The nodes of a chain beyond its first are numbered behind the tree's own.
    let extra = count;
    for (let node = start; node < start + count; node++) {
      const id = node - start;
      const [low, high] = [left[node] - start, left[node] - start + 1];
      if (feature[node] < 0) {
        this.#add({ tree, id, feature: 0, value: 0, mode: 'LEAF', yes: 0, no: 0, missingYes: 0 });
        this.#targets.push({ tree, id, output: tree % outputCount, weight: value[node] });
      } else if ((flags[node] & FLAG.categorical) === 0) {
        const missingYes = flags[node] & FLAG.missingLeft;
        const own = { feature: feature[node], value: threshold[node], mode: 'BRANCH_LEQ' };
        this.#add({ tree, id, ...own, yes: low, no: high, missingYes });
      } else {
        extra = this.#writeChain(tree, { node, id, extra });
      }
    }
  }

  /**
   * "Is one of these codes" as a chain of BRANCH_EQ whose yes-branches share one child, as LightGBM's converter writes it
   * and ONNX Runtime expects it. The chain names the codes of the side that missing rows do not take, so that they and
   * codes unknown to training fall through to the other.
   */
  #writeChain(tree: number, { node, id, extra }: { node: number; id: number; extra: number }): number {
    const { feature, flags, left, treeStarts } = this.#model.trees;
    const missingLeft = flags[node] & FLAG.missingLeft;
    const codes = this.#codesOf(node, missingLeft ? 0 : 1);
    const low = left[node] - treeStarts[tree];
    const [yes, otherwise] = missingLeft ? [low + 1, low] : [low, low + 1];
    let own = id;
    let next = extra;
    codes.forEach((code, i) => {
      const no = i + 1 < codes.length ? next++ : otherwise;
      const entry = { feature: feature[node], value: code, mode: 'BRANCH_EQ', yes, no, missingYes: 0 };
      this.#add({ tree, id: own, ...entry });
      own = no;
    });
    return next;
  }

  /** Codes inside (1) or outside (0) the set of a categorical node. */
  #codesOf(node: number, inside: number): number[] {
    const { feature, set, sets } = this.#model.trees;
    const codes: number[] = [];
    for (let code = 0; code < this.#model.categoryCounts[feature[node]]; code++) {
      if (((sets[set[node] + (code >>> 5)] >>> (code & 31)) & 1) === inside) codes.push(code);
    }
    return codes;
  }

  #add(entry: {
    tree: number;
    id: number;
    feature: number;
    value: number;
    mode: string;
    yes: number;
    no: number;
    missingYes: number;
  }): void {
    this.#tree.push(entry.tree);
    this.#id.push(entry.id);
    this.#feature.push(entry.feature);
    this.#value.push(entry.value);
    this.#mode.push(entry.mode);
    this.#yes.push(entry.yes);
    this.#no.push(entry.no);
    this.#missingYes.push(entry.missingYes);
  }

  attributes(outputCount: number, asksMissing: boolean) {
    return {
      nodes_treeids: { ints: this.#tree },
      nodes_nodeids: { ints: this.#id },
      nodes_featureids: { ints: this.#feature },
      nodes_values: { floats: Float32Array.from(this.#value) },
      nodes_modes: { strings: this.#mode },
      nodes_truenodeids: { ints: this.#yes },
      nodes_falsenodeids: { ints: this.#no },
      // Only when some node needs it: the runtime then asks for NaN in every node.
      ...(asksMissing &&
        this.#missingYes.includes(1) && { nodes_missing_value_tracks_true: { ints: this.#missingYes } }),
      target_treeids: { ints: this.#targets.map(({ tree }) => tree) },
      target_nodeids: { ints: this.#targets.map(({ id }) => id) },
      target_ids: { ints: this.#targets.map(({ output }) => output) },
      target_weights: { floats: Float32Array.from(this.#targets, ({ weight }) => weight) },
      n_targets: { int: outputCount },
      aggregate_function: { string: 'SUM' },
      post_transform: { string: 'NONE' },
    };
  }
}
