import { createKernel, type ThreadPool } from '@fairlead/num';
import { PoolTeam } from './pool-team.js';
import { workerEntry } from './worker-entry.js';

export interface ClosableThreadPool extends ThreadPool {
  /** Ends the threads; the pool must not be used afterwards. */
  close(): void;
}

/**
 * Threads that compute together with the thread that calls this, over shared memory. `run` blocks, so the caller must be a
 * thread of its own (see runInThread), never the one that serves requests. Threads start with the first region and stay
 * until `close`; between orders they sleep on a futex and cost nothing.
 *
 * When a thread ends by itself (its memory is exhausted, something called `process.exit`), the order it was given fails
 * with CMP_THREAD_LOST, and so does every later one: the pool can only be closed.
 *
 * @param size threads in all, the caller included; 1 starts none.
 * @param entry the file of a thread, by default thread-pool-worker.js.
 */
export function createThreadPool(
  size: number,
  entry: URL = workerEntry(import.meta.url, 'thread-pool-worker.js'),
): ClosableThreadPool {
  let team: PoolTeam | undefined;
  const teamOf = () => {
    team ??= new PoolTeam(size, entry);
    return team;
  };
  return {
    size,
    get halt() {
      return size < 2 ? new Int32Array(1) : teamOf().halt;
    },
    open: (kernel, state) => {
      if (size > 1) return teamOf().open(kernel, state);
      const only = createKernel(kernel, state);
      return { size, run: (command, argument = 0) => only.run(command, argument, 0, 1), close: () => undefined };
    },
    close: () => {
      team?.end();
      team = undefined;
    },
  };
}
