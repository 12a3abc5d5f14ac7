import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type ThreadMessage, type ThreadStart, toWire } from './compute-messages.js';

export interface ThreadHost<News> {
  /** `aborted` turns true when the result is no longer wanted; read it between units of work. */
  readonly stop: { readonly aborted: boolean; readonly reason: unknown };
  tell(news: News): void;
}

/** Does the one computation of a thread that `runInThread` started. The buffers of the output are given away. */
export function serveThread<Input, Output, News = never>(
  work: (input: Input, host: ThreadHost<News>) => Output | Promise<Output>,
): void {
  const port = parentPort;
  if (isMainThread || port === null) throw new Error('this file is the entry of a thread and runs nowhere else');
  const { input, stop } = workerData as ThreadStart;
  const post = (message: ThreadMessage, buffers: ArrayBuffer[] = []) => port.postMessage(message, buffers);
  const host: ThreadHost<News> = {
    stop: {
      get aborted() {
        return Atomics.load(stop, 0) === 1;
      },
      reason: new Error('the computation was stopped'),
    },
    tell: (news) => post({ type: 'news', news }),
  };
  const answer = async (): Promise<void> => {
    try {
      const output = await work(input as Input, host);
      post({ type: 'done', output }, transferableBuffers(output));
    } catch (error) {
      post({ type: 'failed', error: toWire(error) });
    }
  };
  void answer();
}

/** The whole, unshared buffers of the typed arrays anywhere in a value of arrays, maps and plain objects, each once. */
export function transferableBuffers(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    if (ArrayBuffer.isView(part)) {
      if (part.buffer instanceof ArrayBuffer && part.byteLength === part.buffer.byteLength) buffers.add(part.buffer);
      return;
    }
    // A long list of texts or numbers holds no buffer worth the walk.
    if (Array.isArray(part) && typeof part[0] !== 'object') return;
    for (const inner of part instanceof Map ? part.values() : Object.values(part)) visit(inner);
  };
  visit(value);
  return [...buffers];
}
