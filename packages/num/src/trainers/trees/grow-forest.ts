import { singleThread } from '../../parallel/kernel-catalogue.js';
import { sharedBytes, type ThreadPool } from '../../parallel/thread-pool.js';
import { type FitHooks, throwIfStopped } from '../trainer-types.js';
import type { ForestState, TreeSlot } from './forest-kernel.js';
import { type ForestStructure, joinTrees, type Tree } from './forest-structure.js';
import { nodeLimit, outputCount, type TreeTask } from './tree-task.js';

/** Several small trees per batch and thread, so that threads rarely wait for each other; large ones need the room. */
const SLOTS_PER_THREAD = 4;
const LARGE_TREE_NODES = 16_384;

export interface GrownForest {
  readonly forest: ForestStructure;
  /** Mean over trees of each tree's share of impurity decrease per feature; sums to 1, or all 0. */
  readonly importances: Float64Array;
}

/**
 * Grows `treeCount` trees over the threads of a pool. Each has its own generator forked from the seed by its number, so the
 * bytes are the same for any number of threads.
 *
 * @throws the reason of `signal`, looked at between batches of trees
 */
export function growForest(task: TreeTask, treeCount: number, hooks: FitHooks): GrownForest {
  const { threads = singleThread, signal, onProgress } = hooks;
  const limit = nodeLimit(task);
  const batch = Math.min(treeCount, threads.size * (limit > LARGE_TREE_NODES ? 1 : SLOTS_PER_THREAD));
  const slots = Array.from({ length: batch }, () => makeSlot(task, limit, threads));
  const next = new Int32Array(sharedBytes(8, threads));
  const state: ForestState = { task, slots, next };
  const trees: Tree[] = [];
  const importances = new Float64Array(task.featureCount);
  throwIfStopped(signal);
  const region = threads.open('grow-trees', { ...state });
  try {
    while (trees.length < treeCount) {
      throwIfStopped(signal);
      const first = trees.length;
      const end = Math.min(treeCount, first + batch);
      next[0] = first;
      next[1] = first;
      region.run(0, end);
      for (let t = first; t < end; t++) {
        trees.push(treeOf(slots[t - first], outputCount(task)));
        addShares(importances, slots[t - first].importance);
      }
      onProgress?.(end / treeCount);
    }
  } finally {
    region.close();
  }
  normalise(importances);
  return { forest: joinTrees(trees, outputCount(task)), importances };
}

function makeSlot(task: TreeTask, limit: number, pool: ThreadPool): TreeSlot {
  return {
    feature: new Int32Array(sharedBytes(4 * limit, pool)),
    threshold: new Float32Array(sharedBytes(4 * limit, pool)),
    left: new Int32Array(sharedBytes(4 * limit, pool)),
    missingLeft: new Uint8Array(sharedBytes(limit, pool)),
    cover: new Float64Array(sharedBytes(8 * limit, pool)),
    impurity: new Float64Array(sharedBytes(8 * limit, pool)),
    values: new Float64Array(sharedBytes(8 * limit * outputCount(task), pool)),
    importance: new Float64Array(sharedBytes(8 * task.featureCount, pool)),
    nodeCount: new Int32Array(sharedBytes(4, pool)),
  };
}

/** A copy, without the room that was not needed. */
function treeOf(slot: TreeSlot, outputs: number): Tree {
  const count = slot.nodeCount[0];
  return {
    feature: copyOf(slot.feature, new Int32Array(count)),
    threshold: copyOf(slot.threshold, new Float32Array(count)),
    left: copyOf(slot.left, new Int32Array(count)),
    missingLeft: copyOf(slot.missingLeft, new Uint8Array(count)),
    cover: copyOf(slot.cover, new Float64Array(count)),
    impurity: copyOf(slot.impurity, new Float64Array(count)),
    values: copyOf(slot.values, new Float64Array(count * outputs)),
  };
}

function copyOf<T extends Int32Array | Float32Array | Uint8Array | Float64Array>(from: T, to: T): T {
  to.set(from.subarray(0, to.length));
  return to;
}

function addShares(importances: Float64Array, decrease: Float64Array): void {
  const total = decrease.reduce((sum, value) => sum + value, 0);
  if (total > 0) for (let f = 0; f < importances.length; f++) importances[f] += decrease[f] / total;
}

function normalise(values: Float64Array): void {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total > 0) for (let f = 0; f < values.length; f++) values[f] /= total;
}
