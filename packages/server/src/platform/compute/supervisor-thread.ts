import { Worker, workerData } from 'node:worker_threads';
import { messageOf } from '@fairlead/kernel';
import { computeErrors } from './compute-errors.js';
import { toWire } from './compute-messages.js';
import {
  CELL,
  HALT,
  ORDER,
  type PoolThreadNews,
  type PoolThreadStart,
  type SupervisorStart,
} from './thread-pool-messages.js';

// Entry of the thread that starts the threads of a pool and hears when one ends. It exists because the others cannot: the
// leader and the members sleep on futexes, and the end of a thread is told to the event loop of the thread that started it.

const { control, entry, ports, news } = workerData as SupervisorStart;
const size = ports.length + 1;
const workers: Worker[] = [];
Atomics.store(control, CELL.watched, 1);
Atomics.notify(control, CELL.watched);

/** Wakes the leader with the reason and ends the other threads: what they share with the lost one is half done. */
function lose(reason: string): void {
  if (control[CELL.order] === ORDER.end || control[CELL.halt] === HALT.lost) return;
  const error = toWire(computeErrors.CMP_THREAD_LOST(reason));
  news.postMessage({ error } satisfies PoolThreadNews);
  Atomics.store(control, CELL.halt, HALT.lost);
  // So low that members that still finish do not matter: nobody is waited for any more.
  Atomics.store(control, CELL.pending, -size);
  Atomics.notify(control, CELL.pending);
  for (const worker of workers) void worker.terminate();
}

try {
  for (const [index, port] of ports.entries()) {
    const member = index + 1;
    const start: PoolThreadStart = { control, port, member, size };
    const worker = new Worker(new URL(entry), { execArgv: [], workerData: start, transferList: [port] });
    workers.push(worker);
    let cause = '';
    worker.on('error', (error) => {
      cause = `: ${messageOf(error)}`;
    });
    worker.on('exit', (code) => lose(`Thread ${member + 1} of ${size} ended with exit code ${code}${cause}.`));
  }
} catch (error) {
  lose(`A pool of ${size} threads could not be started: ${messageOf(error)}.`);
}
