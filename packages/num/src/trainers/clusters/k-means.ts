import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { writeReducedDistances, writeRoot } from '../../onnx/onnx-distances.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { castTo } from '../../onnx/onnx-linear.js';
import { createRng } from '../../random/rng.js';
import { prepareRegression } from '../regression-targets.js';
import { type FitHooks, type FittedClustererBase, throwIfStopped } from '../trainer-types.js';
import { type ClusterRows, randomCentres, spreadCentres } from './k-means-start.js';
import { type Clustering, iterateLloyd } from './lloyd.js';

export interface KMeansOptions extends FitHooks {
  /** An integer in [0, 2³²). Default 0. */
  readonly seed?: number;
  /** Default 8. */
  readonly nClusters?: number;
  /** Default 'k-means++'; 'random' takes rows as they come. */
  readonly init?: 'k-means++' | 'random';
  /** Row-major nClusters × featureCount; then the seed is not used. */
  readonly initialCentres?: Float64Array;
  /** Starts, of which the one with the least inertia wins. Default 1 for k-means++, 10 for random. */
  readonly nInit?: number;
  /** Default 300. */
  readonly maxIter?: number;
  /** Of the mean variance of the features: centres that move by less are done. Default 1e-4. */
  readonly tol?: number;
  /** One non-negative weight per row, not all 0. */
  readonly sampleWeight?: Float64Array;
}

export interface FittedKMeans extends FittedClustererBase, Clustering {
  readonly kind: 'k-means';
}

/**
 * k-means (Lloyd), as scikit-learn's KMeans: from equal initial centres to equal centres and inertia. Distances are
 * rounded to Float32, as the exported graph gives them, so that both name the same cluster on every tie.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW (fewer rows of positive weight than clusters), or the reason
 *   of `signal`.
 */
export function fitKMeans(x: FeatureMatrix, options: KMeansOptions = {}): FittedKMeans {
  const { nClusters = 8, init = 'k-means++', maxIter = 300, tol = 1e-4, seed = 0, signal, onProgress } = options;
  checkMatrix('x', x);
  checkRange('nClusters', nClusters, { min: 1, integer: true });
  checkRange('maxIter', maxIter, { min: 1, integer: true });
  checkRange('tol', tol, { min: 0 });
  const rows = rowsOf(x, options, nClusters);
  const given = options.initialCentres;
  if (given) checkLength('initialCentres', given.length, nClusters * x.featureCount);
  const starts = given ? 1 : (options.nInit ?? (init === 'random' ? 10 : 1));
  checkRange('nInit', starts, { min: 1, integer: true });
  const root = createRng(seed);
  const tolerance = tol * meanVariance(x);
  let best: Clustering | undefined;
  for (let run = 0; run < starts; run++) {
    const rng = root.fork(run);
    const start = given ?? (init === 'random' ? randomCentres : spreadCentres)(rows, nClusters, rng);
    const onIteration = (iteration: number): void => {
      throwIfStopped(signal);
      onProgress?.((run + iteration / maxIter) / starts);
    };
    const found = iterateLloyd(rows, start, { maxIter, tolerance, onIteration, threads: options.threads });
    if (best === undefined || found.inertia < best.inertia) best = found;
  }
  onProgress?.(1);
  return freeze(x.featureCount, nClusters, best as Clustering);
}

function freeze(width: number, clusterCount: number, found: Clustering): FittedKMeans {
  const { centres } = found;
  const turned = new Float64Array(centres.length);
  for (let c = 0; c < clusterCount; c++) {
    for (let f = 0; f < width; f++) turned[f * clusterCount + c] = centres[c * width + f];
  }
  return Object.freeze({
    kind: 'k-means' as const,
    task: 'clustering' as const,
    featureCount: width,
    clusterCount,
    ...found,
    predictDistances: (rows: FeatureMatrix) => distances(rows, turned, clusterCount),
    writeOnnx: (graph: OnnxGraph, features: string) => {
      const reduced = writeReducedDistances(graph, { points: turned, width, power: 2 }, features);
      return castTo(graph, 'float', writeRoot(graph, 2, reduced));
    },
  });
}

function rowsOf(x: FeatureMatrix, options: KMeansOptions, nClusters: number): ClusterRows {
  const { rowCount: n, featureCount: width } = x;
  const weights = prepareRegression(new Float64Array(n), n, options) ?? new Float64Array(n).fill(1);
  const present = weights.reduce((count, weight) => count + Number(weight > 0), 0);
  if (present < nClusters) {
    throw numErrors.NUM_TOO_FEW(`nClusters is ${nClusters}, but only ${present} rows have a weight.`, {
      data: { rows: present, nClusters },
    });
  }
  const points = new Float32Array(n * width);
  for (let f = 0; f < width; f++) for (let i = 0; i < n; i++) points[i * width + f] = x.values[f * n + i];
  return { points, weights, width };
}

/** scikit-learn makes `tol` relative by the unweighted variances. */
function meanVariance(x: FeatureMatrix): number {
  const { rowCount: n, featureCount: p, values } = x;
  let sum = 0;
  for (let f = 0; f < p; f++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += values[f * n + i] / n;
    for (let i = 0; i < n; i++) sum += (values[f * n + i] - mean) ** 2;
  }
  return sum / (n * p);
}

/** Row-major rowCount × clusterCount, each rounded to Float32. */
function distances(x: FeatureMatrix, turned: Float64Array, clusterCount: number): Float64Array {
  const { rowCount: n, featureCount: p, values } = x;
  checkLength('x.featureCount', p, turned.length / clusterCount);
  checkMatrix('x', x);
  const out = new Float64Array(n * clusterCount);
  for (let f = 0; f < p; f++) {
    for (let c = 0; c < clusterCount; c++) {
      const centre = turned[f * clusterCount + c];
      for (let i = 0; i < n; i++) {
        const d = values[f * n + i] - centre;
        out[i * clusterCount + c] += d * d;
      }
    }
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.fround(Math.sqrt(out[i]));
  return out;
}
