/** Two generations of ids: a Set that is emptied from its front costs more with every id that has left it. */
interface Generations {
  young: Set<string>;
  old: Set<string>;
}

/**
 * The ids of the predictions captured last, per endpoint: most truths come soon after their prediction, and answering
 * "did we predict this?" from memory spares a read of the log. Forgets the oldest first; forgotten is not unknown.
 */
export class RecentIds {
  readonly #limit: number;
  readonly #ids = new Map<string, Generations>();

  /** The last `limit` ids per endpoint and at most as many again, about 100 bytes each. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(endpoint: string, id: string): void {
    let ids = this.#ids.get(endpoint);
    if (ids === undefined) {
      ids = { young: new Set(), old: new Set() };
      this.#ids.set(endpoint, ids);
    }
    if (ids.young.size >= this.#limit) {
      ids.old = ids.young;
      ids.young = new Set();
    }
    ids.young.add(id);
  }

  has(endpoint: string, id: string): boolean {
    const ids = this.#ids.get(endpoint);
    return ids !== undefined && (ids.young.has(id) || ids.old.has(id));
  }
}
