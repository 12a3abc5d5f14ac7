/**
 * The ids of the predictions captured last, per endpoint: most truths come soon after their prediction, and answering
 * "did we predict this?" from memory spares a read of the log. Forgets the oldest first; forgotten is not unknown.
 */
export class RecentIds {
  readonly #limit: number;
  readonly #ids = new Map<string, Set<string>>();

  /** `limit` ids per endpoint, about 100 bytes each. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(endpoint: string, id: string): void {
    let ids = this.#ids.get(endpoint);
    if (ids === undefined) {
      ids = new Set();
      this.#ids.set(endpoint, ids);
    }
    ids.delete(id);
    ids.add(id);
    if (ids.size <= this.#limit) return;
    // A Set iterates in the order of insertion.
    for (const oldest of ids) {
      ids.delete(oldest);
      return;
    }
  }

  has(endpoint: string, id: string): boolean {
    return this.#ids.get(endpoint)?.has(id) ?? false;
  }
}
