import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { createKernel, type ParallelRegion, type SharedState, type ThreadPool } from '@fairlead/num';
import { fromWire } from './compute-messages.js';
import { CELL, type OpenRegion, ORDER, type PoolThreadNews, type PoolThreadStart } from './thread-pool-messages.js';
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
 * @param size threads in all, the caller included; 1 starts none.
 */
export function createThreadPool(size: number): ClosableThreadPool {
  let team: Team | undefined;
  return {
    size,
    open: (kernel, state) => {
      const own = createKernel(kernel, state);
      if (size < 2) {
        return { size: 1, run: (command, argument = 0) => own.run(command, argument, 0, 1), close: () => undefined };
      }
      team ??= new Team(size);
      return team.open(kernel, state, own);
    },
    close: () => {
      team?.end();
      team = undefined;
    },
  };
}

class Team {
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CELL.length));
  readonly #ports: MessagePort[] = [];
  readonly #size: number;
  #regions = 0;

  constructor(size: number) {
    this.#size = size;
    for (let member = 1; member < size; member += 1) {
      const { port1, port2 } = new MessageChannel();
      const workerData: PoolThreadStart = { control: this.#control, port: port2, member, size };
      const worker = new Worker(workerEntry(import.meta.url, 'thread-pool-worker.js'), {
        execArgv: [],
        workerData,
        transferList: [port2],
      });
      // An idle pool must not keep its thread alive.
      worker.unref();
      port1.unref();
      this.#ports.push(port1);
    }
  }

  open(kernel: string, state: SharedState, own: ReturnType<typeof createKernel>): ParallelRegion {
    this.#regions += 1;
    const region = this.#regions;
    const message: OpenRegion = { region, kernel, state };
    for (const port of this.#ports) port.postMessage(message);
    this.#order(ORDER.open, { region });
    this.#wait();
    return {
      size: this.#size,
      run: (command, argument = 0) => {
        this.#order(ORDER.run, { region, command, argument });
        try {
          own.run(command, argument, 0, this.#size);
        } finally {
          this.#wait();
        }
      },
      close: () => {
        this.#order(ORDER.close, { region });
        this.#wait();
      },
    };
  }

  end(): void {
    this.#order(ORDER.end, { region: 0 });
    for (const port of this.#ports) port.close();
  }

  #order(
    order: number,
    { region, command = 0, argument = 0 }: { region: number; command?: number; argument?: number },
  ) {
    const control = this.#control;
    control[CELL.order] = order;
    control[CELL.region] = region;
    control[CELL.command] = command;
    control[CELL.argument] = argument;
    Atomics.store(control, CELL.pending, this.#size - 1);
    Atomics.add(control, CELL.generation, 1);
    Atomics.notify(control, CELL.generation);
  }

  /** Until every thread has finished the order. @throws the error of a thread that failed */
  #wait(): void {
    const control = this.#control;
    for (let left = Atomics.load(control, CELL.pending); left > 0; left = Atomics.load(control, CELL.pending)) {
      Atomics.wait(control, CELL.pending, left);
    }
    if (Atomics.exchange(control, CELL.failures, 0) === 0) return;
    for (const port of this.#ports) {
      const news = receiveMessageOnPort(port)?.message as PoolThreadNews | undefined;
      if (news !== undefined) throw fromWire(news.error);
    }
  }
}
