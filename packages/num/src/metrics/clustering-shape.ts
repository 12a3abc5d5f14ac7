import { checkFinite, checkLength, checkRange } from '../checks.js';
import type { FeatureMatrix } from '../linalg/matrix.js';
import { numErrors } from '../num-errors.js';
import type { Rng } from '../random/rng.js';

export interface ShapeOptions {
  /** Chooses the rows of the silhouette when there are more than `maxSilhouetteRows`. */
  readonly rng: Rng;
  /** Rows whose silhouette is computed, each against all other chosen rows. Default 5000. */
  readonly maxSilhouetteRows?: number;
}

/** How compact and separate clusters are, without any truth. */
export interface ClusteringShape {
  /** Mean of (b − a) / max(a, b), −1..1; a cluster of one row counts 0. */
  readonly silhouette: number;
  /** Rows that the silhouette was computed on; fewer than all rows: it is an estimate. */
  readonly silhouetteRows: number;
  /** Mean over clusters of the worst (spread + spread) / distance; lower is better. */
  readonly daviesBouldin: number;
  /** Spread between clusters over spread within, each per degree of freedom; higher is better. */
  readonly calinskiHarabasz: number;
  readonly clusters: number;
}

/**
 * Silhouette, Davies–Bouldin and Calinski–Harabasz by scikit-learn's definitions, Euclidean. The silhouette is exact up to
 * `maxSilhouetteRows` rows (cost: their square) and is otherwise taken on a random sample of so many.
 *
 * @param labels one per row; any integers.
 * @throws NUM_TOO_FEW unless there are 2 to n − 1 clusters; NUM_SHAPE, NUM_NOT_FINITE
 */
export function clusteringShape(x: FeatureMatrix, labels: Int32Array, options: ShapeOptions): ClusteringShape {
  const { rng, maxSilhouetteRows = 5000 } = options;
  const n = x.rowCount;
  checkLength('labels', labels.length, n);
  checkFinite('x', x.values);
  checkRange('maxSilhouetteRows', maxSilhouetteRows, { min: 2, integer: true });
  const names = [...new Set(labels)];
  if (names.length < 2 || names.length >= n) {
    throw numErrors.NUM_TOO_FEW(`${n} rows in ${names.length} clusters; 2 to ${n - 1} clusters are needed.`);
  }
  const codeOf = new Map(names.map((name, code) => [name, code]));
  const codes = labels.map((label) => codeOf.get(label) as number);
  const all = Int32Array.from(codes.keys());
  const chosen = n <= maxSilhouetteRows ? all : rng.shuffle(all).slice(0, maxSilhouetteRows).sort();
  return {
    silhouette: silhouette(x, codes, chosen),
    silhouetteRows: chosen.length,
    ...centroidIndices(x, codes, names.length),
    clusters: names.length,
  };
}

/** NaN when the chosen rows are of one cluster. */
function silhouette(x: FeatureMatrix, codes: Int32Array, rows: Int32Array): number {
  const m = rows.length;
  const clusters = codes.reduce((most, code) => Math.max(most, code), 0) + 1;
  const points = rowMajor(x, rows);
  const width = x.featureCount;
  const own = Int32Array.from(rows, (row) => codes[row]);
  const sizes = new Float64Array(clusters);
  for (const code of own) sizes[code]++;
  const sums = new Float64Array(m * clusters);
  for (let i = 0; i < m; i++) {
    for (let j = i + 1; j < m; j++) {
      let square = 0;
      for (let f = 0; f < width; f++) {
        const step = points[i * width + f] - points[j * width + f];
        square += step * step;
      }
      const distance = Math.sqrt(square);
      sums[i * clusters + own[j]] += distance;
      sums[j * clusters + own[i]] += distance;
    }
  }
  let total = 0;
  for (let i = 0; i < m; i++) {
    if (sizes[own[i]] === 1) continue;
    let nearest = Number.POSITIVE_INFINITY;
    for (let k = 0; k < clusters; k++) {
      if (k !== own[i] && sizes[k] > 0) nearest = Math.min(nearest, sums[i * clusters + k] / sizes[k]);
    }
    if (nearest === Number.POSITIVE_INFINITY) return Number.NaN;
    const within = sums[i * clusters + own[i]] / (sizes[own[i]] - 1);
    const widest = Math.max(within, nearest);
    if (widest > 0) total += (nearest - within) / widest;
  }
  return total / m;
}

function rowMajor(x: FeatureMatrix, rows: Int32Array): Float64Array {
  const width = x.featureCount;
  const out = new Float64Array(rows.length * width);
  for (let f = 0; f < width; f++) {
    for (let i = 0; i < rows.length; i++) out[i * width + f] = x.values[f * x.rowCount + rows[i]];
  }
  return out;
}

function centroidIndices(x: FeatureMatrix, codes: Int32Array, clusters: number) {
  const n = x.rowCount;
  const width = x.featureCount;
  const sizes = new Float64Array(clusters);
  for (const code of codes) sizes[code]++;
  const centres = new Float64Array(clusters * width);
  const middle = new Float64Array(width);
  for (let f = 0; f < width; f++) {
    for (let i = 0; i < n; i++) centres[codes[i] * width + f] += x.values[f * n + i];
    for (let k = 0; k < clusters; k++) {
      middle[f] += centres[k * width + f] / n;
      centres[k * width + f] /= sizes[k];
    }
  }
  const spread = new Float64Array(clusters);
  const squares = new Float64Array(n);
  for (let f = 0; f < width; f++) {
    for (let i = 0; i < n; i++) squares[i] += (x.values[f * n + i] - centres[codes[i] * width + f]) ** 2;
  }
  let within = 0;
  for (let i = 0; i < n; i++) {
    spread[codes[i]] += Math.sqrt(squares[i]) / sizes[codes[i]];
    within += squares[i];
  }
  let between = 0;
  for (let k = 0; k < clusters; k++) between += sizes[k] * distance(centres, middle, { at: k * width, width }) ** 2;
  return {
    daviesBouldin: daviesBouldin(centres, spread, width),
    calinskiHarabasz: within === 0 ? 1 : (between * (n - clusters)) / (within * (clusters - 1)),
  };
}

function daviesBouldin(centres: Float64Array, spread: Float64Array, width: number): number {
  const clusters = spread.length;
  let sum = 0;
  for (let i = 0; i < clusters; i++) {
    let worst = 0;
    for (let j = 0; j < clusters; j++) {
      const apart = distance(centres, centres.subarray(j * width, (j + 1) * width), { at: i * width, width });
      // Two clusters with one centre have no ratio; scikit-learn leaves the pair out.
      if (i !== j && apart > 0) worst = Math.max(worst, (spread[i] + spread[j]) / apart);
    }
    sum += worst;
  }
  return sum / clusters;
}

function distance(points: Float64Array, other: Float64Array, { at, width }: { at: number; width: number }): number {
  let square = 0;
  for (let f = 0; f < width; f++) square += (points[at + f] - other[f]) ** 2;
  return Math.sqrt(square);
}
