import { createRng, type Rng } from '../../random/rng.js';
import { IndexedRows } from './indexed-rows.js';
import { PackedRows } from './packed-rows.js';
import type { RowSpan } from './row-span.js';
import { Frontier } from './tree-frontier.js';
import type { TreeRows } from './tree-rows.js';
import { SplitFinder } from './tree-split.js';
import { CRITERION, isPure, outputCount, proxyOf, type TreeNodes, type TreeTask } from './tree-task.js';

/**
 * Leaf probabilities of forests are multiples of 2⁻¹⁴. Sums over up to 1,024 trees are then exact in Float32, so the
 * exported graph and this code agree on every tie whatever the order of addition; a leaf's frequency is not known to 1e-4
 * anyway.
 */
const RESOLUTION = 16_384;

/** Grows one tree after the other in buffers that are made once. */
export class TreeGrower {
  readonly #task: TreeTask;
  readonly #rows: TreeRows;
  readonly #finder: SplitFinder;
  readonly #frontier: Frontier;
  readonly #root: Rng;
  readonly #stats: Float64Array;
  readonly #right: Float64Array;

  constructor(task: TreeTask) {
    this.#task = task;
    this.#rows = task.records.length > 0 ? new PackedRows(task) : new IndexedRows(task);
    this.#finder = new SplitFinder(task, this.#rows);
    this.#frontier = new Frontier(task.width + 1, Number.isFinite(task.maxLeafNodes));
    this.#root = createRng(task.seed);
    this.#stats = new Float64Array(task.width + 1);
    this.#right = new Float64Array(task.width + 1);
  }

  /**
   * Tree number `t` of the forest into `nodes`, which has room for nodeLimit(task); returns the number of its nodes.
   *
   * @param importance per feature, added to: total decrease of weighted impurity
   */
  grow(t: number, nodes: TreeNodes, importance: Float64Array): number {
    const { maxLeafNodes } = this.#task;
    const frontier = this.#frontier;
    const rng = this.#root.fork(t);
    const rowCount = this.#rows.draw(rng);
    const pure = this.#rows.describe({ start: 0, end: rowCount }, this.#stats);
    const rootWeight = this.#weightOf(this.#stats);
    this.#finder.start(this.#task.minWeightFractionLeaf * rootWeight);
    this.#settle(nodes, { node: 0, depth: 0, start: 0, end: rowCount }, { pure, rng, rootWeight });
    let count = 1;
    let leaves = 1;
    while (leaves < maxLeafNodes && frontier.pop()) {
      const { node, start, end, depth, feature, bin, threshold, missingLeft, gain, left, total } = frontier.top;
      const middle = this.#rows.part({ start, end, feature, bin, missingLeft });
      importance[feature] += gain;
      nodes.feature[node] = feature;
      nodes.threshold[node] = threshold;
      nodes.missingLeft[node] = missingLeft;
      nodes.left[node] = count;
      for (let k = 0; k < left.length; k++) this.#right[k] = total[k] - left[k];
      const child = count;
      count += 2;
      leaves++;
      const told = { rng, rootWeight };
      const isRight = this.#describeChild({ start: middle, end }, this.#right);
      this.#settle(nodes, { node: child + 1, depth: depth + 1, start: middle, end }, { pure: isRight, ...told });
      const isLeft = this.#describeChild({ start, end: middle }, left);
      this.#settle(nodes, { node: child, depth: depth + 1, start, end: middle }, { pure: isLeft, ...told });
    }
    frontier.clear();
    return count;
  }

  /** Stats of a child: whole numbers are taken from the split; sums of fractions are made anew, or errors would grow. */
  #describeChild(span: RowSpan, known: Float64Array): boolean {
    if (!this.#rows.exact) return this.#rows.describe(span, this.#stats);
    this.#stats.set(known);
    return isPure(this.#stats, this.#task.width);
  }

  /** Records a node as a leaf; when it can be split, its best split goes to the frontier. */
  #settle(
    nodes: TreeNodes,
    at: { node: number; depth: number; start: number; end: number },
    told: { pure: boolean; rng: Rng; rootWeight: number },
  ): void {
    const { maxDepth, minSamplesSplit, minSamplesLeaf, minWeightFractionLeaf, minImpurityDecrease } = this.#task;
    const { width, criterion } = this.#task;
    const stats = this.#stats;
    const size = at.end - at.start;
    const weight = this.#weightOf(stats);
    this.#rows.absolute?.enter(at);
    this.#record(nodes, at, told.pure);
    if (told.pure || at.depth >= maxDepth || size < minSamplesSplit || size < 2 * minSamplesLeaf) return;
    if (weight < 2 * minWeightFractionLeaf * told.rootWeight) return;
    if (!this.#finder.find(at, stats, told.rng)) return;
    const { absolute } = this.#rows;
    const before = absolute ? -absolute.error : proxyOf(stats, width, criterion);
    const gain = Math.max(0, this.#finder.found.score - before);
    if (gain / told.rootWeight + Number.EPSILON < minImpurityDecrease) return;
    this.#frontier.push(at, this.#finder.found, gain, stats);
  }

  #record(nodes: TreeNodes, at: RowSpan & { node: number }, pure: boolean): void {
    const { width, criterion } = this.#task;
    const { node } = at;
    const stats = this.#stats;
    const weight = this.#weightOf(stats);
    const outputs = outputCount(this.#task);
    nodes.feature[node] = -1;
    nodes.left[node] = -1;
    nodes.threshold[node] = 0;
    nodes.missingLeft[node] = 0;
    nodes.cover[node] = weight;
    nodes.impurity[node] = pure ? 0 : this.#impurityOf(at, weight);
    if (this.#rows.absolute) {
      nodes.values[node] = this.#rows.absolute.median;
      return;
    }
    if (criterion === CRITERION.squaredError || criterion === CRITERION.poisson) {
      nodes.values[node] = stats[1] / weight;
      return;
    }
    for (let k = 0; k < width; k++) nodes.values[node * outputs + k] = stats[k] / weight;
    if (this.#task.roundedLeaves) quantise(nodes.values, node * outputs, outputs);
  }

  #impurityOf(span: RowSpan, weight: number): number {
    if (this.#rows.absolute) return this.#rows.absolute.error / weight;
    const { width, criterion } = this.#task;
    const proxy = proxyOf(this.#stats, width, criterion);
    if (criterion === CRITERION.gini) return 1 - proxy / weight;
    if (criterion === CRITERION.entropy) return -proxy / weight;
    if (criterion === CRITERION.squaredError) return (this.#rows.sumSquares(span) - proxy) / weight;
    return -proxy / weight;
  }

  #weightOf(stats: Float64Array): number {
    if (this.#task.classes.length === 0) return stats[0];
    let weight = 0;
    for (let k = 0; k < this.#task.width; k++) weight += stats[k];
    return weight;
  }
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
