import { expect, it } from 'vitest';
import { createSharedHeap, heapBytes } from './shared-heap.js';
import { svmModule } from './svm.wasm.js';
import { instantiateWasm } from './webassembly.js';

interface SvmFunctions {
  addRow(sums: number, row: number, factor: number, from: number, to: number): void;
}

it('computes over arrays that the heap laid out', () => {
  const heap = createSharedHeap(heapBytes([8 * 3, 4 * 3]));
  const [sums, row] = [heap.float64(3), heap.float32(3)];
  sums.set([1, 2, 3]);
  row.set([5, 0.5, -1]);
  const { addRow } = instantiateWasm<SvmFunctions>(svmModule, heap.memory!);
  addRow(sums.byteOffset, row.byteOffset, 2, 1, 3);
  expect([...sums]).toEqual([1, 3, 1]);
});

it('makes the arrays one by one where WebAssembly is refused', () => {
  const heap = createSharedHeap(2 ** 40);
  expect(heap.memory).toBeUndefined();
  expect(heap.uint32(5)).toEqual(new Uint32Array(5));
  expect(createSharedHeap(64, false).memory).toBeUndefined();
});
