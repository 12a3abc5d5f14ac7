import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { computeErrors } from './compute-errors.js';
import { fromWire, type ThreadMessage } from './compute-messages.js';

export interface ProcessTask<News> {
  /** The compiled file, see `workerEntry`; it calls `serveProcess`. */
  readonly entry: URL;
  /** Anything that survives a structured clone. */
  readonly input: unknown;
  readonly signal?: AbortSignal;
  /** How long an aborted process may take to stop by itself before it is killed. Default 5000. */
  readonly graceMs?: number;
  readonly onNews?: (news: News) => void;
}

/**
 * Does one long computation in a process of its own: what it holds and how it ends is its own affair, and native code in it can be
 * ended. It stops when this process is gone.
 *
 * @throws the coded error of the work, CMP_THREAD_FAILED for any other, CMP_PROCESS_LOST, or the signal's reason
 */
export async function runInProcess<Output, News = never>(task: ProcessTask<News>): Promise<Output> {
  const { entry, input, signal, graceMs = 5000, onNews } = task;
  signal?.throwIfAborted();
  const child = fork(fileURLToPath(entry), {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let ending: NodeJS.Timeout | undefined;
  const onAbort = () => {
    if (child.connected) child.send('stop', () => undefined);
    ending = setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  signal?.addEventListener('abort', onAbort, { once: true });
  let answer: Exclude<ThreadMessage, { type: 'news' }> | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: ThreadMessage) => {
        if (message.type === 'news') onNews?.(message.news as News);
        else answer = message;
      });
      child.once('error', (cause) => reject(lost(`could not be started: ${cause.message}`, cause)));
      child.once('exit', (code, name) => {
        if (answer === undefined && !signal?.aborted) reject(lost(`ended with ${name ?? `exit code ${code}`}`));
        else resolve();
      });
      child.send({ input }, () => undefined);
    });
  } finally {
    clearTimeout(ending);
    signal?.removeEventListener('abort', onAbort);
  }
  signal?.throwIfAborted();
  if (answer?.type === 'done') return answer.output as Output;
  throw fromWire((answer as Extract<ThreadMessage, { type: 'failed' }>).error);
}

function lost(how: string, cause?: unknown): Error {
  return computeErrors.CMP_PROCESS_LOST(`The process of the computation ${how}.`, { cause });
}
