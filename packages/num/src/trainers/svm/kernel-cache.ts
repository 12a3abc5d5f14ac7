import { fillKernel, type KernelRows, kernelDiagonal, type SvmKernel } from './svm-kernel.js';

/** What the solver asks for: kernel rows in the order of its variables, which it permutes while it shrinks. */
export interface KernelSource {
  readonly diagonal: Float64Array;
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
export function createKernelCache(kernel: SvmKernel, rows: KernelRows, cacheSizeMb: number): KernelSource {
  const { count, width, values, squares } = rows;
  const diagonal = kernelDiagonal(kernel, rows);
  const capacity = Math.max(2, Math.min(count, Math.floor((cacheSizeMb * 1048576) / (4 * Math.max(count, 1)))));
  const slots: Float32Array[] = [];
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
    if (slots.length < capacity) {
      slots.push(new Float32Array(count));
      return slots.length - 1;
    }
    const slot = recency.oldest();
    slotOf[owner[slot]] = NONE;
    filled[slot] = 0;
    owner[slot] = id;
    return slot;
  };

  const replay = (slot: number): void => {
    const row = slots[slot];
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
    const out = slots[slot];
    if (filled[slot] < length) {
      const own = { values: values.subarray(position * width, (position + 1) * width), square: squares[position] };
      fillKernel(kernel, rows, own, out, { from: filled[slot], to: length });
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
    exchange(diagonal, a, b);
    for (let f = 0; f < width; f++) exchange(values, a * width + f, b * width + f);
  };
  return { diagonal, row, swap };
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
