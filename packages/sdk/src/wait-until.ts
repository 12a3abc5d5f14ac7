import { sleep } from '@fairlead/kernel';
import type { WaitOptions } from './call-types.js';
import { sdkErrors } from './sdk-errors.js';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** The longest time that one request waits on the server; the API allows 60 000. */
const LONGEST_SERVER_WAIT_MS = 20_000;

export interface Waiting<T> extends WaitOptions<T> {
  /** What is waited for, in words, for the message. */
  readonly what: string;
  /** One look; `waitMs` is how long the server may hold the request, where it can. */
  readonly look: (waitMs: number) => Promise<T>;
  readonly done: (state: T) => boolean;
}

/** Looks until `done`, with growing pauses. Throws SDK_WAIT_TIMEOUT after `timeoutMs` (default: an hour). */
export async function waitUntil<T>(waiting: Waiting<T>): Promise<T> {
  const { what, look, done, onProgress, signal, timeoutMs = 3_600_000 } = waiting;
  const endsAtMs = performance.now() + timeoutMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    signal?.throwIfAborted();
    const leftMs = endsAtMs - performance.now();
    // With an observer the looks stay short, so that it sees every step.
    const holdMs = onProgress === undefined ? LONGEST_SERVER_WAIT_MS : 0;
    const state = await look(Math.max(0, Math.floor(Math.min(holdMs, leftMs))));
    onProgress?.(state);
    if (done(state)) return state;
    if (performance.now() >= endsAtMs) {
      throw sdkErrors.SDK_WAIT_TIMEOUT(`${what} was not done after ${timeoutMs} ms.`, { data: { what, timeoutMs } });
    }
    await sleep(Math.min(pauseMs, Math.max(1, endsAtMs - performance.now())), signal);
  }
}
