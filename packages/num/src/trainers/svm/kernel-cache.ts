import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { KernelColumns } from './smo-loops.js';
import type { SmoMemory } from './smo-memory.js';
import { bendDots, gammaOfLoops, kernelOfItself, type SvmKernel } from './svm-kernel.js';

/** What the solver asks for: kernel rows in the order of its variables, which it permutes while it shrinks. */
export interface KernelSource {
  /** Kernel of variable `position` with itself. */
  diagonal(position: number): number;
  /** The first `length` values of the row of variable `position`; valid until two other rows were asked for. */
  row(position: number, length: number): Float32Array;
  swap(a: number, b: number): void;
}

const NONE = -1;

/**
 * Kernel rows in Float32 (as libsvm's Qfloat), the least recently used making room. libsvm exchanges two columns in
 * every cached row when the solver exchanges two variables; here the exchanges go into a log, and a row replays what it
 * missed when it is asked for again: on 12,000 rows that saves some 10⁷ scattered writes.
 */
export function createKernelCache(
  kernel: SvmKernel,
  { x, rows }: { readonly x: FeatureMatrix; readonly rows: Int32Array },
  memory: SmoMemory,
): KernelSource {
  const count = rows.length;
  const columns = readColumns(x, rows, memory);
  const { values, squares, stride, width } = columns;
  const gamma = gammaOfLoops(kernel);
  const capacity = Math.min(memory.slotCount, Math.max(count, 2));
  let taken = 0;
  const slotOf = new Int32Array(count).fill(NONE);
  const owner = new Int32Array(capacity);
  const filled = new Int32Array(capacity);
  const replayed = new Int32Array(capacity);
  const recency = createRecency(capacity);
  /** Variables keep their number in the cache when they move. */
  const idAt = Int32Array.from({ length: count }, (_, i) => i);
  let log = new Int32Array(1024);
  let logged = 0;

  const take = (id: number): number => {
    if (taken < capacity) return taken++;
    const slot = recency.oldest();
    slotOf[owner[slot]] = NONE;
    filled[slot] = 0;
    owner[slot] = id;
    return slot;
  };

  const replay = (slot: number): void => {
    const row = memory.slot(slot);
    let length = filled[slot];
    for (let at = replayed[slot]; at < logged; at += 2) {
      const a = log[at];
      const b = log[at + 1];
      if (b < length) {
        const kept = row[a];
        row[a] = row[b];
        row[b] = kept;
      } else if (a < length) length = a;
    }
    filled[slot] = length;
    replayed[slot] = logged;
  };

  const row = (position: number, length: number): Float32Array => {
    const id = idAt[position];
    let slot = slotOf[id];
    if (slot === NONE) {
      slot = take(id);
      slotOf[id] = slot;
      owner[slot] = id;
      replayed[slot] = logged;
    }
    recency.touch(slot);
    if (replayed[slot] < logged) replay(slot);
    const out = memory.slot(slot);
    if (filled[slot] < length) {
      for (let f = 0, at = position; f < width; f++, at += stride) memory.own[f] = values[at];
      // The loops write whole eights.
      const from = filled[slot] & ~7;
      memory.loops.fillSingle(
        { columns, own: { values: memory.own, square: squares[position] }, from, to: length, gamma },
        out,
      );
      bendDots(kernel, out, from, length);
      filled[slot] = length;
    }
    return out;
  };

  const swap = (first: number, second: number): void => {
    const a = Math.min(first, second);
    const b = Math.max(first, second);
    if (logged === log.length) {
      const larger = new Int32Array(2 * log.length);
      larger.set(log);
      log = larger;
    }
    log[logged++] = a;
    log[logged++] = b;
    exchange(idAt, a, b);
    exchange(squares, a, b);
    for (let f = 0, at = 0; f < width; f++, at += stride) exchange(values, at + a, at + b);
  };
  return { diagonal: (position) => kernelOfItself(kernel, squares[position]), row, swap };
}

/** The rows into the memory, column by column. */
function readColumns(x: FeatureMatrix, rows: Int32Array, { values, squares, stride }: SmoMemory): KernelColumns {
  squares.fill(0);
  for (let f = 0; f < x.featureCount; f++) {
    const start = f * x.rowCount;
    for (let i = 0; i < rows.length; i++) {
      const value = x.values[start + rows[i]];
      values[f * stride + i] = value;
      squares[i] += value * value;
    }
  }
  return { values, squares, stride, width: x.featureCount };
}

export function exchange(values: Float64Array | Int32Array | Uint8Array | Int8Array, a: number, b: number): void {
  const kept = values[a];
  values[a] = values[b];
  values[b] = kept;
}

/** Order of use of the slots 0..capacity−1, as a doubly linked list. */
function createRecency(capacity: number): { touch(slot: number): void; oldest(): number } {
  const before = new Int32Array(capacity + 1).fill(NONE);
  const after = new Int32Array(capacity + 1).fill(NONE);
  const head = capacity;
  before[head] = head;
  after[head] = head;
  const touch = (slot: number): void => {
    if (before[slot] !== NONE) {
      after[before[slot]] = after[slot];
      before[after[slot]] = before[slot];
    }
    before[slot] = before[head];
    after[slot] = head;
    after[before[head]] = slot;
    before[head] = slot;
  };
  return { touch, oldest: () => after[head] };
}
