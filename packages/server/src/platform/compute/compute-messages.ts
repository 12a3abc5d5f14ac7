import { FairleadError, isFairleadError, messageOf } from '@fairlead/kernel';
import { computeErrors } from './compute-errors.js';

/** What a thread is started with. `stop[0]` becomes 1 when nobody wants the result any more. */
export interface ThreadStart {
  readonly input: unknown;
  readonly stop: Int32Array;
}

export interface WireError {
  readonly code: string | null;
  readonly status: number;
  readonly fault: 'user' | 'system';
  readonly remedy: string;
  readonly message: string;
  readonly stack: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type ThreadMessage =
  | { readonly type: 'news'; readonly news: unknown }
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'failed'; readonly error: WireError };

/** An error as plain data, so that its code survives the way between threads. */
export function toWire(error: unknown): WireError {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  if (!isFairleadError(error)) {
    return { code: null, status: 500, fault: 'system', remedy: '', message: messageOf(error), stack, data: {} };
  }
  const { code, status, fault, remedy, message, data } = error;
  return { code, status, fault, remedy, message, stack, data };
}

export function fromWire(error: WireError): Error {
  const cause = new Error(error.message);
  cause.stack = error.stack;
  if (error.code === null) return computeErrors.CMP_THREAD_FAILED(error.message, { cause });
  const { code, status, fault, remedy, message, data } = error;
  return new FairleadError(code, { status, fault, title: '', remedy }, message, { data, cause });
}
