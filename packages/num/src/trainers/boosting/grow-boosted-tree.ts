import type { Rng } from '../../random/rng.js';
import type { BoostingPlan } from './boosting-options.js';
import { BINS, type BoostingState, COMMAND, NODE, SET_WORDS, SPLIT, TASK } from './boosting-state.js';
import { type ChosenSplit, type GrowingNode, SplitQueue } from './growing-node.js';

/** Runs a command with as many threads as its work is worth. */
export type RunCommand = (command: number, output: number, work: number) => void;

export interface TreeToGrow {
  readonly state: BoostingState;
  readonly plan: BoostingPlan;
  readonly run: RunCommand;
  readonly output: number;
  /** Rows that the tree learns from: order0[0, rowCount), which is still to be written when they are all rows. */
  readonly rowCount: number;
  readonly everyRow: boolean;
  readonly rng: Rng;
}

/** Best-first growth (Shi 2007): the leaf whose split gains most is split next. Answers the root and the leaves. */
export function growBoostedTree(tree: TreeToGrow): { root: GrowingNode; leaves: GrowingNode[] } {
  return new Grower(tree).grow();
}

class Grower {
  readonly #tree: TreeToGrow;
  readonly #queue = new SplitQueue();
  readonly #leaves: GrowingNode[] = [];
  /** Slots of histograms that nobody uses; slot 0 is the root's. */
  readonly #free: number[];
  #drawn = 0;

  constructor(tree: TreeToGrow) {
    this.#tree = tree;
    this.#free = Array.from({ length: tree.state.slotCount - 1 }, (_, i) => tree.state.slotCount - 1 - i);
  }

  grow(): { root: GrowingNode; leaves: GrowingNode[] } {
    const root = this.#root();
    for (let node = this.#queue.pop(); node; node = this.#queue.pop()) this.#split(node);
    return { root, leaves: this.#leaves };
  }

  #root(): GrowingNode {
    const { state, plan, run, output, rowCount, everyRow } = this.#tree;
    this.#drawTreeFeatures();
    const root = {
      depth: 0,
      start: 0,
      end: rowCount,
      side: 0,
      value: 0,
      groups: plan.groups?.map((_, g) => g),
      slot: 0,
    };
    this.#allow(0, root.groups);
    state.task[TASK.start] = 0;
    state.task[TASK.end] = rowCount;
    state.task[TASK.everyRow] = Number(everyRow);
    run(COMMAND.root, output, rowCount * state.featureCount);
    const node: GrowingNode = {
      ...root,
      gradient: state.nodes[NODE.gradient],
      hessian: state.nodes[NODE.hessian],
      lower: Number.NEGATIVE_INFINITY,
      upper: Number.POSITIVE_INFINITY,
      split: undefined,
      children: undefined,
    };
    this.#offer(node, 0);
    return node;
  }

  /** Colsample: features of this tree. */
  #drawTreeFeatures(): void {
    const { state, plan, rng } = this.#tree;
    const count = Math.max(1, Math.round(plan.colsample * state.featureCount));
    const order = Int32Array.from({ length: state.featureCount }, (_, f) => f);
    if (count < order.length) rng.fork('columns').shuffle(order);
    state.treeFeatures.fill(0);
    for (const f of order.subarray(0, count)) state.treeFeatures[f] = 1;
  }

  /** Features that may split the node whose answers stand at `side`. */
  #allow(side: number, groups: readonly number[] | undefined): void {
    const { state, plan, rng } = this.#tree;
    const allowed = state.allowed.subarray(side * state.featureCount, (side + 1) * state.featureCount);
    allowed.set(state.treeFeatures);
    if (groups && plan.groups) {
      const own = new Set(groups.flatMap((g) => plan.groups?.[g] ?? []));
      for (let f = 0; f < allowed.length; f++) if (!own.has(f)) allowed[f] = 0;
    }
    if (plan.maxFeatures >= 1) return;
    const candidates = Int32Array.from(allowed.keys()).filter((f) => allowed[f] === 1);
    rng.fork(this.#drawn++).shuffle(candidates);
    for (const f of candidates.subarray(Math.max(1, Math.ceil(plan.maxFeatures * candidates.length)))) allowed[f] = 0;
  }

  /** To the queue when the kernel found it a split, else a leaf. */
  #offer(node: GrowingNode, side: number): void {
    const { state, plan } = this.#tree;
    const large = node.end - node.start >= 2 * plan.minSamplesLeaf;
    node.split = large ? bestSplit(state, side, node.end - node.start) : undefined;
    if (node.split) this.#queue.push(node, node.split.gain);
    else this.#finish(node);
  }

  #finish(node: GrowingNode): void {
    this.#leaves.push(node);
    if (node.slot >= 0) this.#free.push(node.slot);
    node.slot = -1;
  }

  #split(node: GrowingNode): void {
    const { state, plan, run, output } = this.#tree;
    const split = node.split as ChosenSplit;
    const children = this.#childrenOf(node, split);
    node.children = children;
    const last = this.#leaves.length + this.#queue.size + 2 >= plan.maxLeafNodes;
    const wanted = children.map((child) =>
      last || child.depth >= plan.maxDepth || child.end - child.start < 2 * plan.minSamplesLeaf ? 0 : 1,
    );
    if (wanted[0] + wanted[1] > 0) this.#assignSlots(node, children);
    this.#describe(node, children, wanted);
    const small = Math.min(children[0].end - children[0].start, children[1].end - children[1].start);
    const counted = node.slot < 0 ? node.end - node.start : small;
    run(COMMAND.split, output, node.end - node.start + (wanted[0] + wanted[1] > 0 ? counted * state.featureCount : 0));
    if (node.slot >= 0 && wanted[0] + wanted[1] === 0) this.#free.push(node.slot);
    node.slot = -1;
    for (const side of [0, 1]) {
      if (wanted[side]) this.#offer(children[side], side);
      else this.#finish(children[side]);
    }
    // Two slots must stay free for the next split; a node without histograms is counted anew when it is split.
    for (const child of [children[1], children[0]]) {
      if (this.#free.length >= 2 || child.slot < 0) continue;
      this.#free.push(child.slot);
      child.slot = -1;
    }
    if (last) {
      for (let rest = this.#queue.pop(); rest; rest = this.#queue.pop()) this.#finish(rest);
    }
  }

  #assignSlots(node: GrowingNode, [left, right]: readonly [GrowingNode, GrowingNode]): void {
    const small = this.#free.pop() as number;
    const large = node.slot >= 0 ? node.slot : (this.#free.pop() as number);
    const smallIsLeft = left.end - left.start < right.end - right.start;
    left.slot = smallIsLeft ? small : large;
    right.slot = smallIsLeft ? large : small;
  }

  /** The order to the kernel. */
  #describe(node: GrowingNode, [left, right]: readonly [GrowingNode, GrowingNode], wanted: readonly number[]): void {
    const { state } = this.#tree;
    const { task } = state;
    const split = node.split as ChosenSplit;
    const smallIsLeft = left.end - left.start < right.end - right.start;
    task[TASK.start] = node.start;
    task[TASK.middle] = left.end;
    task[TASK.end] = node.end;
    task[TASK.side] = node.side;
    task[TASK.feature] = split.feature;
    task[TASK.smallSlot] = smallIsLeft ? left.slot : right.slot;
    task[TASK.parentSlot] = smallIsLeft ? right.slot : left.slot;
    task[TASK.countBoth] = node.slot < 0 ? 1 : 0;
    task[TASK.wantLeft] = wanted[0];
    task[TASK.wantRight] = wanted[1];
    state.goesLeft.set(split.goesLeft);
    [left, right].forEach((child, side) => {
      this.#allow(side, child.groups);
      state.nodes.set([child.gradient, child.hessian, child.value, child.lower, child.upper], side * NODE.length);
    });
  }

  #childrenOf(node: GrowingNode, split: ChosenSplit): [GrowingNode, GrowingNode] {
    const { state, plan } = this.#tree;
    const middle = node.start + split.countLeft;
    const groups = node.groups?.filter((g) => plan.groups?.[g].includes(split.feature));
    const shared = {
      depth: node.depth + 1,
      side: 1 - node.side,
      lower: node.lower,
      upper: node.upper,
      slot: -1,
      groups,
      split: undefined,
      children: undefined,
    };
    const left: GrowingNode = {
      ...shared,
      start: node.start,
      end: middle,
      gradient: split.gradientLeft,
      hessian: split.hessianLeft,
      value: split.valueLeft,
    };
    const right: GrowingNode = {
      ...shared,
      start: middle,
      end: node.end,
      gradient: node.gradient - split.gradientLeft,
      hessian: node.hessian - split.hessianLeft,
      value: split.valueRight,
    };
    const monotone = state.monotone[split.feature];
    if (monotone !== 0) {
      const between = (left.value + right.value) / 2;
      const [low, high] = monotone > 0 ? [left, right] : [right, left];
      low.upper = between;
      high.lower = between;
    }
    return [left, right];
  }
}

/** The best candidate of the node at `side`; the lower feature wins a tie. */
function bestSplit(state: BoostingState, side: number, count: number): ChosenSplit | undefined {
  const { splits, featureCount, allowed, treeFeatures } = state;
  let best = -1;
  let gain = 0;
  for (let f = 0; f < featureCount; f++) {
    const own = splits[(side * featureCount + f) * SPLIT.length + SPLIT.gain];
    if (treeFeatures[f] && allowed[side * featureCount + f] && own > gain) {
      gain = own;
      best = f;
    }
  }
  if (best < 0) return undefined;
  const at = (side * featureCount + best) * SPLIT.length;
  const countLeft = splits[at + SPLIT.countLeft];
  const words = (side * featureCount + best) * SET_WORDS;
  const set = state.categorical[best] ? state.sets.slice(words, words + SET_WORDS) : undefined;
  const bin = splits[at + SPLIT.bin];
  // Without missing rows to learn from, later ones go where most rows go, as in scikit-learn.
  const missingLeft = state.hasMissing[best] ? splits[at + SPLIT.missingLeft] : Number(countLeft > count - countLeft);
  const goesLeft = new Uint8Array(BINS);
  if (set) for (let b = 0; b < BINS; b++) goesLeft[b] = (set[b >>> 5] >>> (b & 31)) & 1;
  else goesLeft.fill(1, 0, bin + 1);
  goesLeft[255] = missingLeft;
  return {
    feature: best,
    gain,
    bin,
    missingLeft,
    set,
    goesLeft,
    gradientLeft: splits[at + SPLIT.gradientLeft],
    hessianLeft: splits[at + SPLIT.hessianLeft],
    countLeft,
    valueLeft: splits[at + SPLIT.valueLeft],
    valueRight: splits[at + SPLIT.valueRight],
  };
}
