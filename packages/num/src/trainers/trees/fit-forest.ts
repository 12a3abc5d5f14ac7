import { checkLength } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { writeForestMean, writeForestProbabilities } from '../../onnx/onnx-forest.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import type { FittedClassifierBase, FittedRegressorBase } from '../trainer-types.js';
import { checkMatrixWithHoles } from './forest-options.js';
import { type ForestStructure, forestThresholds } from './forest-structure.js';
import { forestMeans } from './forest-sums.js';

interface FittedTrees {
  readonly forest: ForestStructure;
  /** Mean decrease of impurity per feature, sums to 1 (all 0 when no tree could split). */
  readonly importances: Float64Array;
  /** Accuracy, or R², of rows judged by the trees that did not see them; absent unless asked for, NaN when no row is left. */
  readonly oobScore?: number;
}

export interface FittedTreeClassifier extends FittedClassifierBase, FittedTrees {}
export interface FittedTreeRegressor extends FittedRegressorBase, FittedTrees {
  /** Added to the mean of the leaves, whose values are centred. */
  readonly base: number;
}

interface TreesToFreeze extends FittedTrees {
  readonly kind: string;
  readonly featureCount: number;
}

export function treeClassifier(trees: TreesToFreeze, classCount: number): FittedTreeClassifier {
  const { forest, featureCount } = trees;
  return Object.freeze({
    ...trees,
    task: 'classification' as const,
    classCount,
    predictProbabilities: (rows: FeatureMatrix) => {
      checkRows(rows, featureCount);
      return forestMeans(forest, rows, classCount);
    },
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeForestProbabilities(graph, { forest, width: classCount }, features),
    thresholds: () => forestThresholds(forest, featureCount),
  });
}

export function treeRegressor(trees: TreesToFreeze, base: number): FittedTreeRegressor {
  const { forest, featureCount } = trees;
  return Object.freeze({
    ...trees,
    task: 'regression' as const,
    base,
    predict: (rows: FeatureMatrix) => {
      checkRows(rows, featureCount);
      const out = forestMeans(forest, rows, 1);
      for (let i = 0; i < out.length; i++) out[i] += base;
      return out;
    },
    writeOnnx: (graph: OnnxGraph, features: string) => writeForestMean(graph, { forest, width: 1 }, { features, base }),
    thresholds: () => forestThresholds(forest, featureCount),
  });
}

function checkRows(rows: FeatureMatrix, featureCount: number): void {
  checkLength('x.featureCount', rows.featureCount, featureCount);
  checkMatrixWithHoles(rows);
}
