import { singleThread } from '../../parallel/kernel-catalogue.js';
import { addChunks, chunkCount } from '../../parallel/row-chunks.js';
import { sharedBytes, shareFloat32, type ThreadPool } from '../../parallel/thread-pool.js';
import { type AssignState, COMMAND, sumsLength, sumsOf } from './assign-kernel.js';
import { type ClusterRows, squaredDistance } from './k-means-start.js';

export interface Clustering {
  readonly centres: Float64Array;
  readonly labels: Int32Array;
  /** Σ weight · squared distance to the own centre. */
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
}

export interface LloydSettings {
  readonly maxIter: number;
  readonly tolerance: number;
  readonly onIteration: (iteration: number) => void;
  readonly threads?: ThreadPool | undefined;
}

/** Fewer values are measured before a second thread has woken. */
const FEWEST_VALUES_TO_SHARE = 200_000;

/**
 * Lloyd's iterations from the given centres: rows that provably stay are not measured again (Hamerly's bounds), and centres
 * follow the rows that moved. Stops when no row moves or the centres move by at most `tolerance` (sum of
 * squares). The result is the same for any number of threads.
 */
export function iterateLloyd(rows: ClusterRows, start: Float64Array, settings: LloydSettings): Clustering {
  const { width } = rows;
  const k = start.length / width;
  const threads = rows.points.length < FEWEST_VALUES_TO_SHARE ? singleThread : (settings.threads ?? singleThread);
  const state = createState(rows, start, threads);
  const region = threads.open('assign-rows', { ...state });
  const run = (command: number, out: Float64Array) => {
    state.next[0] = 0;
    region.run(command);
    addChunks(state.partial, { stride: sumsLength(k, width), from: 0 }, out);
  };
  const change = new Float64Array(sumsLength(k, width));
  const sums = new Float64Array(change.length);
  let iterations = 0;
  let converged = false;
  try {
    while (iterations < settings.maxIter && !converged) {
      settings.onIteration(iterations++);
      measureGaps(state.centres, state.half);
      run(COMMAND.assign, change);
      for (let i = 0; i < sums.length; i++) sums[i] += change[i];
      const shift = moveCentres(state, sums);
      converged = sumsOf(change, k, width).moved[0] === 0 || shift <= settings.tolerance;
    }
    measureGaps(state.centres, state.half);
    run(COMMAND.assign, change);
    const inertia = new Float64Array(1);
    run(COMMAND.inertia, inertia);
    return {
      centres: state.centres.slice(),
      labels: Int32Array.from(state.labels),
      inertia: inertia[0],
      iterations,
      converged,
    };
  } finally {
    region.close();
  }
}

function createState(rows: ClusterRows, start: Float64Array, threads: ThreadPool): AssignState {
  const { width } = rows;
  const n = rows.weights.length;
  const k = start.length / width;
  const float64 = (length: number) => new Float64Array(sharedBytes(8 * length, threads));
  const float32 = (length: number) => new Float32Array(sharedBytes(4 * length, threads));
  const copied = (values: Float64Array) => {
    const out = float64(values.length);
    out.set(values);
    return out;
  };
  const chunks = chunkCount(sumsLength(k, width));
  return {
    points: shareFloat32(rows.points, threads),
    weights: threads.size > 1 ? copied(rows.weights) : rows.weights,
    width,
    centres: copied(start),
    labels: new Int32Array(sharedBytes(4 * n, threads)).fill(-1),
    upper: float64(n),
    nearest: float32(n),
    ways: float64(k + 1),
    half: float64(k),
    chunks,
    partial: float64(chunks * sumsLength(k, width)),
    next: new Int32Array(sharedBytes(4, threads)),
  };
}

function measureGaps(centres: Float64Array, half: Float64Array): void {
  const k = half.length;
  const width = centres.length / k;
  half.fill(Number.POSITIVE_INFINITY);
  for (let a = 0; a < k; a++) {
    for (let b = 0; b < a; b++) {
      let squares = 0;
      for (let f = 0; f < width; f++) squares += (centres[a * width + f] - centres[b * width + f]) ** 2;
      const gap = Math.sqrt(squares) / 2;
      half[a] = Math.min(half[a], gap);
      half[b] = Math.min(half[b], gap);
    }
  }
}

/**
 * Moves every centre to the weighted mean of its rows and adds its step to its way; returns the sum of the squared steps.
 * A cluster that lost all its rows takes the row that lies farthest from its own centre, as in scikit-learn; when every
 * row lies on a centre it stays where it was.
 */
function moveCentres(state: AssignState, sums: Float64Array): number {
  const { centres, ways, half, width } = state;
  const k = half.length;
  const present = sumsOf(sums.slice(), k, width);
  const empty = Array.from(present.counts.keys()).filter((c) => present.counts[c] === 0);
  for (const c of empty) present.totals[c] = 0;
  if (empty.length > 0) refill(state, present, empty);
  let shift = 0;
  let longest = 0;
  for (let c = 0; c < k; c++) {
    if (!(present.totals[c] > 0)) continue;
    let squares = 0;
    for (let f = 0; f < width; f++) {
      const at = c * width + f;
      const mean = present.sums[at] / present.totals[c];
      squares += (mean - centres[at]) ** 2;
      centres[at] = mean;
    }
    const step = Math.sqrt(squares);
    ways[c] += step;
    longest = Math.max(longest, step);
    shift += squares;
  }
  ways[k] += longest;
  return shift;
}

function refill(
  { points, weights, width, centres, labels }: AssignState,
  present: { sums: Float64Array; totals: Float64Array },
  empty: readonly number[],
): void {
  const distance = Float64Array.from(labels, (label, i) =>
    weights[i] > 0 ? squaredDistance(points, i * width, centres, label * width, width) : 0,
  );
  for (const c of empty) {
    let far = 0;
    for (let i = 1; i < distance.length; i++) if (distance[i] > distance[far]) far = i;
    if (distance[far] === 0) return;
    distance[far] = 0;
    const from = labels[far];
    for (let f = 0; f < width; f++) {
      const part = weights[far] * points[far * width + f];
      present.sums[c * width + f] = part;
      present.sums[from * width + f] -= part;
    }
    present.totals[c] = weights[far];
    present.totals[from] -= weights[far];
  }
}
