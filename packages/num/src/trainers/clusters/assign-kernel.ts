import { chunkRows } from '../../parallel/row-chunks.js';
import type { Kernel, SharedState } from '../../parallel/thread-pool.js';
import { squaredDistance } from './k-means-start.js';

/**
 * What the threads of a clustering share: n rows, k centres. Bounds are kept against how far the centres have moved in all
 * since the start, so that a move loosens every bound without a walk over the rows.
 */
export interface AssignState {
  /** Row-major n × width. */
  readonly points: Float32Array;
  readonly weights: Float64Array;
  readonly width: number;
  /** Row-major k × width. */
  readonly centres: Float64Array;
  /** −1 before the first assignment. */
  readonly labels: Int32Array;
  /** Per row: an upper bound of the distance to its own centre, minus that centre's way at the time. */
  readonly upper: Float64Array;
  /** Per row: a lower bound of the distance to every other centre, plus the longest way at the time (Hamerly 2010). */
  readonly nearest: Float32Array;
  /** How far each centre has gone, and at the end of it the sum of the longest steps. */
  readonly ways: Float64Array;
  /** Half the distance from each centre to the nearest other: a row closer than that cannot belong elsewhere. */
  readonly half: Float64Array;
  readonly chunks: number;
  /** Per chunk, see {@link sumsOf}. */
  readonly partial: Float64Array;
  readonly next: Int32Array;
}

export const COMMAND = { assign: 0, inertia: 1 } as const;

/** What a chunk says: changes of the centres' sums, of their weights and of their numbers of rows, and how many rows moved. */
export function sumsOf(sums: Float64Array, k: number, width: number) {
  return {
    sums: sums.subarray(0, k * width),
    totals: sums.subarray(k * width, k * (width + 1)),
    counts: sums.subarray(k * (width + 1), k * (width + 2)),
    moved: sums.subarray(k * (width + 2), sumsLength(k, width)),
  };
}

export function sumsLength(k: number, width: number): number {
  return k * (width + 2) + 1;
}

/** Rounds a bound so that Float32 cannot hold more than it. */
const DOWN = 1 - 2 ** -23;
/** Covers the rounding of the bounds themselves. */
const SLACK = 1e-12;

/** Gives rows their nearest centre, chunk by chunk; of equally near ones the first. */
export function createAssignKernel(shared: SharedState): Kernel {
  const state = shared as unknown as AssignState;
  const stride = state.partial.length / state.chunks;
  return {
    run: (command) => {
      for (let chunk = take(state); chunk < state.chunks; chunk = take(state)) {
        const sums = state.partial.subarray(chunk * stride, (chunk + 1) * stride);
        sums.fill(0);
        const rows = chunkRows(state.labels.length, chunk, state.chunks);
        if (command === COMMAND.assign) assignRows(state, rows, sums);
        else sums[0] = inertiaOf(state, rows);
      }
    },
  };
}

function take({ next }: AssignState): number {
  return Atomics.add(next, 0, 1);
}

function assignRows(state: AssignState, [from, to]: [number, number], sums: Float64Array): void {
  const { points, width, centres, labels, upper, nearest, ways, half } = state;
  const k = half.length;
  const longest = ways[k];
  const squares = new Float64Array(k);
  for (let i = from; i < to; i++) {
    const own = labels[i];
    if (own >= 0) {
      const way = ways[own];
      const limit = Math.max(half[own], nearest[i] - longest);
      if (upper[i] + way + SLACK * (upper[i] + 3 * way) < limit) continue;
      const distance = Math.sqrt(squaredDistance(points, i * width, centres, own * width, width));
      upper[i] = distance - way;
      if (distance * (1 + SLACK) < limit) continue;
    }
    const best = findNearest(state, i, own, squares);
    if (best !== own) moveRow(state, sums, i, own, best);
  }
}

/** The nearest centre of row i, its own one before others that are as near unless they come first; renews the bounds. */
function findNearest(state: AssignState, i: number, own: number, squares: Float64Array): number {
  const { ways, half } = state;
  const k = half.length;
  measure(state, i, squares);
  let best = Math.max(own, 0);
  let least = squares[best];
  let second = Number.POSITIVE_INFINITY;
  for (let c = 0; c < k; c++) {
    const squared = squares[c];
    if (squared < least || (squared === least && c < best)) {
      second = least;
      least = squared;
      best = c;
    } else if (squared < second && c !== best) {
      second = squared;
    }
  }
  state.upper[i] = Math.sqrt(least) - ways[best];
  state.nearest[i] = (Math.sqrt(second) + ways[k]) * DOWN;
  return best;
}

/** Squared distances of row i to all centres, four at a time, so that their sums do not wait for each other. */
function measure({ points, width, centres }: AssignState, i: number, out: Float64Array): void {
  const k = out.length;
  const from = i * width;
  let c = 0;
  for (; c + 3 < k; c += 4) {
    let at = c * width;
    let d0 = 0;
    let d1 = 0;
    let d2 = 0;
    let d3 = 0;
    for (let f = from; f < from + width; f++, at++) {
      const value = points[f];
      const e0 = value - centres[at];
      const e1 = value - centres[at + width];
      const e2 = value - centres[at + 2 * width];
      const e3 = value - centres[at + 3 * width];
      d0 += e0 * e0;
      d1 += e1 * e1;
      d2 += e2 * e2;
      d3 += e3 * e3;
    }
    out[c] = d0;
    out[c + 1] = d1;
    out[c + 2] = d2;
    out[c + 3] = d3;
  }
  for (; c < k; c++) out[c] = squaredDistance(points, from, centres, c * width, width);
}

function moveRow(state: AssignState, sums: Float64Array, i: number, own: number, best: number): void {
  const { points, weights, width, labels, half } = state;
  const k = half.length;
  const weight = weights[i];
  labels[i] = best;
  for (let f = 0; f < width; f++) {
    const part = weight * points[i * width + f];
    sums[best * width + f] += part;
    if (own >= 0) sums[own * width + f] -= part;
  }
  const one = weight > 0 ? 1 : 0;
  sums[k * width + best] += weight;
  sums[k * (width + 1) + best] += one;
  sums[k * (width + 2)]++;
  if (own < 0) return;
  sums[k * width + own] -= weight;
  sums[k * (width + 1) + own] -= one;
}

/** Σ weight · squared distance to the own centre. */
function inertiaOf({ points, weights, width, centres, labels }: AssignState, [from, to]: [number, number]): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    sum += weights[i] * squaredDistance(points, i * width, centres, labels[i] * width, width);
  }
  return sum;
}
