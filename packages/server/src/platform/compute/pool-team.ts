import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { isFairleadError } from '@fairlead/kernel';
import { createKernel, type Kernel, type ParallelRegion, type SharedState } from '@fairlead/num';
import { computeErrors } from './compute-errors.js';
import { fromWire } from './compute-messages.js';
import {
  CELL,
  HALT,
  type OpenRegion,
  ORDER,
  type PoolThreadNews,
  SPINS,
  type SupervisorStart,
} from './thread-pool-messages.js';
import { workerEntry } from './worker-entry.js';

/** A thread starts within tens of milliseconds; one that has not by then (its file is missing, say) never will. */
const START_LIMIT_MS = 20_000;

/** The threads of a pool as their leader sees them: it gives an order, does its own part and waits for theirs. */
export class PoolTeam {
  /** See ThreadPool. */
  readonly halt: Int32Array;
  readonly #control = new Int32Array(new SharedArrayBuffer(4 * CELL.length));
  readonly #ports: MessagePort[] = [];
  readonly #news: MessagePort;
  readonly #size: number;
  #regions = 0;

  /** @throws CMP_THREAD_LOST when the thread that watches the others does not start */
  constructor(size: number, entry: URL, supervisorEntry = workerEntry(import.meta.url, 'supervisor-thread.js')) {
    this.#size = size;
    this.halt = this.#control.subarray(CELL.halt, CELL.halt + 1);
    const channels = Array.from({ length: size }, () => new MessageChannel());
    const [news, ...ports] = channels.map(({ port2 }) => port2) as [MessagePort, ...MessagePort[]];
    const workerData: SupervisorStart = { control: this.#control, entry: entry.href, news, ports };
    const supervisor = new Worker(supervisorEntry, {
      execArgv: [],
      workerData,
      transferList: [news, ...ports],
    });
    // An idle pool must not keep its thread alive.
    supervisor.unref();
    if (Atomics.wait(this.#control, CELL.watched, 0, START_LIMIT_MS) === 'timed-out') {
      throw computeErrors.CMP_THREAD_LOST(`The threads of the pool did not start within ${START_LIMIT_MS / 1000} s.`);
    }
    const own = channels.map(({ port1 }) => port1);
    for (const port of own) port.unref();
    [this.#news, ...this.#ports] = own as [MessagePort, ...MessagePort[]];
  }

  open(kernel: string, state: SharedState): ParallelRegion {
    const own = createKernel(kernel, state);
    this.#regions += 1;
    const region = this.#regions;
    const message: OpenRegion = { region, kernel, state };
    for (const port of this.#ports) port.postMessage(message);
    this.#order(ORDER.open, { region });
    this.#join();
    return {
      size: this.#size,
      run: (command, argument = 0) => {
        this.#order(ORDER.run, { region, command, argument });
        this.#join(this.#failureOf(own, command, argument));
      },
      close: () => {
        // After a loss nobody keeps the region, and its user has the error already.
        if (this.halt[0] === HALT.lost) return;
        this.#order(ORDER.close, { region });
        this.#join();
      },
    };
  }

  end(): void {
    this.#order(ORDER.end, { region: 0 });
    for (const port of [this.#news, ...this.#ports]) port.close();
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
    Atomics.compareExchange(control, CELL.halt, HALT.failed, HALT.none);
    Atomics.store(control, CELL.pending, this.#size - 1);
    Atomics.add(control, CELL.generation, 1);
    Atomics.notify(control, CELL.generation);
  }

  /** Does the leader's part. What it throws is kept until the members have left the order too. */
  #failureOf(own: Kernel, command: number, argument: number): { cause: unknown } | undefined {
    try {
      own.run(command, argument, 0, this.#size);
      return undefined;
    } catch (cause) {
      Atomics.compareExchange(this.#control, CELL.halt, HALT.none, HALT.failed);
      return { cause };
    }
  }

  /**
   * Until every thread has finished the order, or one is lost. A thread that is lost between two looks is not missed: the
   * supervisor marks the loss first and lowers `pending` afterwards, and an order sets `pending` before the loss is read.
   *
   * @throws CMP_THREAD_LOST, or the error of the member whose failure the others follow
   */
  #join(own?: { cause: unknown }): void {
    const control = this.#control;
    const halted = () => Atomics.load(control, CELL.halt);
    if (halted() === HALT.lost) throw this.#loss();
    for (let spin = 0; spin < SPINS && Atomics.load(control, CELL.pending) > 0; spin += 1);
    for (let left = Atomics.load(control, CELL.pending); left > 0; left = Atomics.load(control, CELL.pending)) {
      Atomics.wait(control, CELL.pending, left);
    }
    if (halted() === HALT.lost) throw this.#loss();
    if (halted() === HALT.none) return;
    const heard = this.#ports.flatMap((port) => {
      const news = receive(port);
      return news ? [fromWire(news.error)] : [];
    });
    const failures = own ? [own.cause, ...heard] : heard;
    throw failures.find((error) => !(isFairleadError(error) && error.code === 'NUM_HALTED')) ?? failures[0];
  }

  #loss(): Error {
    const news = receive(this.#news);
    return news ? fromWire(news.error) : computeErrors.CMP_THREAD_LOST('A thread of the pool ended before.');
  }
}

function receive(port: MessagePort): PoolThreadNews | undefined {
  const received: { message: PoolThreadNews } | undefined = receiveMessageOnPort(port);
  return received?.message;
}
