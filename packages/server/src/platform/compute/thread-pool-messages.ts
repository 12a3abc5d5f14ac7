import type { MessagePort } from 'node:worker_threads';
import type { SharedState } from '@fairlead/num';
import type { WireError } from './compute-messages.js';

/** Cells of the control array that a pool and its threads share. */
export const CELL = {
  /** Grows by one with every order; threads wait for it to change. */
  generation: 0,
  order: 1,
  region: 2,
  command: 3,
  argument: 4,
  /** Threads that have not finished the order. */
  pending: 5,
  failures: 6,
  length: 7,
} as const;

export const ORDER = { open: 1, run: 2, close: 3, end: 4 } as const;

/** What a thread of a pool is started with. */
export interface PoolThreadStart {
  readonly control: Int32Array;
  /** Regions come this way, read when an `open` order says so; errors go back. */
  readonly port: MessagePort;
  readonly member: number;
  readonly size: number;
}

export interface OpenRegion {
  readonly region: number;
  readonly kernel: string;
  readonly state: SharedState;
}

export type PoolThreadNews = { readonly member: number; readonly error: WireError };
