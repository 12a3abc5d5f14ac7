import { Worker } from 'node:worker_threads';
import { computeErrors } from './compute-errors.js';
import { fromWire, type ThreadMessage, type ThreadStart } from './compute-messages.js';

export interface ThreadTask<News> {
  /** The compiled file, see `workerEntry`; it calls {@link serveThread}. */
  readonly entry: URL;
  readonly input: unknown;
  /** Buffers of `input` that are given away instead of copied; they are empty here afterwards. */
  readonly transfer?: readonly ArrayBuffer[];
  readonly signal?: AbortSignal;
  /** How long an aborted thread may take to stop by itself before it is ended. Default 2000. */
  readonly graceMs?: number;
  readonly onNews?: (news: News) => void;
}

/**
 * Runs one computation in a thread of its own and ends the thread. For JavaScript only: a thread inside native code must
 * never be ended. An abort is a flag that the work reads between its units, because a busy thread hears no messages.
 *
 * @throws the coded error of the work, CMP_THREAD_FAILED for any other, CMP_THREAD_LOST, or the signal's reason
 */
export function runInThread<Output, News = never>(task: ThreadTask<News>): Promise<Output> {
  const { entry, input, transfer = [], signal, graceMs = 2000, onNews } = task;
  if (signal?.aborted) return Promise.reject(reasonOf(signal));
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const workerData: ThreadStart = { input, stop };
  const worker = new Worker(entry, { execArgv: [], workerData, transferList: [...transfer] });
  return new Promise<Output>((resolve, reject) => {
    let ending: NodeJS.Timeout | undefined;
    const onAbort = () => {
      Atomics.store(stop, 0, 1);
      ending = setTimeout(() => void worker.terminate(), graceMs);
    };
    const settle = (finish: () => void) => {
      clearTimeout(ending);
      signal?.removeEventListener('abort', onAbort);
      if (signal?.aborted) reject(reasonOf(signal));
      else finish();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: ThreadMessage) => {
      if (message.type === 'news') onNews?.(message.news as News);
      else if (message.type === 'done') settle(() => resolve(message.output as Output));
      else settle(() => reject(fromWire(message.error)));
    });
    worker.on('error', (cause) =>
      settle(() => reject(computeErrors.CMP_THREAD_FAILED(`The thread died: ${cause.message}.`, { cause }))),
    );
    // After an answer this changes nothing: a promise settles once.
    worker.on('exit', (exitCode) =>
      settle(() => reject(computeErrors.CMP_THREAD_LOST(`The thread ended with exit code ${exitCode}.`))),
    );
  });
}

function reasonOf(signal: AbortSignal): unknown {
  return signal.reason ?? new Error('aborted');
}
