/** A run of so many rows and what it took. */
export interface MeasuredRun {
  readonly rows: number;
  readonly ms: number;
}

const PRIOR_WEIGHT = 4;
const DECAY = 0.98;

/**
 * What runs of a model cost: ms = runMs + rowMs · rows by least squares, both at least 0. What was measured when the model was
 * loaded keeps the line in place where live runs are all of one size; live runs count the more the newer they are (half after
 * 35). One run moves the line little, so that it follows the usual run, not the few that the machine interrupted.
 */
export class RunCost {
  readonly #prior: readonly MeasuredRun[];
  #weight = 0;
  #rows = 0;
  #squares = 0;
  #ms = 0;
  #products = 0;
  #line = { runMs: 0, rowMs: 0 };

  /** `measured`: at least two sizes. */
  constructor(measured: readonly MeasuredRun[]) {
    this.#prior = measured;
    this.#fit();
  }

  get runMs(): number {
    return this.#line.runMs;
  }

  get rowMs(): number {
    return this.#line.rowMs;
  }

  add({ rows, ms }: MeasuredRun): void {
    const foreseen = this.msOf(rows);
    const kept = Math.min(Math.max(ms, foreseen * 0.5), foreseen * 1.5 + 0.005);
    this.#weight = this.#weight * DECAY + 1;
    this.#rows = this.#rows * DECAY + rows;
    this.#squares = this.#squares * DECAY + rows * rows;
    this.#ms = this.#ms * DECAY + kept;
    this.#products = this.#products * DECAY + rows * kept;
    this.#fit();
  }

  /** What a run of so many rows is foreseen to take. */
  msOf(rows: number): number {
    return this.#line.runMs + this.#line.rowMs * rows;
  }

  /** The most rows that a run may have to stay within a time; 0 when not even one row does. */
  rowsWithin(ms: number): number {
    const { runMs, rowMs } = this.#line;
    if (runMs + rowMs > ms) return 0;
    return rowMs === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((ms - runMs) / rowMs);
  }

  #fit(): void {
    let [weight, x, xx, y, xy] = [this.#weight, this.#rows, this.#squares, this.#ms, this.#products];
    for (const { rows, ms } of this.#prior) {
      weight += PRIOR_WEIGHT;
      x += PRIOR_WEIGHT * rows;
      xx += PRIOR_WEIGHT * rows * rows;
      y += PRIOR_WEIGHT * ms;
      xy += PRIOR_WEIGHT * rows * ms;
    }
    const spread = weight * xx - x * x;
    const slope = spread > 0 ? Math.max(0, (weight * xy - x * y) / spread) : 0;
    const start = (y - slope * x) / weight;
    // A line through the origin when the best one would begin below it.
    this.#line = start >= 0 ? { runMs: start, rowMs: slope } : { runMs: 0, rowMs: xx > 0 ? xy / xx : 0 };
  }
}
