import { type ThreadMessage, toWire } from './compute-messages.js';

export interface ProcessHost<News> {
  /** Aborts when the result is no longer wanted, or the process that asked for it is gone. */
  readonly signal: AbortSignal;
  tell(news: News): void;
}

/** Does the one computation of a process that `runInProcess` started, and ends it. */
export function serveProcess<Input, Output, News = never>(
  work: (input: Input, host: ProcessHost<News>) => Promise<Output>,
): void {
  const stop = new AbortController();
  const post = (message: ThreadMessage, then?: () => void) => {
    if (process.connected) process.send?.(message, undefined, undefined, then);
    else then?.();
  };
  process.once('disconnect', () => {
    stop.abort(new Error('the process that asked is gone'));
    // Work that does not listen must not outlive whoever wanted it.
    setTimeout(() => process.exit(1), 2000).unref();
  });
  process.on('message', (message: 'stop' | { readonly input: Input }) => {
    if (message === 'stop') {
      stop.abort(new Error('the computation was stopped'));
      return;
    }
    work(message.input, { signal: stop.signal, tell: (news) => post({ type: 'news', news }) }).then(
      (output) => post({ type: 'done', output }, () => process.exit(0)),
      (error) => post({ type: 'failed', error: toWire(error) }, () => process.exit(1)),
    );
  });
}
