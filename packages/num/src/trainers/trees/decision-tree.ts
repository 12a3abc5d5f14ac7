import { checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { type FittedTreeClassifier, type FittedTreeRegressor, treeClassifier, treeRegressor } from './fit-forest.js';
import {
  type ClassTreeOptions,
  classTreeTask,
  type TreeKind,
  type TreeOptions,
  type ValueTreeOptions,
  valueTreeTask,
} from './forest-options.js';
import type { ForestStructure } from './forest-structure.js';
import { growForest } from './grow-forest.js';
import { pruneTree } from './prune-tree.js';

interface PruneOptions {
  /** Minimal cost-complexity pruning: subtrees that gain no more than this per leaf are cut. Default 0. */
  readonly ccpAlpha?: number;
}

export type DecisionTreeOptions = TreeOptions & ClassTreeOptions & PruneOptions;
export type DecisionTreeRegressorOptions = TreeOptions & ValueTreeOptions & PruneOptions;

const SINGLE: TreeKind = { maxFeatures: 'all', bootstrap: false, randomThresholds: false, roundedLeaves: false };

/**
 * One tree over all rows, as scikit-learn's DecisionTreeClassifier: the same splits, up to ties, while no feature has more
 * than `maxBins` distinct values; quantiles of them otherwise. The importances are those of the tree before pruning.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`.
 */
export function fitDecisionTree(x: FeatureMatrix, y: Int32Array, options: DecisionTreeOptions): FittedTreeClassifier {
  const task = classTreeTask(x, y, options, SINGLE);
  const { forest, importances } = growForest(task, 1, options);
  const pruned = prune(forest, task.width, options);
  return treeClassifier(
    { kind: 'decision-tree', featureCount: x.featureCount, forest: pruned, importances },
    task.width,
  );
}

export function fitDecisionTreeRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: DecisionTreeRegressorOptions,
): FittedTreeRegressor {
  const { task, base } = valueTreeTask(x, y, options, SINGLE);
  const { forest, importances } = growForest(task, 1, options);
  const pruned = prune(forest, 1, options);
  return treeRegressor({ kind: 'decision-tree', featureCount: x.featureCount, forest: pruned, importances }, base);
}

function prune(forest: ForestStructure, width: number, { ccpAlpha = 0 }: PruneOptions): ForestStructure {
  checkRange('ccpAlpha', ccpAlpha, { min: 0 });
  return ccpAlpha === 0 ? forest : pruneTree(forest, { width, alpha: ccpAlpha });
}
