import { checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { rSquared } from '../../metrics/regression-metrics.js';
import { numErrors } from '../../num-errors.js';
import { mostProbable } from '../trainer-types.js';
import { type FittedTreeClassifier, type FittedTreeRegressor, treeClassifier, treeRegressor } from './fit-forest.js';
import {
  type ClassTreeOptions,
  classTreeTask,
  type ForestOptions,
  type TreeKind,
  type ValueTreeOptions,
  valueTreeTask,
} from './forest-options.js';
import { type GrownForest, growForest } from './grow-forest.js';
import { outOfBagSums } from './out-of-bag.js';
import type { TreeTask } from './tree-task.js';

export type RandomForestOptions = ForestOptions & ClassTreeOptions;
export type RandomForestRegressorOptions = ForestOptions & ValueTreeOptions;

const RANDOM: TreeKind = { maxFeatures: 'sqrt', bootstrap: true, randomThresholds: false, roundedLeaves: true };
const EXTRA: TreeKind = { maxFeatures: 'sqrt', bootstrap: false, randomThresholds: true, roundedLeaves: true };

/**
 * Random forest (Breiman 2001) on histograms; names and defaults follow scikit-learn's RandomForestClassifier. Each tree has
 * its own generator forked from the seed, so any number of threads gives the same bytes. NaN is a value of its own: each
 * split learns the side for it. Cost: about trees × rows × depth × √features byte reads; measured in bench/training.
 *
 * The fit is synchronous: `signal` is looked at between batches of trees.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`.
 */
export function fitRandomForest(x: FeatureMatrix, y: Int32Array, options: RandomForestOptions): FittedTreeClassifier {
  return fitClassifier('random-forest', RANDOM, { x, y, options });
}

/** Mean of regression trees; as scikit-learn's RandomForestRegressor, so all features are looked at in each node. */
export function fitRandomForestRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: RandomForestRegressorOptions,
): FittedTreeRegressor {
  return fitRegressor('random-forest', { ...RANDOM, maxFeatures: 'all' }, { x, y, options });
}

/**
 * Extremely randomised trees (Geurts, Ernst, Wehenkel 2006): of each drawn feature one random threshold. They are drawn
 * uniformly between the extremes of the node, as near as bins tell them.
 */
export function fitExtraTrees(x: FeatureMatrix, y: Int32Array, options: RandomForestOptions): FittedTreeClassifier {
  return fitClassifier('extra-trees', EXTRA, { x, y, options });
}

export function fitExtraTreesRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: RandomForestRegressorOptions,
): FittedTreeRegressor {
  return fitRegressor('extra-trees', { ...EXTRA, maxFeatures: 'all' }, { x, y, options });
}

function fitClassifier(
  kind: string,
  tree: TreeKind,
  { x, y, options }: { x: FeatureMatrix; y: Int32Array; options: RandomForestOptions },
): FittedTreeClassifier {
  const task = classTreeTask(x, y, options, tree);
  const grown = grow(task, options);
  const classCount = task.width;
  const trees = { kind, featureCount: x.featureCount, ...grown };
  if (!options.oobScore) return treeClassifier(trees, classCount);
  const { sums, trees: judges } = outOfBagSums(task, grown.forest, { x, width: classCount });
  const codes = mostProbable(sums, classCount);
  let right = 0;
  let judged = 0;
  for (let row = 0; row < y.length; row++) {
    if (judges[row] === 0) continue;
    judged++;
    if (codes[row] === y[row]) right++;
  }
  return treeClassifier({ ...trees, oobScore: right / judged }, classCount);
}

function fitRegressor(
  kind: string,
  tree: TreeKind,
  { x, y, options }: { x: FeatureMatrix; y: Float64Array; options: RandomForestRegressorOptions },
): FittedTreeRegressor {
  const { task, base } = valueTreeTask(x, y, options, tree);
  const grown = grow(task, options);
  const trees = { kind, featureCount: x.featureCount, ...grown };
  if (!options.oobScore) return treeRegressor(trees, base);
  const { sums, trees: judges } = outOfBagSums(task, grown.forest, { x, width: 1 });
  const seen = Int32Array.from(judges.keys()).filter((row) => judges[row] > 0);
  const truth = Float64Array.from(seen, (row) => y[row]);
  const means = Float64Array.from(seen, (row) => base + sums[row] / judges[row]);
  return treeRegressor({ ...trees, oobScore: seen.length > 1 ? rSquared(truth, means) : Number.NaN }, base);
}

function grow(task: TreeTask, options: ForestOptions): GrownForest {
  const { nEstimators = 100 } = options;
  checkRange('nEstimators', nEstimators, { min: 1, integer: true });
  if (!task.bootstrap && (options.oobScore || options.maxSamples !== undefined)) {
    throw numErrors.NUM_RANGE('oobScore and maxSamples need bootstrap: without it every tree sees every row.');
  }
  return growForest(task, nEstimators, options);
}
