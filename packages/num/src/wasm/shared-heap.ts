import { createWasmMemory, type WasmMemory } from './webassembly.js';

/** Typed arrays one after another, each on a 16-byte boundary, so that SIMD loads never straddle more than they must. */
export interface SharedHeap {
  /** Absent: the arrays stand in buffers of their own and only TypeScript can work on them. */
  readonly memory: WasmMemory | undefined;
  uint8(length: number): Uint8Array;
  int32(length: number): Int32Array;
  uint32(length: number): Uint32Array;
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
}

const BOUNDARY = 16;

/** Bytes that a heap must have for arrays of these byte lengths. */
export function heapBytes(byteLengths: readonly number[]): number {
  return byteLengths.reduce((sum, bytes) => sum + Math.ceil(bytes / BOUNDARY) * BOUNDARY, 0);
}

/**
 * Zeroed memory of `byteLength` bytes (see `heapBytes`) that every thread and every WebAssembly kernel of a fit sees; an
 * array's `byteOffset` is its address. Where WebAssembly is missing or the memory is refused, arrays are made one by one.
 *
 * @param useWasm false: as if there were no WebAssembly, to compare the two
 */
export function createSharedHeap(byteLength: number, useWasm = true): SharedHeap {
  const memory = useWasm ? createWasmMemory(byteLength) : undefined;
  let used = 0;
  const take = (bytes: number): { buffer: SharedArrayBuffer; at: number } => {
    if (memory === undefined) return { buffer: new SharedArrayBuffer(bytes), at: 0 };
    const at = used;
    used += heapBytes([bytes]);
    return { buffer: memory.buffer, at };
  };
  return {
    memory,
    uint8: (length) => {
      const { buffer, at } = take(length);
      return new Uint8Array(buffer, at, length);
    },
    int32: (length) => {
      const { buffer, at } = take(4 * length);
      return new Int32Array(buffer, at, length);
    },
    uint32: (length) => {
      const { buffer, at } = take(4 * length);
      return new Uint32Array(buffer, at, length);
    },
    float32: (length) => {
      const { buffer, at } = take(4 * length);
      return new Float32Array(buffer, at, length);
    },
    float64: (length) => {
      const { buffer, at } = take(8 * length);
      return new Float64Array(buffer, at, length);
    },
  };
}

interface ArrayKinds {
  readonly uint8: Uint8Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

const ELEMENT_BYTES = { uint8: 1, int32: 4, uint32: 4, float32: 4, float64: 8 } as const;

type ArraySizes = Readonly<Record<string, readonly [kind: keyof ArrayKinds, length: number]>>;

/** Arrays of these kinds and lengths by name, in the order given, in one heap: the first has the address 0. */
export function allocateShared<const Sizes extends ArraySizes>(
  sizes: Sizes,
  useWasm = true,
): { memory: WasmMemory | undefined; arrays: { -readonly [Name in keyof Sizes]: ArrayKinds[Sizes[Name][0]] } } {
  const bytes = Object.values(sizes).map(([kind, length]) => ELEMENT_BYTES[kind] * length);
  const heap = createSharedHeap(heapBytes(bytes), useWasm);
  const arrays = Object.fromEntries(Object.entries(sizes).map(([name, [kind, length]]) => [name, heap[kind](length)]));
  return { memory: heap.memory, arrays: arrays as { -readonly [Name in keyof Sizes]: ArrayKinds[Sizes[Name][0]] } };
}
