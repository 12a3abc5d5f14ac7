import type { Rng } from '../../random/rng.js';

export interface ClusterRows {
  /** Row-major rowCount × width. */
  readonly points: Float32Array;
  readonly weights: Float64Array;
  readonly width: number;
}

/** Squared distance of one row to a centre, features in order. */
export function squaredDistance(points: Float32Array, at: number, centres: Float64Array, to: number, width: number) {
  let sum = 0;
  for (let f = 0; f < width; f++) {
    const d = points[at + f] - centres[to + f];
    sum += d * d;
  }
  return sum;
}

/**
 * k-means++ (Arthur & Vassilvitskii 2007) in scikit-learn's greedy form: of 2 + ⌊ln k⌋ rows, drawn in proportion to
 * weight · squared distance from the nearest centre so far, the one that lowers the sum most becomes the next centre.
 */
export function spreadCentres(rows: ClusterRows, k: number, rng: Rng): Float64Array {
  const { points, weights, width } = rows;
  const n = weights.length;
  const centres = new Float64Array(k * width);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const trials = 2 + Math.floor(Math.log(k));
  let candidate = new Float64Array(n);
  let best = new Float64Array(n);
  take(rows, draw(weights, rng), centres, 0);
  for (let i = 0; i < n; i++) nearest[i] = weights[i] * squaredDistance(points, i * width, centres, 0, width);
  for (let c = 1; c < k; c++) {
    let lowest = Number.POSITIVE_INFINITY;
    let chosen = 0;
    for (let t = 0; t < trials; t++) {
      const row = draw(nearest, rng);
      take(rows, row, centres, c);
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const own = weights[i] * squaredDistance(points, i * width, centres, c * width, width);
        candidate[i] = Math.min(own, nearest[i]);
        sum += candidate[i];
      }
      if (sum < lowest) {
        lowest = sum;
        chosen = row;
        [best, candidate] = [candidate, best];
      }
    }
    take(rows, chosen, centres, c);
    nearest.set(best);
  }
  return centres;
}

/** k different rows. */
export function randomCentres(rows: ClusterRows, k: number, rng: Rng): Float64Array {
  const centres = new Float64Array(k * rows.width);
  const left = rows.weights.slice();
  for (let c = 0; c < k; c++) {
    const row = draw(left, rng);
    left[row] = 0;
    take(rows, row, centres, c);
  }
  return centres;
}

function take({ points, width }: ClusterRows, row: number, centres: Float64Array, c: number): void {
  for (let f = 0; f < width; f++) centres[c * width + f] = points[row * width + f];
}

/** A row in proportion to its share; the last of positive share when rounding leaves nothing. */
function draw(shares: Float64Array, rng: Rng): number {
  let total = 0;
  for (let i = 0; i < shares.length; i++) total += shares[i];
  let left = rng.next() * total;
  let last = 0;
  for (let i = 0; i < shares.length; i++) {
    if (shares[i] === 0) continue;
    last = i;
    left -= shares[i];
    if (left < 0) return i;
  }
  return last;
}
