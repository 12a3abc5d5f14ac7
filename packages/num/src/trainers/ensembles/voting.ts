import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { prepareTargets } from '../class-targets.js';
import { prepareRegression } from '../regression-targets.js';
import type { ClassificationContext, FitContext } from '../trainer-definition.js';
import { type FittedClassifierBase, type FittedRegressorBase, throwIfStopped } from '../trainer-types.js';
import { type BaseTrainer, classifyPart, jointThresholds, regressPart } from './base-trainers.js';

export interface FittedVotingClassifier extends FittedClassifierBase {
  readonly kind: 'voting';
  readonly models: readonly FittedClassifierBase[];
}

export interface FittedVotingRegressor extends FittedRegressorBase {
  readonly kind: 'voting';
  readonly models: readonly FittedRegressorBase[];
}

/** Mean of the probabilities of several classifiers: scikit-learn's VotingClassifier(voting='soft'). */
export function fitVotingClassifier(
  x: FeatureMatrix,
  y: Int32Array,
  ensemble: { bases: readonly BaseTrainer[]; weights?: readonly number[] },
  context: ClassificationContext,
): FittedVotingClassifier {
  checkMatrix('x', x);
  const { classCount } = prepareTargets(y, x.rowCount, context);
  const parts = ensemble.bases.length;
  const shares = sharesOf(parts, ensemble.weights);
  const models = ensemble.bases.map((base, part) => {
    throwIfStopped(context.signal);
    return classifyPart(base, { x, y }, context, { label: `voting ${part}`, part, parts });
  });
  context.onProgress?.(1);
  return Object.freeze({
    kind: 'voting' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    models: Object.freeze(models),
    predictProbabilities: (rows: FeatureMatrix) =>
      weightedSum(
        models.map((model) => model.predictProbabilities(rows)),
        shares,
      ),
    writeOnnx: (graph: OnnxGraph, features: string) => writeMean(graph, models, { shares, features }),
    thresholds: () => jointThresholds(models, x.featureCount),
  });
}

/** Mean of the predictions of several regressors: scikit-learn's VotingRegressor. */
export function fitVotingRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  ensemble: { bases: readonly BaseTrainer[]; weights?: readonly number[] },
  context: FitContext,
): FittedVotingRegressor {
  checkMatrix('x', x);
  prepareRegression(y, x.rowCount, context);
  const parts = ensemble.bases.length;
  const shares = sharesOf(parts, ensemble.weights);
  const models = ensemble.bases.map((base, part) => {
    throwIfStopped(context.signal);
    return regressPart(base, { x, y }, context, { label: `voting ${part}`, part, parts });
  });
  context.onProgress?.(1);
  return Object.freeze({
    kind: 'voting' as const,
    task: 'regression' as const,
    featureCount: x.featureCount,
    models: Object.freeze(models),
    predict: (rows: FeatureMatrix) =>
      weightedSum(
        models.map((model) => model.predict(rows)),
        shares,
      ),
    writeOnnx: (graph: OnnxGraph, features: string) => writeMean(graph, models, { shares, features }),
    thresholds: () => jointThresholds(models, x.featureCount),
  });
}

function sharesOf(count: number, weights: readonly number[] | undefined): number[] {
  if (count === 0) throw numErrors.NUM_TOO_FEW('There is no trainer to vote.');
  if (!weights) return new Array<number>(count).fill(1 / count);
  checkLength('weights', weights.length, count);
  for (const weight of weights) checkRange('weights', weight, { min: 0, max: Number.MAX_VALUE });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) throw numErrors.NUM_RANGE('weights are all 0.');
  return weights.map((weight) => weight / total);
}

function weightedSum(answers: readonly Float64Array[], shares: readonly number[]): Float64Array {
  const out = new Float64Array(answers[0].length);
  answers.forEach((answer, m) => {
    for (let i = 0; i < out.length; i++) out[i] += shares[m] * answer[i];
  });
  return out;
}

/** The models' Float32 answers, added in double by their shares. Also what calibrated ensembles write. */
export function writeMean(
  graph: OnnxGraph,
  models: readonly { writeOnnx(graph: OnnxGraph, features: string): string }[],
  { shares, features }: { shares: readonly number[]; features: string },
): string {
  let sum: string | undefined;
  models.forEach((model, m) => {
    const answer = graph.node({
      op: 'Cast',
      inputs: [model.writeOnnx(graph, features)],
      attributes: { to: { int: 11 } },
    });
    const share = graph.node({ op: 'Mul', inputs: [answer, graph.constant(Float64Array.of(shares[m]), [1, 1])] });
    sum = sum === undefined ? share : graph.node({ op: 'Add', inputs: [sum, share] });
  });
  return graph.node({ op: 'Cast', inputs: [sum as string], attributes: { to: { int: 1 } } });
}
