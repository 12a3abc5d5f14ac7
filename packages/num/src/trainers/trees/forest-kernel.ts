import type { Kernel, SharedState } from '../../parallel/thread-pool.js';
import { TreeGrower } from './tree-grow.js';
import type { TreeNodes, TreeTask } from './tree-task.js';

/** Where the trees of one batch are put: tree t in slot t − first. */
export interface TreeSlot extends TreeNodes {
  /** Per feature: total decrease of weighted impurity. */
  readonly importance: Float64Array;
  /** [0]: number of nodes. */
  readonly nodeCount: Int32Array;
}

export interface ForestState {
  readonly task: TreeTask;
  readonly slots: readonly TreeSlot[];
  /** [0]: the next tree that nobody grows; [1]: the first tree of the batch. */
  readonly next: Int32Array;
}

/** Grows the trees up to `argument` (exclusive); whoever is free takes the next. A tree depends on its number only. */
export function createForestKernel(shared: SharedState): Kernel {
  const { task, slots, next } = shared as unknown as ForestState;
  let grower: TreeGrower | undefined;
  return {
    run: (_command, end) => {
      for (let t = Atomics.add(next, 0, 1); t < end; t = Atomics.add(next, 0, 1)) {
        grower ??= new TreeGrower(task);
        const slot = slots[t - next[1]];
        slot.importance.fill(0);
        slot.nodeCount[0] = grower.grow(t, slot, slot.importance);
      }
    },
  };
}
