/** The k nearest points seen so far, nearest first; of equal distances the lower row is the nearer. */
export class NearestList {
  readonly rows: Int32Array;
  readonly distances: Float64Array;
  #count = 0;

  constructor(k: number) {
    this.rows = new Int32Array(k);
    this.distances = new Float64Array(k);
  }

  clear(): void {
    this.#count = 0;
  }

  /** Nothing beyond this can enter; what is exactly as far still can, with a lower row. */
  get limit(): number {
    return this.#count < this.rows.length ? Number.POSITIVE_INFINITY : this.distances[this.#count - 1];
  }

  offer(row: number, distance: number): void {
    const { rows, distances } = this;
    let at = this.#count;
    if (at === rows.length) {
      const last = distances[at - 1];
      if (distance > last || (distance === last && row > rows[at - 1])) return;
      at--;
    } else {
      this.#count++;
    }
    while (at > 0 && (distances[at - 1] > distance || (distances[at - 1] === distance && rows[at - 1] > row))) {
      distances[at] = distances[at - 1];
      rows[at] = rows[at - 1];
      at--;
    }
    distances[at] = distance;
    rows[at] = row;
  }
}
