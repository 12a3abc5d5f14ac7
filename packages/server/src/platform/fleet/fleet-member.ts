import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@fairlead/kernel';
import { fromWire, type WireError } from '../compute/index.js';
import { Exchange, type Message } from './exchange.js';
import { fleetErrors } from './fleet-errors.js';
import type { FleetOptions, MemberNews, StopOrder, TellOptions } from './fleet-types.js';
import { giveBackConnections } from './give-back-connections.js';

interface MemberOptions extends FleetOptions {
  /** Whether a member listens beside those whose channel has ended. */
  readonly othersAnswer: () => boolean;
}

/** One process of the fleet, from its start to its end. */
export class FleetMember {
  readonly #worker: Worker;
  readonly #exchange: Exchange;
  readonly #options: MemberOptions;
  #joined = false;
  #answering = false;
  #gone = false;
  #listens = false;
  /** Resolves with its addresses when it listens; rejects when it ends before. */
  readonly listening: Promise<unknown>;
  readonly ended: Promise<void>;
  #settle!: { resolve: (addresses: unknown) => void; reject: (error: unknown) => void };

  constructor(options: MemberOptions) {
    this.#options = options;
    // Its own choice elsewhere would be different on Windows.
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({
      exec: fileURLToPath(options.entry),
      args: [],
      execArgv: [...process.execArgv, ...(options.execArgv ?? [])],
      serialization: 'advanced',
    });
    this.#worker = cluster.fork();
    giveBackConnections(this.#worker.process, options.othersAnswer);
    this.listening = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Who starts the fleet waits for it; for one that takes the place of another nobody does.
    this.listening.catch(() => undefined);
    this.#exchange = new Exchange(
      // A channel that is closed means that the process is gone, which its exit tells.
      (message) => void (this.#worker.isConnected() && this.#worker.send(message, () => undefined)),
      (request) => this.#answer(request as MemberNews),
    );
    this.#worker.on('message', (message: Message) => this.#exchange.receive(message));
    this.#worker.on('error', (error) => options.onError(error, `serving process ${this.number} could not be reached`));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code, signal) => {
        this.#answering = false;
        this.#gone = true;
        const error = fleetErrors.FLT_MEMBER_LOST(`The serving process ended with ${signal ?? `exit code ${code}`}.`);
        this.#exchange.lose(error);
        this.#settle.reject(error);
        resolve();
      });
    });
  }

  get number(): number {
    return this.#worker.id;
  }

  /** Whether connections can be handed to it. */
  get listens(): boolean {
    return this.#listens && this.#worker.isConnected();
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** One that has not joined yet gets the change with its state; one that does not answer yet is not waited for. */
  async tell(change: unknown, { timeoutMs, mayBeLate }: Required<TellOptions>): Promise<void> {
    if (!this.#joined) return;
    const applied = this.#exchange.ask(change);
    if (!this.#answering) {
      // What it cannot apply it would answer without.
      applied.catch(() => this.kill());
      return;
    }
    let late: NodeJS.Timeout | undefined;
    const inTime = new Promise<void>((resolve) => {
      late = setTimeout(() => (mayBeLate ? resolve() : this.kill()), timeoutMs);
    });
    try {
      await Promise.race([applied, inTime]);
    } catch (error) {
      // Of one that is gone nothing needs to be known: it does not answer by the old state.
      if (!this.#gone) throw error;
    } finally {
      clearTimeout(late);
    }
  }

  kill(): void {
    this.#answering = false;
    this.#worker.process.kill('SIGKILL');
  }

  async stop(timeoutMs: number): Promise<void> {
    // A little more than it was given: it must be able to say that it could not finish.
    const late = setTimeout(() => this.kill(), timeoutMs + 2_000);
    const order: StopOrder = { fleet: 'stop', timeoutMs };
    if (this.#joined) await this.#exchange.ask(order).catch(() => undefined);
    else this.kill();
    if (this.#worker.isConnected()) this.#worker.disconnect();
    await this.ended;
    clearTimeout(late);
  }

  #answer(request: MemberNews): unknown {
    switch (request.fleet) {
      case 'join':
        this.#joined = true;
        return this.#options.state();
      case 'ready':
        // From now on its answers are waited for; what it was told before it applies before it listens.
        this.#answering = true;
        return undefined;
      case 'listening':
        this.#listens = true;
        return this.#settle.resolve(request.addresses);
      case 'failed': {
        const error = fromWire(request.error as WireError);
        this.#options.onError(error, `a serving process could not be set up: ${messageOf(error)}`);
        return this.#settle.reject(error);
      }
      default:
        return this.#options.answer(request as never, this.number);
    }
  }
}
