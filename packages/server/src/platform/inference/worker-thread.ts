import { Worker } from 'node:worker_threads';
import { messageOf } from '@fairlead/kernel';
import { inferenceErrors } from './inference-errors.js';
import { type Answer, type Answers, type Command, fromWire, type Reply, type Request } from './inference-messages.js';
import type { ModelWorker } from './model-worker.js';
import { withTexts } from './packed-texts.js';
import { refuseTelemetry } from './refuse-telemetry.js';

interface Waiting {
  resolve(value: Answer): void;
  reject(error: Error): void;
}

/**
 * One worker thread and the requests it has not answered. There is no way to terminate it: ending a thread that is inside
 * the runtime aborts the whole process, so it is asked to stop and does so after its last answer.
 */
export class WorkerThread implements ModelWorker {
  readonly pid = null;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  #nextId = 0;
  #stopping = false;
  #gone = false;

  /** `onLost` is called once when the thread ends without having been asked to. */
  constructor(entry: URL, onLost: () => void) {
    refuseTelemetry();
    this.#worker = new Worker(entry, { execArgv: [] });
    let cause: unknown;
    this.#worker.on('error', (error) => {
      cause = error;
    });
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (exitCode) => {
        this.#gone = true;
        this.#loseAll(exitCode, cause);
        resolve();
        if (!this.#stopping) onLost();
      });
    });
  }

  get alive(): boolean {
    return !this.#gone;
  }

  /** Requests not answered yet. */
  get inFlight(): number {
    return this.#waiting.size;
  }

  /** Sends a command. @throws INF_WORKER_LOST when the thread ends first, or the error of the command */
  request<C extends Command>(command: C, transfer: readonly ArrayBuffer[] = []): Promise<Answers[C['type']]> {
    if (this.#gone) return Promise.reject(lost('has ended', undefined));
    const id = this.#nextId++;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#worker.postMessage({ ...command, id } satisfies Request, [...transfer]);
      this.#waiting.set(id, { resolve, reject });
    });
    return answer as Promise<Answers[C['type']]>;
  }

  /** Lets the thread answer what it has, free its models and end. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (!this.#gone) await this.request({ type: 'stop' }).catch(() => undefined);
    await this.#ended;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(fromWire(reply.error));
    else waiting?.resolve(withTexts(reply.value));
  }

  #loseAll(exitCode: number, cause: unknown): void {
    const error = lost(cause === undefined ? `ended with exit code ${exitCode}` : `died: ${messageOf(cause)}`, cause);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function lost(how: string, cause: unknown): Error {
  return inferenceErrors.INF_WORKER_LOST(`The inference worker ${how}.`, { cause, data: { retryAfterSeconds: 1 } });
}
