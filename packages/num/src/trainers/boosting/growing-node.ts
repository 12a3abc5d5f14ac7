/** A node of the tree that is being grown. Its rows are places [start, end) of the order on `side`. */
export interface GrowingNode {
  readonly depth: number;
  readonly start: number;
  readonly end: number;
  readonly side: number;
  readonly gradient: number;
  readonly hessian: number;
  /** Newton step, not yet shrunk. */
  readonly value: number;
  /** Bounds of the children's values. */
  lower: number;
  upper: number;
  /** Slot of its histograms; −1 when they are not kept. */
  slot: number;
  /** Indices of the interaction groups that its path still fits; absent: no constraints. */
  readonly groups: readonly number[] | undefined;
  /** Present as soon as it may be split. */
  split: ChosenSplit | undefined;
  /** Present when it has been split. */
  children: readonly [GrowingNode, GrowingNode] | undefined;
}

export interface ChosenSplit {
  readonly feature: number;
  readonly gain: number;
  readonly bin: number;
  /** 1: missing rows go left. */
  readonly missingLeft: number;
  /** Bins of a categorical split that go left. */
  readonly set: Uint32Array | undefined;
  /** 1 for each of 256 bins that goes left. */
  readonly goesLeft: Uint8Array;
  readonly gradientLeft: number;
  readonly hessianLeft: number;
  readonly countLeft: number;
  readonly valueLeft: number;
  readonly valueRight: number;
}

/** Nodes by gain, the greatest first; of equal ones the older. */
export class SplitQueue {
  readonly #nodes: { gain: number; age: number; node: GrowingNode }[] = [];
  #age = 0;

  get size(): number {
    return this.#nodes.length;
  }

  push(node: GrowingNode, gain: number): void {
    const nodes = this.#nodes;
    nodes.push({ gain, age: this.#age++, node });
    let child = nodes.length - 1;
    while (child > 0) {
      const parent = (child - 1) >>> 1;
      if (!this.#before(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  pop(): GrowingNode | undefined {
    const nodes = this.#nodes;
    if (nodes.length === 0) return undefined;
    this.#swap(0, nodes.length - 1);
    const top = nodes.pop();
    for (let parent = 0; ; ) {
      let first = 2 * parent + 1;
      if (first >= nodes.length) break;
      if (first + 1 < nodes.length && this.#before(first + 1, first)) first++;
      if (!this.#before(first, parent)) break;
      this.#swap(first, parent);
      parent = first;
    }
    return top?.node;
  }

  /** The nodes that are left, in no order that matters. */
  rest(): GrowingNode[] {
    return this.#nodes.map(({ node }) => node);
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#nodes[a], this.#nodes[b]];
    return x.gain > y.gain || (x.gain === y.gain && x.age < y.age);
  }

  #swap(a: number, b: number): void {
    const kept = this.#nodes[a];
    this.#nodes[a] = this.#nodes[b];
    this.#nodes[b] = kept;
  }
}
