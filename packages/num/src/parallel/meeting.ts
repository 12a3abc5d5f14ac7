import { numErrors } from '../num-errors.js';
import { sharedBytes, type ThreadPool } from './thread-pool.js';

/** How long a waiting member sleeps before it looks whether the others can still come. */
const SLEEP_MS = 100;

/** A place where the members of a region wait for each other. */
export interface Meeting {
  /** Members that have come, and the number of meetings so far. */
  readonly cells: Int32Array;
  /** Not 0 when a member cannot come any more, see {@link ThreadPool.halt}. */
  readonly halt: Int32Array;
}

export function createMeeting(pool: ThreadPool): Meeting {
  return { cells: new Int32Array(sharedBytes(8, pool)), halt: pool.halt ?? new Int32Array(1) };
}

/**
 * Waits until all members have come here. Spins first: members arrive within microseconds of each other.
 *
 * @throws NUM_HALTED when a member failed or its thread is gone; the pool answers with that cause instead
 */
export function meet({ cells, halt }: Meeting, size: number): void {
  if (size < 2) return;
  const generation = Atomics.load(cells, 1);
  if (Atomics.add(cells, 0, 1) === size - 1) {
    Atomics.store(cells, 0, 0);
    Atomics.add(cells, 1, 1);
    Atomics.notify(cells, 1);
    return;
  }
  for (let spin = 0; spin < 4000; spin++) if (Atomics.load(cells, 1) !== generation) return;
  while (Atomics.load(cells, 1) === generation) {
    if (Atomics.load(halt, 0) !== 0) throw numErrors.NUM_HALTED('A member of a parallel region did not come.');
    Atomics.wait(cells, 1, generation, SLEEP_MS);
  }
}
