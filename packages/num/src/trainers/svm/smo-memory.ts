import { createSharedHeap, heapBytes } from '../../wasm/shared-heap.js';
import { EXP_TABLE } from './fast-exp.js';
import { plainLoops } from './plain-loops.js';
import type { LoopState, SmoLoops } from './smo-loops.js';
import { wasmLoops } from './wasm-loops.js';

export interface SmoSize {
  readonly rows: number;
  readonly width: number;
  /** Variables of the solver: one per row (classification) or two (regression). */
  readonly variablesPerRow: 1 | 2;
  readonly cacheSizeMb: number;
}

/**
 * The arrays of the solver, one problem after another of at most the size that they were made for: the folds of Platt's
 * scaling and the pairs of many classes come and go in one memory.
 */
export interface SmoMemory {
  readonly loops: SmoLoops;
  readonly state: LoopState;
  readonly squares: Float64Array;
  /** Column-major values of the rows, `stride` per column. */
  readonly values: Float64Array;
  readonly stride: number;
  /** Of the row whose kernel is asked for. */
  readonly own: Float64Array;
  /** Rows that the cache may hold, at least two. */
  readonly slotCount: number;
  slot(index: number): Float32Array;
  /** Two rows with a value per variable; where rows and variables are the same there are none. */
  readonly spread: readonly Float32Array[];
}

/** Room for whole eights, which the loops read at once. */
function roundToEight(count: number): number {
  return (count + 7) & ~7;
}

/** @param useWasm false: as if there were no WebAssembly, to compare the two */
export function createSmoMemory({ rows, width, variablesPerRow, cacheSizeMb }: SmoSize, useWasm = true): SmoMemory {
  const stride = roundToEight(rows);
  const variables = roundToEight(rows * variablesPerRow);
  const slotBytes = 4 * stride;
  const slotCount = Math.max(2, Math.min(rows, Math.floor((cacheSizeMb * 1048576) / Math.max(slotBytes, 1))));
  const spreadCount = variablesPerRow === 1 ? 0 : 2;
  const doubles = [variables, variables, variables, 2, stride, stride * width, width, EXP_TABLE.length];
  const fixed = heapBytes(doubles.map((length) => 8 * length)) + spreadCount * heapBytes([4 * variables]);
  const heap = createSharedHeap(fixed + slotCount * heapBytes([slotBytes]), useWasm);
  const state = {
    low: heap.float64(variables),
    up: heap.float64(variables),
    diagonal: heap.float64(variables),
    found: heap.float64(2),
    active: 0,
  };
  const squares = heap.float64(stride);
  const values = heap.float64(stride * width);
  const own = heap.float64(width);
  const table = heap.float64(EXP_TABLE.length);
  table.set(EXP_TABLE);
  const spread = Array.from({ length: spreadCount }, () => heap.float32(variables));
  const slots: Float32Array[] = [];
  const loops = heap.memory ? wasmLoops(heap.memory, table) : plainLoops;
  const slot = (index: number): Float32Array => {
    while (slots.length <= index) slots.push(heap.float32(stride));
    return slots[index];
  };
  return { loops, state, squares, values, stride, own, slotCount, slot, spread };
}
