import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeNeighbours } from '../../onnx/onnx-neighbours.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import { prepareRegression, type RegressionTargetOptions } from '../regression-targets.js';
import {
  type FitHooks,
  type FittedClassifierBase,
  type FittedRegressorBase,
  throwIfStopped,
} from '../trainer-types.js';
import { buildKdTree, type KdTree, searchKdTree } from './k-d-tree.js';
import { NearestList } from './nearest-list.js';
import type { NeighbourMemory } from './neighbour-memory.js';
import { distanceOf, reducedDistance } from './point-distance.js';

export interface NeighbourOptions {
  /** Default 5. */
  readonly nNeighbors?: number;
  /** 'uniform' (default): every neighbour counts the same; 'distance': by 1 / distance, and at distance 0 alone. */
  readonly weights?: 'uniform' | 'distance';
  /** Default 'minkowski', which is Euclidean with p 2. */
  readonly metric?: 'minkowski' | 'euclidean' | 'manhattan';
  /** Of 'minkowski', ≥ 1. Default 2. */
  readonly p?: number;
}

export interface NeighbourClassifierOptions extends NeighbourOptions, ClassTargetOptions, FitHooks {}
export interface NeighbourRegressorOptions extends NeighbourOptions, RegressionTargetOptions, FitHooks {}

export interface FittedNeighbourClassifier extends FittedClassifierBase {
  readonly kind: 'k-nearest-neighbours';
}

export interface FittedNeighbourRegressor extends FittedRegressorBase {
  readonly kind: 'k-nearest-neighbours';
}

/**
 * k nearest neighbours, exact, as scikit-learn's KNeighborsClassifier. Of equal distances the earlier row is the nearer
 * (scikit-learn leaves it open). Class and sample weights multiply a neighbour's vote; rows of weight 0 are forgotten.
 * A k-d tree searches up to 12 features, all pairs are compared beyond.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW (fewer rows than neighbours), or the reason of `signal`.
 */
export function fitNeighbourClassifier(
  x: FeatureMatrix,
  y: Int32Array,
  options: NeighbourClassifierOptions = {},
): FittedNeighbourClassifier {
  checkMatrix('x', x);
  throwIfStopped(options.signal);
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  const memory = remember(x, { weights, columns: classCount, valueOf: (row, k) => Number(y[row] === k) }, options);
  const average = averager(memory);
  options.onProgress?.(1);
  return Object.freeze({
    kind: 'k-nearest-neighbours' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    predictProbabilities: average,
    writeOnnx: (graph: OnnxGraph, features: string) => writeNeighbours(graph, memory, features),
  });
}

/** Mean of the nearest targets. @throws as {@link fitNeighbourClassifier}. */
export function fitNeighbourRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: NeighbourRegressorOptions = {},
): FittedNeighbourRegressor {
  checkMatrix('x', x);
  throwIfStopped(options.signal);
  const weights = prepareRegression(y, x.rowCount, options) ?? new Float64Array(x.rowCount).fill(1);
  const memory = remember(x, { weights, columns: 1, valueOf: (row) => y[row] }, options);
  const average = averager(memory);
  options.onProgress?.(1);
  return Object.freeze({
    kind: 'k-nearest-neighbours' as const,
    task: 'regression' as const,
    featureCount: x.featureCount,
    predict: average,
    writeOnnx: (graph: OnnxGraph, features: string) => writeNeighbours(graph, memory, features),
  });
}

function remember(
  x: FeatureMatrix,
  target: { weights: Float64Array; columns: number; valueOf: (row: number, column: number) => number },
  options: NeighbourOptions,
): NeighbourMemory {
  const { nNeighbors = 5, metric = 'minkowski', p = 2 } = options;
  checkRange('nNeighbors', nNeighbors, { min: 1, integer: true });
  checkRange('p', p, { min: 1, max: 1e3 });
  const kept = Int32Array.from(target.weights.keys()).filter((row) => target.weights[row] > 0);
  if (kept.length < nNeighbors) {
    throw numErrors.NUM_TOO_FEW(`nNeighbors is ${nNeighbors}, but only ${kept.length} rows have a weight.`, {
      data: { rows: kept.length, nNeighbors },
    });
  }
  const width = x.featureCount;
  const { columns } = target;
  const points = new Float32Array(kept.length * width);
  const table = new Float64Array(kept.length * (columns + 1));
  kept.forEach((row, i) => {
    for (let f = 0; f < width; f++) points[i * width + f] = x.values[f * x.rowCount + row];
    const weight = target.weights[row];
    for (let c = 0; c < columns; c++) table[i * (columns + 1) + c] = weight * target.valueOf(row, c);
    table[i * (columns + 1) + columns] = weight;
  });
  const power = metric === 'euclidean' ? 2 : metric === 'manhattan' ? 1 : p;
  return { points, width, table, columns, nNeighbors, byDistance: options.weights === 'distance', power };
}

/** From here on more boxes are opened than skipped. */
const MOST_TREE_FEATURES = 12;
const FEWEST_TREE_ROWS = 128;

/** Row-major rowCount × columns: weighted means over the neighbours. */
function averager(memory: NeighbourMemory): (rows: FeatureMatrix) => Float64Array {
  const { points, width, columns, nNeighbors } = memory;
  const count = points.length / width;
  const tree: KdTree | undefined =
    width > 0 && width <= MOST_TREE_FEATURES && count >= FEWEST_TREE_ROWS ? buildKdTree(points, width) : undefined;
  return (rows) => {
    checkLength('x.featureCount', rows.featureCount, width);
    checkMatrix('x', rows);
    const out = new Float64Array(rows.rowCount * columns);
    const list = new NearestList(nNeighbors);
    const query = new Float32Array(width);
    for (let row = 0; row < rows.rowCount; row++) {
      for (let f = 0; f < width; f++) query[f] = rows.values[f * rows.rowCount + row];
      list.clear();
      if (tree) searchKdTree(tree, query, memory.power, list);
      else for (let i = 0; i < count; i++) list.offer(i, reducedDistance(points, i * width, query, memory.power));
      average(memory, list, out.subarray(row * columns, (row + 1) * columns));
    }
    return out;
  };
}

function average(memory: NeighbourMemory, list: NearestList, out: Float64Array): void {
  const { table, columns, byDistance, power } = memory;
  const onPoint = list.distances[0] === 0;
  let total = 0;
  for (let i = 0; i < list.rows.length; i++) {
    let share = 1;
    if (byDistance) {
      share = onPoint ? Number(list.distances[i] === 0) : 1 / distanceOf(list.distances[i], power);
    }
    const at = list.rows[i] * (columns + 1);
    for (let c = 0; c < columns; c++) out[c] += share * table[at + c];
    total += share * table[at + columns];
  }
  for (let c = 0; c < columns; c++) out[c] /= total;
}
