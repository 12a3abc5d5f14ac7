import type { Kernel, SharedState } from '../../parallel/thread-pool.js';
import { writeGradients } from './boosting-gradients.js';
import { countFeature, type RowsToCount, subtractFeature } from './boosting-histograms.js';
import { isRenewed, quantileLevel } from './boosting-losses.js';
import { findSplit, nodeToSplit } from './boosting-splits.js';
import { BINS, type BoostingState, COMMAND, meet, TASK } from './boosting-state.js';
import { countTriple, TRIPLE } from './count-triples.js';
import { quantileOf, weightedQuantileOf } from './order-statistics.js';
import { partitionRows } from './partition-rows.js';
import type { NodeToSplit } from './split-values.js';

/**
 * One member's part of growing trees. Each feature's histogram is summed by one member, over all rows in their order, so
 * sums do not depend on the number of members; rows are parted stably, gradients are computed row by row.
 */
export function createBoostingKernel(shared: SharedState): Kernel {
  const state = shared as unknown as BoostingState;
  return {
    run: (command, output, member, size) => {
      switch (command) {
        case COMMAND.gradients:
          writeGradients(state, ...block(0, state.rowCount, member, size));
          break;
        case COMMAND.root:
          countRoot(state, output, member, size);
          break;
        case COMMAND.split:
          splitNode(state, output, member, size);
          break;
        case COMMAND.update:
          addLeaves(state, output, member, size);
          break;
        default:
          renewLeaves(state);
      }
    },
  };
}

/** Member's share of [start, end). */
function block(start: number, end: number, member: number, size: number): [number, number] {
  const many = end - start;
  return [start + Math.floor((many * member) / size), start + Math.floor((many * (member + 1)) / size)];
}

function takeNext(state: BoostingState): number {
  return Atomics.add(state.next, 0, 1);
}

/** Pairs of the rows of order[start, end), collected by members into `gathered` at the same places. */
function gather(state: BoostingState, output: number, order: Uint32Array, [from, to]: [number, number]): void {
  const { gradients, gathered, rowCount, constantHessian } = state;
  if (constantHessian) {
    const first = output * rowCount;
    for (let i = from; i < to; i++) gathered[i] = gradients[first + order[i]];
    return;
  }
  // A pair is copied as one Float64: a finite hessian in its upper half keeps it from being a NaN.
  const pairs = new Float64Array(gradients.buffer, gradients.byteOffset, gradients.length >> 1);
  const out = new Float64Array(gathered.buffer, gathered.byteOffset, gathered.length >> 1);
  const first = output * rowCount;
  for (let i = from; i < to; i++) out[i] = pairs[first + order[i]];
}

function countRoot(state: BoostingState, output: number, member: number, size: number): void {
  const { task, featureCount, treeFeatures, gradients, gathered, rowCount, nodes } = state;
  const everyRow = task[TASK.side] < 0;
  const end = task[TASK.end];
  if (!everyRow) {
    gather(state, output, state.order0, block(0, end, member, size));
    meet(state.meeting, size);
  }
  const rows = everyRow
    ? { order: undefined, start: 0, end, pairs: gradients, pairStart: output * rowCount }
    : { order: state.order0, start: 0, end, pairs: gathered, pairStart: 0 };
  const triples = triplesFor(featureCount, size);
  const unitCount = featureCount - (TRIPLE - 1) * triples;
  for (let unit = takeNext(state); unit < unitCount; unit = takeNext(state)) {
    countUnit(state, rows, featuresOf(unit, triples), 0);
  }
  meet(state.meeting, size);
  const first = treeFeatures.indexOf(1);
  const [gradient, hessian] = totals(state, first);
  if (member === 0) nodes.set([gradient, hessian, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  const lower = Number.NEGATIVE_INFINITY;
  const node = { side: 0, slot: 0, count: end, gradient, hessian, value: 0, lower, upper: -lower };
  for (let f = member; f < featureCount; f += size) if (treeFeatures[f]) findSplit(state, node, f);
}

function totals(state: BoostingState, f: number): [number, number] {
  let gradient = 0;
  let hessian = 0;
  for (let cell = f * BINS; cell < (f + 1) * BINS; cell++) {
    gradient += state.sums[2 * cell];
    hessian += state.constantHessian ? state.counts[cell] : state.sums[2 * cell + 1];
  }
  return [gradient, hessian];
}

function splitNode(state: BoostingState, output: number, member: number, size: number): void {
  const { task, featureCount, treeFeatures } = state;
  const [start, middle, end] = [task[TASK.start], task[TASK.middle], task[TASK.end]];
  const side = task[TASK.side];
  const to = side === 0 ? state.order1 : state.order0;
  const own = partitionRows(state, member, size);
  const wanted = task[TASK.wantLeft] + task[TASK.wantRight] > 0;
  if (!wanted) return;
  const smallIsLeft = middle - start < end - middle;
  if (task[TASK.countBoth]) {
    gather(state, output, to, own.left);
    gather(state, output, to, own.right);
  } else gather(state, output, to, smallIsLeft ? own.left : own.right);
  meet(state.meeting, size);
  const small = smallIsLeft ? [start, middle] : [middle, end];
  const large = smallIsLeft ? [middle, end] : [start, middle];
  const part = (range: number[]): RowsToCount => ({
    order: to,
    start: range[0],
    end: range[1],
    pairs: state.gathered,
    pairStart: range[0],
  });
  const [smallSlot, largeSlot] = [task[TASK.smallSlot], task[TASK.parentSlot]];
  const wantedNodes = nodesToSplit(state, smallIsLeft ? [smallSlot, largeSlot] : [largeSlot, smallSlot]);
  const triples = triplesFor(featureCount, size);
  const unitCount = featureCount - (TRIPLE - 1) * triples;
  for (let unit = takeNext(state); unit < unitCount; unit = takeNext(state)) {
    const features = featuresOf(unit, triples);
    countUnit(state, part(small), features, smallSlot);
    if (task[TASK.countBoth]) countUnit(state, part(large), features, largeSlot);
    for (let f = features[0]; f < features[1]; f++) {
      if (!treeFeatures[f]) continue;
      if (!task[TASK.countBoth]) subtractFeature(state, f, largeSlot, smallSlot);
      for (const node of wantedNodes) findSplit(state, node, f);
    }
  }
}

/** How many triples are counted as such; members get the same number, and what is left is counted one by one. */
function triplesFor(featureCount: number, size: number): number {
  const triples = Math.floor(featureCount / TRIPLE);
  return triples - (triples % size);
}

/** First feature of a unit of work and the one after its last: triples first, then single features. */
function featuresOf(unit: number, triples: number): [number, number] {
  if (unit < triples) return [TRIPLE * unit, TRIPLE * (unit + 1)];
  const f = unit + (TRIPLE - 1) * triples;
  return [f, f + 1];
}

function countUnit(state: BoostingState, rows: RowsToCount, [first, after]: [number, number], slot: number): void {
  const { treeFeatures } = state;
  if (after - first === TRIPLE && treeFeatures[first] && treeFeatures[first + 1] && treeFeatures[first + 2]) {
    countTriple(state, rows, first / TRIPLE, slot);
    return;
  }
  for (let f = first; f < after; f++) if (treeFeatures[f]) countFeature(state, rows, f, slot);
}

function nodesToSplit(state: BoostingState, slots: readonly number[]): NodeToSplit[] {
  const { task } = state;
  const middle = task[TASK.middle];
  const nodes: NodeToSplit[] = [];
  if (task[TASK.wantLeft])
    nodes.push(nodeToSplit(state, { side: 0, slot: slots[0], count: middle - task[TASK.start] }));
  if (task[TASK.wantRight]) nodes.push(nodeToSplit(state, { side: 1, slot: slots[1], count: task[TASK.end] - middle }));
  return nodes;
}

/** raw += the value of each row's leaf. */
function addLeaves(state: BoostingState, output: number, member: number, size: number): void {
  const { leaves, leafValues, raw, rowCount, task } = state;
  const first = output * rowCount;
  for (let leaf = 0; leaf < task[TASK.leafCount]; leaf++) {
    const side = leaves[3 * leaf + 2];
    const [from, to] = block(leaves[3 * leaf], leaves[3 * leaf + 1], member, size);
    const value = leafValues[leaf];
    if (value === 0) continue;
    if (side < 0) for (let i = from; i < to; i++) raw[first + i] += value;
    else addTo(raw, side === 0 ? state.order0 : state.order1, { first, from, to, value });
  }
}

function addTo(
  raw: Float64Array,
  order: Uint32Array,
  { first, from, to, value }: { first: number; from: number; to: number; value: number },
): void {
  for (let i = from; i < to; i++) raw[first + order[i]] += value;
}

/** Leaves of absolute and pinball loss: the quantile of what is left over, times the learning rate. */
function renewLeaves(state: BoostingState): void {
  const { leaves, leafValues, raw, target, weights, scratch, task, loss, learningRate } = state;
  if (!isRenewed(loss)) return;
  const level = quantileLevel(loss);
  for (let leaf = takeNext(state); leaf < task[TASK.leafCount]; leaf = takeNext(state)) {
    const [start, end, side] = leaves.subarray(3 * leaf, 3 * leaf + 3);
    const order = side === 0 ? state.order0 : state.order1;
    const rowAt = (i: number) => (side < 0 ? i : order[i]);
    for (let i = start; i < end; i++) scratch[i] = target[rowAt(i)] - raw[rowAt(i)];
    const step = weights
      ? weightedQuantileOf(
          scratch.subarray(start, end),
          Float64Array.from({ length: end - start }, (_, i) => weights[rowAt(start + i)]),
          level,
        )
      : quantileOf(scratch, start, end, level);
    leafValues[leaf] = Math.fround(learningRate * step);
  }
}
