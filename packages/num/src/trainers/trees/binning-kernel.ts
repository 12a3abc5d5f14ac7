import type { Kernel, SharedState } from '../../parallel/thread-pool.js';
import { edgesOfSorted } from './bin-edges.js';
import { DistinctValues, SLOTS } from './distinct-values.js';
import { percentileEdges, weightedPercentileEdges } from './percentile-edges.js';

/** The bin of NaN, in every feature. Values have bins 0..254. */
export const MISSING_BIN = 255;
/** Thresholds that a feature can have. */
export const EDGE_CAPACITY = 254;

const SAMPLE_ROWS = 200_000;
const GUIDE_CELLS = 4096;

export interface BinningState {
  readonly values: Float32Array;
  readonly bins: Uint8Array;
  /** featureCount × EDGE_CAPACITY. */
  readonly edges: Float32Array;
  readonly edgeCounts: Int32Array;
  readonly hasMissing: Uint8Array;
  /** Per feature: least and greatest value, 0 and 0 when there is none. */
  readonly extremes: Float32Array;
  /** [0]: the next feature that nobody works on. */
  readonly next: Int32Array;
  readonly categoryCounts: Int32Array;
  /** Edges at percentiles of the rows, where there are more distinct values than bins. */
  readonly percentiles: boolean;
  /** Absent: every row weighs 1. Rows that weigh nothing do not shape bins. */
  readonly weights: Float64Array | undefined;
  readonly rowCount: number;
  readonly featureCount: number;
  readonly maxBins: number;
}

/** Bins one feature after the other; whoever is free takes the next. */
export function createBinningKernel(shared: SharedState): Kernel {
  const state = shared as unknown as BinningState;
  return {
    run: () => {
      for (let f = Atomics.add(state.next, 0, 1); f < state.featureCount; f = Atomics.add(state.next, 0, 1)) {
        binFeature(state, f);
      }
    },
  };
}

function binFeature(state: BinningState, f: number): void {
  const { rowCount, maxBins } = state;
  const column = state.values.subarray(f * rowCount, (f + 1) * rowCount);
  const bins = state.bins.subarray(f * rowCount, (f + 1) * rowCount);
  if (state.categoryCounts[f] > 0) {
    state.hasMissing[f] = assignCodes(column, bins);
    return;
  }
  const seen = new DistinctValues();
  const weighty = state.weights?.includes(0) ? withWeight(column, state.weights) : column;
  const exact = collect(weighty, seen, maxBins);
  const edges = exact ? edgesOfSorted(seen.sorted(), maxBins) : edgesOfMany(state, weighty);
  state.edges.set(edges, f * EDGE_CAPACITY);
  state.edgeCounts[f] = edges.length;
  recordExtremes(column, state.extremes.subarray(2 * f, 2 * f + 2));
  state.hasMissing[f] =
    exact && weighty === column ? assignSeen(column, { seen, bins }) : assignByGuide(column, { edges, bins });
}

/** The column with NaN in rows that weigh nothing. */
function withWeight(column: Float32Array, weights: Float64Array): Float32Array {
  return column.map((value, row) => (weights[row] === 0 ? Number.NaN : value));
}

/** Edges of a column with more distinct values than bins. */
function edgesOfMany({ maxBins, percentiles, weights }: BinningState, column: Float32Array): Float32Array {
  const rows = sampledRows(column.length);
  const drawn = rows ? Float32Array.from(rows, (row) => column[row]) : column;
  const sorted = presentOf(drawn).sort();
  const seen = new DistinctValues();
  if (rows && collect(sorted, seen, maxBins)) return edgesOfSorted(withRare(column, sorted, seen), maxBins);
  if (!percentiles) return edgesOfSorted(sorted, maxBins);
  if (!weights) return percentileEdges(sorted, maxBins);
  const values = distinctOf(sorted);
  const sums = new Float64Array(values.length);
  for (let i = 0; i < drawn.length; i++) {
    if (!Number.isNaN(drawn[i])) sums[placeOf(values, drawn[i])] += weights[rows ? rows[i] : i];
  }
  return weightedPercentileEdges(values, sums, maxBins);
}

/** Of ascending values each once. */
function distinctOf(sorted: Float32Array): Float32Array {
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}

/** Index of the first of the ascending values that is not below `value`. */
function placeOf(values: Float32Array, value: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= values[middle]) high = middle;
    else low = middle + 1;
  }
  return low;
}

function recordExtremes(column: Float32Array, extremes: Float32Array): void {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < column.length; i++) {
    if (column[i] < least) least = column[i];
    if (column[i] > greatest) greatest = column[i];
  }
  if (least <= greatest) extremes.set([least, greatest]);
}

/** False as soon as there are more distinct values than bins. */
function collect(column: Float32Array, seen: DistinctValues, maxBins: number): boolean {
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (Number.isNaN(value)) continue;
    seen.add(value);
    if (seen.size > maxBins) return false;
  }
  return true;
}

function assignCodes(column: Float32Array, bins: Uint8Array): number {
  let missing = 0;
  for (let i = 0; i < column.length; i++) {
    const code = column[i];
    if (!Number.isNaN(code)) {
      bins[i] = code;
    } else {
      bins[i] = MISSING_BIN;
      missing = 1;
    }
  }
  return missing;
}

function assignSeen(column: Float32Array, { seen, bins }: { seen: DistinctValues; bins: Uint8Array }): number {
  const binOfSlot = new Uint8Array(SLOTS);
  seen.sorted().forEach((value, bin) => {
    binOfSlot[seen.slotOf(value)] = bin;
  });
  let missing = 0;
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (!Number.isNaN(value)) {
      bins[i] = binOfSlot[seen.slotOf(value)];
    } else {
      bins[i] = MISSING_BIN;
      missing = 1;
    }
  }
  return missing;
}

/**
 * Rows from which quantiles are taken, when not all: one of each of 200,000 strata, at a place that a hash chooses (a fixed
 * stride could beat with a period of the data).
 */
function sampledRows(n: number): Uint32Array | undefined {
  if (n <= SAMPLE_ROWS) return undefined;
  return Uint32Array.from({ length: SAMPLE_ROWS }, (_, i) => {
    const start = Math.floor((i * n) / SAMPLE_ROWS);
    return start + (hashOf(i) % (Math.floor(((i + 1) * n) / SAMPLE_ROWS) - start));
  });
}

/**
 * When even the sample has few distinct values, the rows it knows nothing of are rare values: up to 200,000 of them join it,
 * so that their range is not lost.
 */
function withRare(column: Float32Array, sample: Float32Array, seen: DistinctValues): Float32Array {
  const rare: number[] = [];
  for (let i = 0; i < column.length && rare.length < SAMPLE_ROWS; i++) {
    if (!Number.isNaN(column[i]) && seen.slotOf(column[i]) < 0) rare.push(column[i]);
  }
  const both = new Float32Array(sample.length + rare.length);
  both.set(sample);
  both.set(rare, sample.length);
  return both.sort();
}

function presentOf(values: Float32Array): Float32Array {
  const out = new Float32Array(values.length);
  let kept = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) out[kept++] = values[i];
  return out.subarray(0, kept);
}

function hashOf(i: number): number {
  let h = Math.imul(i ^ (i >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

/**
 * Binary search between two bounds that a table gives for the value's place between the first and the last threshold.
 * The place grows with the value, and thresholds are put into the table by the same arithmetic, so the bounds are exact.
 */
function assignByGuide(column: Float32Array, { edges, bins }: { edges: Float32Array; bins: Uint8Array }): number {
  const first = edges[0];
  const last = edges.length - 1;
  const scale = (GUIDE_CELLS - 1) / (edges[last] - first);
  const guide = new Uint8Array(GUIDE_CELLS + 1);
  for (let cell = 0, e = 0; cell < GUIDE_CELLS; cell++) {
    while (e <= last && Math.floor((edges[e] - first) * scale) <= cell) e++;
    guide[cell + 1] = e;
  }
  let missing = 0;
  for (let i = 0; i < column.length; i++) {
    const value = column[i];
    if (value <= first) {
      bins[i] = 0;
    } else if (value > edges[last]) {
      bins[i] = last + 1;
    } else if (!Number.isNaN(value)) {
      const cell = Math.floor((value - first) * scale);
      let low = guide[cell];
      let high = guide[cell + 1];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (value <= edges[middle]) high = middle;
        else low = middle + 1;
      }
      bins[i] = low;
    } else {
      bins[i] = MISSING_BIN;
      missing = 1;
    }
  }
  return missing;
}
