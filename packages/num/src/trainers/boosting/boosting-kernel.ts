import { meet } from '../../parallel/meeting.js';
import type { Kernel, SharedState } from '../../parallel/thread-pool.js';
import {
  countBlock,
  featureRuns,
  joinBlocks,
  type NodeToCount,
  nodeToCount,
  subtractFeature,
} from './boosting-histograms.js';
import { isRenewed, quantileLevel } from './boosting-losses.js';
import { type BoostingRoutines, WORD_FEATURES } from './boosting-routines.js';
import { findSplit, nodeToSplit } from './boosting-splits.js';
import { BINS, type BoostingState, COMMAND, TASK } from './boosting-state.js';
import { quantileOf, weightedQuantileOf } from './order-statistics.js';
import { partitionRows } from './partition-rows.js';
import type { NodeToSplit } from './split-values.js';
import { createTypedRoutines } from './typed-routines.js';
import { createWasmRoutines } from './wasm-routines.js';

/**
 * One member's part of growing trees. Histograms are summed by blocks of rows that do not depend on the number of members,
 * and joined in the blocks' order; rows are parted stably, gradients are computed row by row.
 */
export function createBoostingKernel(shared: SharedState): Kernel {
  const state = shared as unknown as BoostingState;
  const routines = state.memory ? createWasmRoutines(state, state.memory) : createTypedRoutines(state);
  return {
    run: (command, output, member, size) => {
      switch (command) {
        case COMMAND.gradients:
          routines.writeGradients(...block(0, state.rowCount, member, size));
          break;
        case COMMAND.root:
          countRoot({ state, routines, output, member, size });
          break;
        case COMMAND.split:
          splitNode({ state, routines, output, member, size });
          break;
        case COMMAND.update:
          addLeaves({ state, routines, output, member, size });
          break;
        default:
          renewLeaves(state);
      }
    },
  };
}

interface Part {
  readonly state: BoostingState;
  readonly routines: BoostingRoutines;
  readonly output: number;
  readonly member: number;
  readonly size: number;
}

/** Member's share of [start, end), from an even number of rows after `start`. */
function block(start: number, end: number, member: number, size: number): [number, number] {
  const cut = (part: number) => (part === size ? end : start + 2 * Math.floor(((end - start) * part) / (2 * size)));
  return [cut(member), cut(member + 1)];
}

/** Counters of `next`: units of counting, features. */
const NEXT = { unit: 0, feature: 1 } as const;

function takeNext(state: BoostingState, counter: number): number {
  return Atomics.add(state.next, counter, 1);
}

/** Counts nodes together with the other members. */
function countNodes({ state, routines, output, member, size }: Part, nodes: readonly NodeToCount[]): void {
  const blockCount = nodes.reduce((sum, node) => sum + node.blockCount, 0);
  const few = blockCount * Math.ceil(state.featureCount / WORD_FEATURES) < 2 * size;
  const widest = few ? Math.ceil(Math.min(WORD_FEATURES, state.featureCount) / size) : WORD_FEATURES;
  const runs = featureRuns(state, widest);
  const unitCount = blockCount * runs.length;
  for (let unit = takeNext(state, NEXT.unit); unit < unitCount; unit = takeNext(state, NEXT.unit)) {
    let at = Math.floor(unit / runs.length);
    const run = runs[unit % runs.length];
    let n = 0;
    for (; at >= nodes[n].blockCount; n++) at -= nodes[n].blockCount;
    countBlock(state, routines, { node: nodes[n], block: at, run }, { output, member });
  }
  meet(state.meeting, size);
}

function countRoot(part: Part): void {
  const { state, routines, member, size } = part;
  const { task, featureCount, treeFeatures, nodes } = state;
  const end = task[TASK.end];
  if (task[TASK.everyRow]) {
    routines.numberRows(state.order0, ...block(0, end, member, size));
    meet(state.meeting, size);
  }
  const inOrder = task[TASK.everyRow] === 1;
  const root = nodeToCount(state, { order: state.order0, start: 0, end, inOrder }, { slot: 0, set: 0 });
  countNodes(part, [root]);
  for (let f = takeNext(state, NEXT.feature); f < featureCount; f = takeNext(state, NEXT.feature)) {
    if (treeFeatures[f]) joinBlocks(state, root, f);
  }
  meet(state.meeting, size);
  const [gradient, hessian] = totals(state, treeFeatures.indexOf(1));
  if (member === 0) nodes.set([gradient, hessian, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  const lower = Number.NEGATIVE_INFINITY;
  const node = { side: 0, slot: 0, count: end, gradient, hessian, value: 0, lower, upper: -lower };
  for (let f = member; f < featureCount; f += size) if (treeFeatures[f]) findSplit(state, node, f);
}

function totals({ sums }: BoostingState, f: number): [number, number] {
  let gradient = 0;
  let hessian = 0;
  for (let cell = f * BINS; cell < (f + 1) * BINS; cell++) {
    gradient += sums[2 * cell];
    hessian += sums[2 * cell + 1];
  }
  return [gradient, hessian];
}

function splitNode(part: Part): void {
  const { state, routines, member, size } = part;
  const { task, featureCount, treeFeatures } = state;
  const [start, middle, end] = [task[TASK.start], task[TASK.middle], task[TASK.end]];
  const order = task[TASK.side] === 0 ? state.order1 : state.order0;
  partitionRows(state, routines, member, size);
  if (task[TASK.wantLeft] + task[TASK.wantRight] === 0) return;
  meet(state.meeting, size);
  const smallIsLeft = middle - start < end - middle;
  const [left, right] = [
    { order, start, end: middle },
    { order, start: middle, end },
  ];
  const [smallSlot, largeSlot] = [task[TASK.smallSlot], task[TASK.parentSlot]];
  const small = nodeToCount(state, smallIsLeft ? left : right, { slot: smallSlot, set: 0 });
  const large = nodeToCount(state, smallIsLeft ? right : left, { slot: largeSlot, set: 1 });
  const both = task[TASK.countBoth] === 1;
  countNodes(part, both ? [small, large] : [small]);
  const wanted = nodesToSplit(state, smallIsLeft ? [smallSlot, largeSlot] : [largeSlot, smallSlot]);
  for (let f = takeNext(state, NEXT.feature); f < featureCount; f = takeNext(state, NEXT.feature)) {
    if (!treeFeatures[f]) continue;
    joinBlocks(state, small, f);
    if (both) joinBlocks(state, large, f);
    else subtractFeature(state, f, largeSlot, smallSlot);
    for (const node of wanted) findSplit(state, node, f);
  }
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
function addLeaves({ state, routines, output, member, size }: Part): void {
  const { leaves, leafValues, task } = state;
  for (let leaf = 0; leaf < task[TASK.leafCount]; leaf++) {
    if (leafValues[leaf] === 0) continue;
    const order = leaves[3 * leaf + 2] === 0 ? state.order0 : state.order1;
    const [start, end] = block(leaves[3 * leaf], leaves[3 * leaf + 1], member, size);
    routines.addToRows({ order, start, end }, output, leafValues[leaf]);
  }
}

/** Leaves of absolute and pinball loss: the quantile of what is left over, times the learning rate. */
function renewLeaves(state: BoostingState): void {
  const { leaves, leafValues, raw, target, weights, scratch, task, loss, learningRate } = state;
  if (!isRenewed(loss)) return;
  const level = quantileLevel(loss);
  for (let leaf = takeNext(state, NEXT.unit); leaf < task[TASK.leafCount]; leaf = takeNext(state, NEXT.unit)) {
    const [start, end, side] = leaves.subarray(3 * leaf, 3 * leaf + 3);
    const order = side === 0 ? state.order0 : state.order1;
    for (let i = start; i < end; i++) scratch[i] = target[order[i]] - raw[order[i]];
    const step = weights
      ? weightedQuantileOf(
          scratch.subarray(start, end),
          Float64Array.from({ length: end - start }, (_, i) => weights[order[start + i]]),
          level,
        )
      : quantileOf(scratch, start, end, level);
    leafValues[leaf] = Math.fround(learningRate * step);
  }
}
