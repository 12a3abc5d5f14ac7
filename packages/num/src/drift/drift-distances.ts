/** Counts of two samples over the same bins. */
export interface BinnedPair {
  readonly reference: Float64Array;
  readonly current: Float64Array;
}

function total(counts: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += counts[i];
  return sum;
}

/**
 * Jensen–Shannon divergence in nats, 0..ln 2, less its expectation under no drift, (K−1)/8·(1/n+1/m), and never
 * negative (0 when a sample is empty): without this the distance grows with the number of categories alone.
 *
 * @param effectiveRatio effective rows per row (1 for independent rows).
 */
export function jensenShannonDivergence({ reference, current }: BinnedPair, effectiveRatio = 1): number {
  const n = total(reference);
  const m = total(current);
  if (n === 0 || m === 0) return 0;
  let divergence = 0;
  let bins = 0;
  for (let i = 0; i < reference.length; i++) {
    const p = reference[i] / n;
    const q = current[i] / m;
    if (p + q === 0) continue;
    bins++;
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p / 2) * Math.log(p / middle);
    if (q > 0) divergence += (q / 2) * Math.log(q / middle);
  }
  return Math.max(0, divergence - ((bins - 1) / 8) * ((1 / n + 1 / m) / effectiveRatio));
}

/**
 * Population stability index Σ (q−p)·ln(q/p), less its expectation (K−1)·(1/n+1/m) under no drift, never negative.
 * Half a row is added to every bin, so an empty bin gives a finite answer.
 */
export function populationStabilityIndex({ reference, current }: BinnedPair, effectiveRatio = 1): number {
  const used = Array.from(reference.keys()).filter((i) => reference[i] + current[i] > 0);
  const n = total(reference);
  const m = total(current);
  if (n === 0 || m === 0) return 0;
  let index = 0;
  for (const i of used) {
    const p = (reference[i] + 0.5) / (n + used.length / 2);
    const q = (current[i] + 0.5) / (m + used.length / 2);
    index += (q - p) * Math.log(q / p);
  }
  return Math.max(0, index - (used.length - 1) * ((1 / n + 1 / m) / effectiveRatio));
}

/** Two cumulative histograms on common edges; counts has edges.length + 1 bins, the first and last open. */
export interface HistogramPair extends BinnedPair {
  readonly edges: readonly number[];
}

/** Kolmogorov–Smirnov statistic at the edges: exact there, so at most one bin's share below the true supremum. */
export function ksStatistic({ reference, current }: BinnedPair): number {
  const n = total(reference);
  const m = total(current);
  let [below, belowCurrent, largest] = [0, 0, 0];
  for (let i = 0; i < reference.length; i++) {
    below += reference[i] / n;
    belowCurrent += current[i] / m;
    largest = Math.max(largest, Math.abs(below - belowCurrent));
  }
  return Math.min(1, largest);
}

/**
 * Wasserstein-1 distance in standard deviations of the reference, winsorised to the outer edges so that one outlier
 * cannot make or mask drift, and reduced (in squares) by its expectation under no drift,
 * √(2/π)·∫√(F(1−F)(1/n+1/m)).
 */
export function normedWasserstein(pair: HistogramPair, effectiveRatio = 1): number {
  const { reference, current, edges } = pair;
  const n = total(reference);
  const m = total(current);
  const noise = Math.sqrt(((2 / Math.PI) * (1 / n + 1 / m)) / effectiveRatio);
  let [f, g, distance, expected] = [reference[0] / n, current[0] / m, 0, 0];
  for (let i = 1; i < edges.length; i++) {
    const width = edges[i] - edges[i - 1];
    const before = f - g;
    f += reference[i] / n;
    g += current[i] / m;
    distance += width * meanAbsolute(before, f - g);
    const pooled = Math.min(1, (f * n + g * m) / (n + m));
    expected += width * noise * Math.sqrt(pooled * (1 - pooled));
  }
  const deviation = winsorisedDeviation(reference, edges, n);
  return deviation > 0 ? Math.sqrt(Math.max(0, distance * distance - expected * expected)) / deviation : 0;
}

/** Mean of |d| along the straight line from a to b. */
function meanAbsolute(a: number, b: number): number {
  if (a * b >= 0) return Math.abs(a + b) / 2;
  return (a * a + b * b) / (2 * (Math.abs(a) + Math.abs(b)));
}

function winsorisedDeviation(counts: Float64Array, edges: readonly number[], n: number): number {
  const last = edges.length - 1;
  const at = (bin: number) => (bin === 0 ? edges[0] : bin > last ? edges[last] : (edges[bin - 1] + edges[bin]) / 2);
  let mean = 0;
  for (let bin = 0; bin < counts.length; bin++) mean += (counts[bin] / n) * at(bin);
  let variance = 0;
  for (let bin = 0; bin < counts.length; bin++) variance += (counts[bin] / n) * (at(bin) - mean) ** 2;
  return Math.sqrt(variance);
}
