import { type ClusterRows, squaredDistance } from './k-means-start.js';

export interface Clustering {
  readonly centres: Float64Array;
  readonly labels: Int32Array;
  /** Σ weight · squared distance to the own centre. */
  readonly inertia: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Per row: an upper bound of the distance to its centre and a lower one to every other (Hamerly 2010). */
interface Bounds {
  readonly upper: Float64Array;
  readonly lower: Float64Array;
}

/**
 * Lloyd's iterations from the given centres, with Hamerly's bounds: rows that provably stay are not measured again.
 * Stops when no row moves or the centres move by at most `tolerance` (sum of squares).
 */
export function iterateLloyd(
  rows: ClusterRows,
  start: Float64Array,
  settings: { maxIter: number; tolerance: number; onIteration: (iteration: number) => void },
): Clustering {
  const n = rows.weights.length;
  const { width } = rows;
  const k = start.length / width;
  let centres: Float64Array = start;
  const labels = new Int32Array(n).fill(-1);
  const bounds = { upper: new Float64Array(n).fill(Number.POSITIVE_INFINITY), lower: new Float64Array(n) };
  let iterations = 0;
  let converged = false;
  while (iterations < settings.maxIter && !converged) {
    settings.onIteration(iterations++);
    const moved = assign(rows, centres, labels, bounds);
    const next = meanCentres(rows, centres, labels);
    const shifts = new Float64Array(k);
    let shift = 0;
    for (let c = 0; c < k; c++) {
      let squares = 0;
      for (let f = 0; f < width; f++) squares += (next[c * width + f] - centres[c * width + f]) ** 2;
      shifts[c] = Math.sqrt(squares);
      shift += squares;
    }
    loosen(bounds, labels, shifts);
    centres = next;
    converged = moved === 0 || shift <= settings.tolerance;
  }
  assign(rows, centres, labels, bounds);
  let inertia = 0;
  for (let i = 0; i < n; i++) {
    inertia += rows.weights[i] * squaredDistance(rows.points, i * width, centres, labels[i] * width, width);
  }
  return { centres, labels, inertia, iterations, converged };
}

/** Gives every row its nearest centre; returns how many changed. */
function assign(rows: ClusterRows, centres: Float64Array, labels: Int32Array, { upper, lower }: Bounds): number {
  const { points, width } = rows;
  const k = centres.length / width;
  const half = halfGaps(centres, width);
  let moved = 0;
  for (let i = 0; i < labels.length; i++) {
    const own = labels[i];
    if (own >= 0) {
      const limit = Math.max(half[own], lower[i]);
      // The slack covers the rounding of the bounds themselves.
      if (upper[i] * (1 + 1e-12) < limit) continue;
      upper[i] = Math.sqrt(squaredDistance(points, i * width, centres, own * width, width));
      if (upper[i] * (1 + 1e-12) < limit) continue;
    }
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const distance = squaredDistance(points, i * width, centres, c * width, width);
      if (distance < least) {
        second = least;
        least = distance;
        best = c;
      } else if (distance < second) {
        second = distance;
      }
    }
    upper[i] = Math.sqrt(least);
    lower[i] = Math.sqrt(second);
    if (best !== own) {
      labels[i] = best;
      moved++;
    }
  }
  return moved;
}

/** Half the distance from each centre to the nearest other: a row closer than that cannot belong elsewhere. */
function halfGaps(centres: Float64Array, width: number): Float64Array {
  const k = centres.length / width;
  const half = new Float64Array(k).fill(Number.POSITIVE_INFINITY);
  for (let a = 0; a < k; a++) {
    for (let b = 0; b < a; b++) {
      let squares = 0;
      for (let f = 0; f < width; f++) squares += (centres[a * width + f] - centres[b * width + f]) ** 2;
      const gap = Math.sqrt(squares) / 2;
      half[a] = Math.min(half[a], gap);
      half[b] = Math.min(half[b], gap);
    }
  }
  return half;
}

function loosen({ upper, lower }: Bounds, labels: Int32Array, shifts: Float64Array): void {
  let largest = 0;
  for (const shift of shifts) largest = Math.max(largest, shift);
  for (let i = 0; i < labels.length; i++) {
    upper[i] += shifts[labels[i]];
    lower[i] -= largest;
  }
}

/**
 * Weighted means of the clusters. A cluster that lost all its rows takes the row that lies farthest from its own centre,
 * as in scikit-learn; when every row lies on a centre it stays where it was.
 */
function meanCentres(rows: ClusterRows, centres: Float64Array, labels: Int32Array): Float64Array {
  const { points, weights, width } = rows;
  const k = centres.length / width;
  const sums = new Float64Array(k * width);
  const totals = new Float64Array(k);
  for (let i = 0; i < labels.length; i++) {
    const weight = weights[i];
    const to = labels[i] * width;
    totals[labels[i]] += weight;
    for (let f = 0; f < width; f++) sums[to + f] += weight * points[i * width + f];
  }
  const empty = Array.from(totals.keys()).filter((c) => totals[c] === 0);
  if (empty.length > 0) refill(rows, { centres, labels, sums, totals, empty });
  for (let c = 0; c < k; c++) {
    for (let f = 0; f < width; f++) {
      const at = c * width + f;
      sums[at] = totals[c] > 0 ? sums[at] / totals[c] : centres[at];
    }
  }
  return sums;
}

function refill(
  rows: ClusterRows,
  at: { centres: Float64Array; labels: Int32Array; sums: Float64Array; totals: Float64Array; empty: number[] },
): void {
  const { points, weights, width } = rows;
  const distance = Float64Array.from(at.labels, (label, i) =>
    weights[i] > 0 ? squaredDistance(points, i * width, at.centres, label * width, width) : 0,
  );
  for (const c of at.empty) {
    let far = 0;
    for (let i = 1; i < distance.length; i++) if (distance[i] > distance[far]) far = i;
    if (distance[far] === 0) return;
    distance[far] = 0;
    const from = at.labels[far];
    for (let f = 0; f < width; f++) {
      const part = weights[far] * points[far * width + f];
      at.sums[c * width + f] = part;
      at.sums[from * width + f] -= part;
    }
    at.totals[c] = weights[far];
    at.totals[from] -= weights[far];
  }
}
