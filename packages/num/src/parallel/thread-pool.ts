/** Shared state of a parallel region: plain data and typed arrays over SharedArrayBuffers, so that every thread sees one copy. */
export type SharedState = Readonly<Record<string, unknown>>;

/** What one thread does in a region. Kernels communicate through the shared state only. */
export interface Kernel {
  /** Does this member's part of `command`; `member` is 0..size−1. */
  run(command: number, argument: number, member: number, size: number): void;
}

/** Fork and join: `run` returns when every member has done its part. */
export interface ParallelRegion {
  readonly size: number;
  /** @param argument an integer that the command needs, default 0. */
  run(command: number, argument?: number): void;
  close(): void;
}

/**
 * Threads that compute together with the caller, in the manner of OpenMP. The mathematics cannot start threads, so whoever
 * calls it gives them (platform/compute of the server has real ones). The calling thread is member 0 and blocks in `run`;
 * it must therefore not be the thread that serves requests.
 *
 * Work must be divided so that the result does not depend on `size`: each member owns whole trees, features, columns or
 * blocks of rows that the data alone determine, and sums of blocks are added in the blocks' order.
 */
export interface ThreadPool {
  readonly size: number;
  /** A cell that all threads see: not 0 once a member has failed or its thread is gone. Whoever waits for members reads it. */
  readonly halt?: Int32Array;
  /** @param kernel a name from kernel-catalogue.ts: functions do not travel between threads. */
  open(kernel: string, state: SharedState): ParallelRegion;
}

/** Typed arrays that can be seen by all threads of a pool; plain ones when there is only one. */
export function shareFloat32(values: Float32Array, pool: ThreadPool | undefined): Float32Array {
  if (!pool || pool.size < 2 || values.buffer instanceof SharedArrayBuffer) return values;
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

/** A buffer of `byteLength` bytes that all threads of a pool can see. */
export function sharedBytes(byteLength: number, pool: ThreadPool | undefined): ArrayBufferLike {
  return pool && pool.size > 1 ? new SharedArrayBuffer(byteLength) : new ArrayBuffer(byteLength);
}
