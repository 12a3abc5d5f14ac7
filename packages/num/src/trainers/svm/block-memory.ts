import { createSharedHeap, heapBytes } from '../../wasm/shared-heap.js';
import { EXP_TABLE } from './fast-exp.js';
import { plainLoops } from './plain-loops.js';
import type { KernelColumns, SmoLoops } from './smo-loops.js';
import { wasmLoops } from './wasm-loops.js';

/** Rows whose kernels with one support vector are computed at once; a multiple of eight. */
export const ROWS_PER_BLOCK = 1024;

/** Where a block of rows is answered. */
export interface BlockMemory {
  readonly loops: SmoLoops;
  readonly columns: KernelColumns;
  /** A support vector. */
  readonly own: Float64Array;
  /** Its kernel with each row. */
  readonly inner: Float64Array;
  /** One per output. */
  readonly sums: readonly Float64Array[];
}

/** @param useWasm false: as if there were no WebAssembly, to compare the two */
export function createBlockMemory(width: number, outputs: number, useWasm = true): BlockMemory {
  const stride = ROWS_PER_BLOCK;
  const doubles = [stride * width, stride, width, stride, EXP_TABLE.length, ...Array<number>(outputs).fill(stride)];
  const heap = createSharedHeap(heapBytes(doubles.map((length) => 8 * length)), useWasm);
  const columns = { values: heap.float64(stride * width), squares: heap.float64(stride), width, stride };
  const own = heap.float64(width);
  const table = heap.float64(EXP_TABLE.length);
  table.set(EXP_TABLE);
  const inner = heap.float64(stride);
  const sums = Array.from({ length: outputs }, () => heap.float64(stride));
  return { loops: heap.memory ? wasmLoops(heap.memory, table) : plainLoops, columns, own, inner, sums };
}
