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
  /** One of {@link HALT}; members that wait for each other look at it. */
  halt: 6,
  /** 1 from the moment that the thread runs which watches the others. */
  watched: 7,
  length: 8,
} as const;

export const ORDER = { open: 1, run: 2, close: 3, end: 4 } as const;

/** `failed`: a member's part of the present order threw. `lost`: a thread is gone, and with it the pool. */
export const HALT = { none: 0, failed: 1, lost: 2 } as const;

/**
 * A thread looks this often, some 0.1 ms, for the next order or the end of one before it sleeps. Waking a sleeper takes longer
 * than a short piece of work: boosting a million rows gives 6,000 orders and takes 2.2 s instead of 2.45 s, and less processor time.
 */
export const SPINS = 30_000;

/** What a thread of a pool is started with. */
export interface PoolThreadStart {
  readonly control: Int32Array;
  /** Regions come this way, read when an `open` order says so; errors go back. */
  readonly port: MessagePort;
  readonly member: number;
  readonly size: number;
}

/** What the thread is started with that starts and watches the others. */
export interface SupervisorStart {
  readonly control: Int32Array;
  /** The file of a pool's thread. */
  readonly entry: string;
  /** Of the members 1, 2, … */
  readonly ports: readonly MessagePort[];
  /** Hears which thread was lost, as a {@link WireError}. */
  readonly news: MessagePort;
}

export interface OpenRegion {
  readonly region: number;
  readonly kernel: string;
  readonly state: SharedState;
}

export type PoolThreadNews = { readonly error: WireError };
