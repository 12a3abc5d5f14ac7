import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { writeIsolationScores } from '../../onnx/onnx-forest.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { createRng, type Rng } from '../../random/rng.js';
import { quantileOfSorted } from '../../resample/bootstrap.js';
import { type FitHooks, type FittedDetectorBase, throwIfStopped } from '../trainer-types.js';
import { type ForestStructure, forestThresholds, joinTrees } from './forest-structure.js';
import { forestSums } from './forest-sums.js';
import { averagePathLength, growIsolationTree } from './isolation-tree.js';
import type { TreeNodes } from './tree-task.js';

export interface IsolationForestOptions extends FitHooks {
  /** An integer in [0, 2³²). */
  readonly seed: number;
  /** Default 100. */
  readonly nEstimators?: number;
  /** Rows drawn for each tree: 'auto' = at most 256 (default), a count, or up to 1 a share. */
  readonly maxSamples?: 'auto' | number;
  /** 'auto' (default): scores above 0 as in the paper; else the share of training rows, up to 0.5, that score above 0. */
  readonly contamination?: 'auto' | number;
  /** Features each tree may use: a count, or a share up to 1 (default). 1 is all of them. */
  readonly maxFeatures?: number;
  /** Draw rows with replacement. Default false. */
  readonly bootstrap?: boolean;
  readonly sampleWeight?: Float64Array;
}

export interface FittedIsolationForest extends FittedDetectorBase {
  readonly kind: 'isolation-forest';
  readonly forest: ForestStructure;
  /** Score = 2^(−mean path ÷ pathScale) − threshold. */
  readonly pathScale: number;
  readonly threshold: number;
}

/**
 * Isolation forest (Liu, Ting, Zhou 2008): rows that random cuts isolate soon are anomalous. Scores are scikit-learn's
 * `−decision_function`: above 0 is an anomaly. Trees are small, so one thread grows them; thresholds are any numbers, not bins.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`, looked at before each tree
 */
export function fitIsolationForest(x: FeatureMatrix, options: IsolationForestOptions): FittedIsolationForest {
  const { nEstimators = 100, contamination = 'auto', signal, onProgress } = options;
  checkMatrix('x', x);
  checkRange('nEstimators', nEstimators, { min: 1, integer: true });
  if (contamination !== 'auto') checkRange('contamination', contamination, { min: Number.MIN_VALUE, max: 0.5 });
  const usable = usableRows(x, options.sampleWeight);
  const draws = drawCount(options.maxSamples ?? 'auto', usable.length);
  const root = createRng(options.seed);
  const maxDepth = Math.ceil(Math.log2(Math.max(draws, 2)));
  const featureShare = featuresOf(options.maxFeatures ?? 1, x.featureCount);
  const trees: TreeNodes[] = [];
  for (let t = 0; t < nEstimators; t++) {
    throwIfStopped(signal);
    const rng = root.fork(t);
    const rows = drawRows(usable, draws, { rng, bootstrap: options.bootstrap ?? false });
    const drawn = rng.shuffle(Int32Array.from({ length: x.featureCount }, (_, f) => f)).slice(0, featureShare);
    trees.push(growIsolationTree(x, rows, { drawn, maxDepth, rng }));
    onProgress?.((t + 1) / nEstimators);
  }
  const forest = joinTrees(trees, 1);
  // One row, or one drawn: no tree isolates anything, and any scale gives the same score.
  const pathScale = averagePathLength(draws) || 1;
  const raw = (rows: FeatureMatrix) => anomalyOf(forest, rows, pathScale);
  const threshold = contamination === 'auto' ? 0.5 : quantileOfSorted(raw(x).sort(), 1 - contamination);
  return Object.freeze({
    kind: 'isolation-forest' as const,
    task: 'anomaly' as const,
    featureCount: x.featureCount,
    forest,
    pathScale,
    threshold,
    predictScores: (rows: FeatureMatrix) => {
      checkLength('x.featureCount', rows.featureCount, x.featureCount);
      checkMatrix('x', rows);
      return raw(rows).map((value) => value - threshold);
    },
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeIsolationScores(graph, { forest, width: 1 }, { features, pathScale, threshold }),
    thresholds: () => forestThresholds(forest, x.featureCount),
  });
}

function anomalyOf(forest: ForestStructure, rows: FeatureMatrix, pathScale: number): Float64Array {
  const scale = (forest.treeStarts.length - 1) * pathScale;
  return forestSums(forest, rows, 1).map((sum) => 2 ** (-sum / scale));
}

/** Rows of positive weight. Weights beyond that say how often a row would be drawn; isolation looks at extremes only. */
function usableRows(x: FeatureMatrix, weights: Float64Array | undefined): Int32Array {
  if (weights) checkLength('sampleWeight', weights.length, x.rowCount);
  const rows = Int32Array.from({ length: x.rowCount }, (_, row) => row).filter((row) => !weights || weights[row] > 0);
  if (rows.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to fit on.');
  return rows;
}

function drawCount(choice: 'auto' | number, n: number): number {
  if (choice === 'auto') return Math.min(256, n);
  if (choice > 0 && choice <= 1) return Math.max(1, Math.floor(choice * n));
  checkRange('maxSamples', choice, { min: 1, integer: true });
  return Math.min(choice, n);
}

function featuresOf(choice: number, featureCount: number): number {
  if (choice > 0 && choice <= 1) return Math.max(1, Math.floor(choice * featureCount));
  checkRange('maxFeatures', choice, { min: 1, max: featureCount, integer: true });
  return choice;
}

function drawRows(usable: Int32Array, draws: number, { rng, bootstrap }: { rng: Rng; bootstrap: boolean }): Int32Array {
  const n = usable.length;
  if (bootstrap) return Int32Array.from({ length: draws }, () => usable[rng.int(n)]);
  if (draws === n) return usable.slice();
  // Floyd's sampling: as many draws as rows wanted.
  const taken = new Set<number>();
  for (let j = n - draws; j < n; j++) {
    const at = rng.int(j + 1);
    taken.add(taken.has(at) ? j : at);
  }
  return Int32Array.from(taken, (at) => usable[at]);
}
