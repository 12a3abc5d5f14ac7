const SUB_BUCKETS = 32;
const OCTAVES = 28;

/**
 * Counts durations in fixed logarithmic buckets, 32 per power of two from 1 µs to 134 s (longer ones count as that):
 * 7 KB, no allocation per value, and quantiles within 1/64 of the true value.
 * Source: the bucket layout of HdrHistogram (Tene), without its linear start.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(SUB_BUCKETS * OCTAVES);
  #total = 0;

  add(durationMs: number): void {
    const micros = Math.max(1, durationMs * 1000);
    const octave = Math.min(OCTAVES - 1, Math.floor(Math.log2(micros)));
    const within = Math.min(SUB_BUCKETS - 1, Math.floor((micros / 2 ** octave - 1) * SUB_BUCKETS));
    this.#counts[octave * SUB_BUCKETS + within]! += 1;
    this.#total += 1;
  }

  /** [bucket, count] of the buckets that are not empty. */
  snapshot(): readonly (readonly [number, number])[] {
    return [...this.#counts].flatMap((count, bucket) => (count > 0 ? [[bucket, count] as const] : []));
  }

  /** Adds what another histogram counted. Buckets that do not exist are left out. */
  merge(counted: readonly (readonly [number, number])[]): void {
    for (const [bucket, count] of counted) {
      if (!(bucket in this.#counts)) continue;
      this.#counts[bucket]! += count;
      this.#total += count;
    }
  }

  get count(): number {
    return this.#total;
  }

  /** Milliseconds below which the share `ratio` of the values lies (nearest rank, bucket middle); 0 of nothing. */
  quantileMs(ratio: number): number {
    if (this.#total === 0) return 0;
    const rank = Math.max(1, Math.ceil(ratio * this.#total));
    let seen = 0;
    let index = 0;
    for (; index < this.#counts.length - 1; index += 1) {
      seen += this.#counts[index] as number;
      if (seen >= rank) break;
    }
    const octave = Math.floor(index / SUB_BUCKETS);
    const middle = 1 + ((index % SUB_BUCKETS) + 0.5) / SUB_BUCKETS;
    return (2 ** octave * middle) / 1000;
  }
}
