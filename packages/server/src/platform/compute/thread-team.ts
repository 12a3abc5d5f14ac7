import { Worker } from 'node:worker_threads';
import { computeErrors } from './compute-errors.js';
import { fromWire, type WireError } from './compute-messages.js';

/** What a thread of a team is started with. `stop[0]` becomes 1 when no answer is wanted any more. */
export interface TeamStart {
  readonly input: unknown;
  readonly stop: Int32Array;
}

export type TeamAnswer = { readonly answer: unknown } | { readonly error: WireError };

export interface TeamOptions {
  /** The compiled file, see `workerEntry`; it calls `serveRequests`. */
  readonly entry: URL;
  /** Given to every thread: copied, but for what stands in SharedArrayBuffers. */
  readonly input: unknown;
  readonly size: number;
  readonly signal?: AbortSignal | undefined;
  /** How long an aborted thread may take to stop by itself before it is ended. Default 2000. */
  readonly graceMs?: number;
}

export interface ThreadTeam<Request, Answer> {
  readonly size: number;
  /**
   * One request at a time per member. The member's thread starts with its first request.
   *
   * @throws the coded error of the work, CMP_THREAD_FAILED, CMP_THREAD_LOST, or the signal's reason
   */
  ask(member: number, request: Request): Promise<Answer>;
  /** Ends all threads. For JavaScript only: a thread inside native code must never be ended. */
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads that keep what they were given and answer requests over it, each on its own. */
export function openThreadTeam<Request, Answer>(options: TeamOptions): ThreadTeam<Request, Answer> {
  const { entry, input, size, signal, graceMs = 2000 } = options;
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workers = new Map<number, Worker>();
  const waiting = new Map<number, Waiting>();
  const settle = (member: number, finish: (one: Waiting) => void): void => {
    const one = waiting.get(member);
    waiting.delete(member);
    if (one === undefined) return;
    if (signal?.aborted) one.reject(signal.reason ?? new Error('aborted'));
    else finish(one);
  };
  const end = async (): Promise<void> => {
    const all = [...workers.values()];
    workers.clear();
    await Promise.all(all.map((worker) => worker.terminate()));
  };
  const onAbort = (): void => {
    Atomics.store(stop, 0, 1);
    setTimeout(() => void end(), graceMs).unref();
  };
  signal?.addEventListener('abort', onAbort, { once: true });

  const start = (member: number): Worker => {
    const workerData: TeamStart = { input, stop };
    const worker = new Worker(entry, { execArgv: [], workerData });
    const fail = (error: Error) => {
      workers.delete(member);
      settle(member, ({ reject }) => reject(error));
    };
    worker.on('message', (message: TeamAnswer) =>
      settle(member, ({ resolve, reject }) =>
        'answer' in message ? resolve(message.answer) : reject(fromWire(message.error)),
      ),
    );
    worker.on('error', (cause) =>
      fail(computeErrors.CMP_THREAD_FAILED(`The thread died: ${cause.message}.`, { cause })),
    );
    worker.on('exit', (exitCode) =>
      fail(computeErrors.CMP_THREAD_LOST(`The thread ended with exit code ${exitCode}.`)),
    );
    workers.set(member, worker);
    return worker;
  };

  return {
    size,
    ask: (member, request) => {
      if (signal?.aborted) return Promise.reject(signal.reason ?? new Error('aborted'));
      return new Promise<Answer>((resolve, reject) => {
        waiting.set(member, { resolve: resolve as (answer: unknown) => void, reject });
        (workers.get(member) ?? start(member)).postMessage(request);
      });
    },
    close: async () => {
      signal?.removeEventListener('abort', onAbort);
      Atomics.store(stop, 0, 1);
      await end();
    },
  };
}
