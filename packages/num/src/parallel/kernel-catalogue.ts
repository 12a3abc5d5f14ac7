import { numErrors } from '../num-errors.js';
import { createBoostingKernel } from '../trainers/boosting/boosting-kernel.js';
import { createAssignKernel } from '../trainers/clusters/assign-kernel.js';
import { createLogisticKernel } from '../trainers/linear/logistic-kernel.js';
import { createBinningKernel } from '../trainers/trees/binning-kernel.js';
import { createForestKernel } from '../trainers/trees/forest-kernel.js';
import type { Kernel, ParallelRegion, SharedState, ThreadPool } from './thread-pool.js';

/** Every kernel by its name; a thread that is asked to join a region looks it up here. */
const KERNELS: Readonly<Record<string, (state: SharedState) => Kernel>> = {
  'bin-features': createBinningKernel,
  'grow-trees': createForestKernel,
  'boost-trees': createBoostingKernel,
  'logistic-loss': createLogisticKernel,
  'assign-rows': createAssignKernel,
};

/** The kernel of that name over this state. @throws NUM_RANGE */
export function createKernel(name: string, state: SharedState): Kernel {
  const create = Object.hasOwn(KERNELS, name) ? KERNELS[name] : undefined;
  if (create) return create(state);
  throw numErrors.NUM_RANGE(`There is no kernel ${name}.`, { data: { kernel: name } });
}

function openHere(kernel: string, state: SharedState): ParallelRegion {
  const only = createKernel(kernel, state);
  return { size: 1, run: (command, argument = 0) => only.run(command, argument, 0, 1), close: () => undefined };
}

/** The calling thread alone. */
export const singleThread: ThreadPool = Object.freeze({ size: 1, open: openHere });
