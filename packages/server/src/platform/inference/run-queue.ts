import { inferenceErrors } from './inference-errors.js';
import { type RunCommand, transferable } from './inference-messages.js';
import type { RunResult } from './inference-types.js';
import { NotStartedError } from './model-worker.js';
import type { WorkerPool } from './worker-pool.js';

export interface QueuedRun {
  readonly command: RunCommand;
  readonly signal: AbortSignal | undefined;
  readonly transferInputs: boolean;
}

interface Waiting extends QueuedRun {
  readonly queuedNs: bigint;
  resolve(result: RunResult): void;
  reject(error: unknown): void;
}

/** The runs of one model: a bounded line in front of the workers and the count of those inside. */
export class RunQueue {
  readonly #pool: WorkerPool;
  readonly #digest: string;
  readonly #key: string;
  readonly #maxQueued: number;
  readonly #line: Waiting[] = [];
  #idle: (() => void)[] = [];
  #inFlight = 0;
  #runs = 0;
  #failures = 0;

  constructor(pool: WorkerPool, { digest, key }: { digest: string; key: string }, maxQueued: number) {
    this.#pool = pool;
    this.#digest = digest;
    this.#key = key;
    this.#maxQueued = maxQueued;
  }

  stats() {
    return {
      digest: this.#digest,
      queued: this.#line.length,
      inFlight: this.#inFlight,
      runs: this.#runs,
      failures: this.#failures,
    };
  }

  /** Stands in line. @throws INF_OVERLOADED, or the signal's reason */
  push(run: QueuedRun): Promise<RunResult> {
    if (run.signal?.aborted) return Promise.reject(run.signal.reason);
    if (this.#line.length >= this.#maxQueued) {
      return Promise.reject(
        inferenceErrors.INF_OVERLOADED(`${this.#line.length} runs wait for this model already.`, {
          data: { digest: this.#digest, queued: this.#line.length, maxQueued: this.#maxQueued, retryAfterSeconds: 1 },
        }),
      );
    }
    return new Promise((resolve, reject) => {
      const cancel = () => this.#cancel(waiting);
      const settle = () => run.signal?.removeEventListener('abort', cancel);
      const waiting: Waiting = {
        ...run,
        queuedNs: process.hrtime.bigint(),
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#line.push(waiting);
      run.signal?.addEventListener('abort', cancel);
    });
  }

  /** Hands the first run to a worker. False when nothing waits or no worker has room. */
  advance(): boolean {
    const [next] = this.#line;
    if (next === undefined) return false;
    if (!this.#pool.canServe(this.#key)) {
      for (const waiting of this.#line.splice(0)) {
        waiting.reject(
          inferenceErrors.INF_WORKER_LOST('No worker can load this model again.', { data: { retryAfterSeconds: 5 } }),
        );
      }
      this.#wakeIdle();
      return false;
    }
    const computing = this.#pool.run(next.command, next.transferInputs ? transferable(next.command.inputs) : []);
    if (computing === undefined) return false;
    this.#line.shift();
    this.#inFlight++;
    computing.then(
      ({ outputs, startedNs, computeNs }) => {
        this.#done(true);
        next.resolve({ outputs, computeNs, queueNs: Number(startedNs - next.queuedNs) });
      },
      (error: unknown) => {
        if (error instanceof NotStartedError && next.signal?.aborted !== true) {
          this.#inFlight--;
          this.#line.unshift(next);
          return;
        }
        this.#done(false);
        next.reject(error);
      },
    );
    return true;
  }

  /** Resolves when no run waits or computes. */
  idle(): Promise<void> {
    if (this.#line.length === 0 && this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #cancel(waiting: Waiting): void {
    const at = this.#line.indexOf(waiting);
    if (at >= 0) this.#line.splice(at, 1);
    waiting.reject(waiting.signal?.reason);
    this.#wakeIdle();
  }

  #done(ok: boolean): void {
    this.#inFlight--;
    if (ok) this.#runs++;
    else this.#failures++;
    this.#wakeIdle();
  }

  #wakeIdle(): void {
    if (this.#line.length > 0 || this.#inFlight > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
