import { describe, expect, it } from 'vitest';
import { runInThread } from './run-in-thread.js';
import { transferableBuffers } from './serve-thread.js';

/** A thread that speaks the protocol of serveThread by hand, so that it can also break it. */
const thread = (code: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort, workerData } from 'node:worker_threads';
      const { input, stop } = workerData;
      const post = (message) => parentPort.postMessage(message);
      ${code}
    `)}`,
  );
const run = (code: string, more: Partial<Parameters<typeof runInThread>[0]> = {}) =>
  runInThread<unknown, unknown>({ entry: thread(code), input: { n: 2 }, ...more });

describe('a computation in a thread', () => {
  it('gives its output and tells its news in order', async () => {
    const heard: unknown[] = [];
    const code = `post({ type: 'news', news: 1 }); post({ type: 'news', news: 2 }); post({ type: 'done', output: input.n * 21 });`;
    expect(await run(code, { onNews: (news) => heard.push(news) })).toBe(42);
    expect(heard).toEqual([1, 2]);
  });

  it('keeps the code, status, data and remedy of an error', async () => {
    const error = {
      code: 'X_BAD',
      status: 422,
      fault: 'user',
      remedy: 'Mend it.',
      message: 'm',
      stack: 's',
      data: { a: 1 },
    };
    const work = run(`post({ type: 'failed', error: ${JSON.stringify(error)} });`);
    await expect(work).rejects.toMatchObject({ code: 'X_BAD', status: 422, remedy: 'Mend it.', data: { a: 1 } });
  });

  it('says so when the thread throws or ends without an answer', async () => {
    await expect(run(`throw new Error('boom')`)).rejects.toMatchObject({ code: 'CMP_THREAD_FAILED' });
    await expect(run(`process.exit(3)`)).rejects.toMatchObject({ code: 'CMP_THREAD_LOST' });
  });

  it('asks an aborted thread to stop, and ends one that does not listen', async () => {
    for (const code of [
      `post({ type: 'news', news: 0 }); while (Atomics.load(stop, 0) === 0); post({ type: 'done', output: 0 });`,
      `post({ type: 'news', news: 0 }); for (;;);`,
    ]) {
      const abort = new AbortController();
      const work = run(code, { signal: abort.signal, graceMs: 50, onNews: () => abort.abort(new Error('enough')) });
      await expect(work).rejects.toThrow('enough');
    }
    await expect(run('', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
  });

  it('finds the buffers that may be given away: whole ones, each once, in maps and lists too', () => {
    const whole = new Float64Array(4);
    const part = new Float64Array(8).subarray(2);
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const value = { a: new Map([['x', { values: whole }]]), b: [{ whole }, { part }], c: shared, d: ['text'], e: null };
    expect(transferableBuffers(value)).toEqual([whole.buffer]);
  });
});
