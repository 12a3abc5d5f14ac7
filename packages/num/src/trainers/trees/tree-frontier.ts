import type { FoundSplit } from './tree-split.js';

/** A node that can be split, with its best split. */
export interface PendingSplit extends Omit<FoundSplit, 'score'> {
  node: number;
  start: number;
  end: number;
  depth: number;
  gain: number;
  /** Stats of the whole node. */
  readonly total: Float64Array;
}

/**
 * Nodes that wait for their split: the latest first (depth first, so that few wait), or with `bestFirst` the one that gains
 * most, the lower node number on a tie. Records are used again, so a forest does not leave one per node behind.
 */
export class Frontier {
  /** What the last `pop` took. */
  top: PendingSplit;
  readonly #waiting: PendingSplit[] = [];
  readonly #free: PendingSplit[] = [];
  readonly #stride: number;
  readonly #bestFirst: boolean;

  constructor(stride: number, bestFirst: boolean) {
    this.#stride = stride;
    this.#bestFirst = bestFirst;
    this.top = this.#make();
  }

  push(
    at: { node: number; start: number; end: number; depth: number },
    split: FoundSplit,
    gain: number,
    total: Float64Array,
  ): void {
    const record = this.#free.pop() ?? this.#make();
    record.node = at.node;
    record.start = at.start;
    record.end = at.end;
    record.depth = at.depth;
    record.gain = gain;
    record.feature = split.feature;
    record.bin = split.bin;
    record.threshold = split.threshold;
    record.missingLeft = split.missingLeft;
    record.left.set(split.left);
    record.total.set(total);
    this.#waiting.push(record);
    if (this.#bestFirst) this.#rise();
  }

  /** Takes the next node into `top`; false when none waits. */
  pop(): boolean {
    if (this.#waiting.length === 0) return false;
    this.#free.push(this.top);
    const last = this.#waiting.pop() as PendingSplit;
    if (!this.#bestFirst || this.#waiting.length === 0) {
      this.top = last;
      return true;
    }
    this.top = this.#waiting[0];
    this.#waiting[0] = last;
    this.#sink();
    return true;
  }

  clear(): void {
    this.#free.push(...this.#waiting.splice(0));
  }

  /** Binary heap: the last record to its place. */
  #rise(): void {
    const heap = this.#waiting;
    for (let at = heap.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!before(heap[at], heap[parent])) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#waiting;
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && before(heap[child], heap[first])) first = child;
      }
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #swap(a: number, b: number): void {
    const kept = this.#waiting[a];
    this.#waiting[a] = this.#waiting[b];
    this.#waiting[b] = kept;
  }

  #make(): PendingSplit {
    const left = new Float64Array(this.#stride);
    const total = new Float64Array(this.#stride);
    return {
      node: 0,
      start: 0,
      end: 0,
      depth: 0,
      gain: 0,
      feature: 0,
      bin: 0,
      threshold: 0,
      missingLeft: 0,
      left,
      total,
    };
  }
}

function before(a: PendingSplit, b: PendingSplit): boolean {
  return a.gain > b.gain || (a.gain === b.gain && a.node < b.node);
}
