import type { Rng } from '../../random/rng.js';
import type { BinnedMatrix } from './binning.js';
import { findSplit, type SplitSearch } from './tree-split.js';

/** Node 0 is the root; `feature` is −1 in a leaf; a row goes left when value ≤ threshold. Children are node numbers. */
export interface Tree {
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** Weighted rows that reached the node in training. */
  readonly cover: Float64Array;
  /** nodeCount × classCount, row-major: class distribution of the node. */
  readonly values: Float64Array;
  /** Per feature: total decrease of weighted Gini impurity. */
  readonly importance: Float64Array;
}

export interface TreeTask {
  readonly binned: BinnedMatrix;
  readonly y: Int32Array;
  readonly classCount: number;
  readonly weights: Float64Array;
  readonly maxDepth: number;
  readonly minSamplesSplit: number;
  readonly minSamplesLeaf: number;
  readonly maxFeatures: number;
  readonly bootstrap: boolean;
  readonly rng: Rng;
}

/**
 * Leaf probabilities are multiples of 2⁻¹⁴. Sums over up to 1,024 trees are then exact in Float32, so the exported
 * graph and this code agree on every tie whatever the order of addition; a leaf's frequency is not known to 1e-4 anyway.
 */
const RESOLUTION = 16_384;

export function growTree(task: TreeTask): Tree {
  const search = startSearch(task);
  const capacity = 2 * Math.max(1, search.rows.length);
  const nodes = allocate(capacity, task);
  const totals = new Float64Array(task.classCount);
  const stack: number[] = [0, 0, search.rows.length, 0];
  let count = 1;
  while (stack.length > 0) {
    const depth = stack.pop() as number;
    const end = stack.pop() as number;
    const start = stack.pop() as number;
    const node = stack.pop() as number;
    const parentScore = describeNode(search, { node, start, end, totals }, nodes);
    const maySplit = depth < task.maxDepth && end - start >= task.minSamplesSplit && parentScore < nodes.cover[node];
    if (!maySplit || !findSplit(search, { start, end, totals })) {
      quantise(nodes.values, node * task.classCount, task.classCount);
      continue;
    }
    const { feature, bin, score } = search.found;
    nodes.importance[feature] += score - parentScore;
    const middle = partition(search, { start, end, feature, bin });
    nodes.feature[node] = feature;
    nodes.threshold[node] = task.binned.thresholds[feature][bin];
    nodes.left[node] = count++;
    nodes.right[node] = count++;
    stack.push(nodes.right[node], middle, end, depth + 1, nodes.left[node], start, middle, depth + 1);
  }
  return trim(nodes, count, task.classCount);
}

function startSearch(task: TreeTask): SplitSearch {
  const { binned, classCount } = task;
  const n = binned.rowCount;
  const weights = new Float64Array(n);
  if (task.bootstrap) for (let i = 0; i < n; i++) weights[task.rng.int(n)] += 1;
  else weights.fill(1);
  let kept = 0;
  const rows = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    weights[row] *= task.weights[row];
    if (weights[row] > 0) rows[kept++] = row;
  }
  return {
    ...task,
    weights,
    rows: rows.slice(0, kept),
    features: Int32Array.from({ length: binned.featureCount }, (_, f) => f),
    classWeights: new Float64Array(256 * classCount),
    rowsPerBin: new Int32Array(256),
    left: new Float64Array(classCount),
    found: { feature: -1, bin: 0, score: 0 },
  };
}

function allocate(capacity: number, task: TreeTask): Tree {
  return {
    feature: new Int32Array(capacity).fill(-1),
    threshold: new Float32Array(capacity),
    left: new Int32Array(capacity).fill(-1),
    right: new Int32Array(capacity).fill(-1),
    cover: new Float64Array(capacity),
    values: new Float64Array(capacity * task.classCount),
    importance: new Float64Array(task.binned.featureCount),
  };
}

/** Fills totals, cover and distribution; returns Σ t²/T, which equals the cover exactly when the node is pure. */
function describeNode(
  search: SplitSearch,
  at: { node: number; start: number; end: number; totals: Float64Array },
  nodes: Tree,
): number {
  const { rows, weights, y, classCount } = search;
  at.totals.fill(0);
  for (let i = at.start; i < at.end; i++) at.totals[y[rows[i]]] += weights[rows[i]];
  let cover = 0;
  let squares = 0;
  let classes = 0;
  for (let k = 0; k < classCount; k++) {
    cover += at.totals[k];
    squares += at.totals[k] * at.totals[k];
    if (at.totals[k] > 0) classes++;
  }
  nodes.cover[at.node] = cover;
  for (let k = 0; k < classCount; k++) nodes.values[at.node * classCount + k] = at.totals[k] / cover;
  return classes <= 1 ? cover : squares / cover;
}

/** Stable enough for determinism: one pass with two ends; returns the first row of the right part. */
function partition(search: SplitSearch, cut: { start: number; end: number; feature: number; bin: number }): number {
  const { rows, binned } = search;
  const base = cut.feature * binned.rowCount;
  let low = cut.start;
  let high = cut.end;
  while (low < high) {
    const row = rows[low];
    if (binned.bins[base + row] <= cut.bin) {
      low++;
    } else {
      rows[low] = rows[--high];
      rows[high] = row;
    }
  }
  return low;
}

/** Rounds a distribution to multiples of 1 / RESOLUTION that sum to one; the largest class takes the remainder. */
function quantise(values: Float64Array, at: number, classCount: number): void {
  let largest = 0;
  let sum = 0;
  for (let k = 0; k < classCount; k++) {
    if (values[at + k] > values[at + largest]) largest = k;
    values[at + k] = Math.round(values[at + k] * RESOLUTION) / RESOLUTION;
    sum += values[at + k];
  }
  values[at + largest] += 1 - sum;
}

function trim(nodes: Tree, count: number, classCount: number): Tree {
  return {
    feature: nodes.feature.slice(0, count),
    threshold: nodes.threshold.slice(0, count),
    left: nodes.left.slice(0, count),
    right: nodes.right.slice(0, count),
    cover: nodes.cover.slice(0, count),
    values: nodes.values.slice(0, count * classCount),
    importance: nodes.importance,
  };
}
