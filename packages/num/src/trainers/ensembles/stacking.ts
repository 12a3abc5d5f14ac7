import { checkMatrix, type FeatureMatrix, selectMatrixRows } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { type Fold, kFold, stratifiedKFold } from '../../random/folds.js';
import { prepareTargets } from '../class-targets.js';
import { fitRidge } from '../linear/linear-regression.js';
import { fitLogisticRegression } from '../linear/logistic-regression.js';
import { prepareRegression } from '../regression-targets.js';
import type { ClassificationContext, FitContext } from '../trainer-definition.js';
import { type FittedClassifierBase, type FittedRegressorBase, throwIfStopped } from '../trainer-types.js';
import { type BaseTrainer, classifyPart, jointThresholds, type PartContext, regressPart } from './base-trainers.js';

export interface StackingOptions {
  readonly bases: readonly BaseTrainer[];
  /** Folds for the out-of-fold answers. Default 5. */
  readonly cv?: number;
  /** True: the final model sees the features too. Default false. */
  readonly passthrough?: boolean;
}

export interface FittedStackingClassifier extends FittedClassifierBase {
  readonly kind: 'stacking';
  readonly models: readonly FittedClassifierBase[];
  readonly final: FittedClassifierBase;
}

export interface FittedStackingRegressor extends FittedRegressorBase {
  readonly kind: 'stacking';
  readonly models: readonly FittedRegressorBase[];
  readonly final: FittedRegressorBase;
}

/**
 * A logistic regression over out-of-fold probabilities of several classifiers, as scikit-learn's StackingClassifier: of
 * two classes only the second's probability is given on. The classifiers are then fitted on all rows.
 *
 * @throws NUM_TOO_FEW when there are fewer rows than folds, or no trainer.
 */
export function fitStackingClassifier(
  x: FeatureMatrix,
  y: Int32Array,
  options: StackingOptions,
  context: ClassificationContext,
): FittedStackingClassifier {
  checkMatrix('x', x);
  const { classCount } = prepareTargets(y, x.rowCount, context);
  const { bases, cv = 5, passthrough = false } = options;
  const skipped = classCount === 2 ? 1 : 0;
  const layout: Layout = { width: classCount, skipped, passthrough };
  const { models, answers } = crossFit(
    { bases, folds: stratifiedKFold(y, cv), rowCount: x.rowCount, width: classCount },
    context,
    (base, part) => {
      const model = classifyPart(base, { x, y }, context, part);
      return { model, answer: model.predictProbabilities };
    },
    x,
  );
  const final = fitLogisticRegression(stack(x, answers, layout), y, { ...context, onProgress: () => undefined });
  context.onProgress?.(1);
  const stacked = (rows: FeatureMatrix) =>
    stack(
      rows,
      models.map((model) => model.predictProbabilities(rows)),
      layout,
    );
  return Object.freeze({
    kind: 'stacking' as const,
    task: 'classification' as const,
    featureCount: x.featureCount,
    classCount,
    models: Object.freeze(models),
    final,
    predictProbabilities: (rows: FeatureMatrix) => final.predictProbabilities(stacked(rows)),
    writeOnnx: (graph: OnnxGraph, features: string) =>
      final.writeOnnx(graph, writeStack(graph, models, { features, layout })),
    thresholds: () => jointThresholds(models, x.featureCount),
  });
}

/** A ridge regression over out-of-fold predictions of several regressors; scikit-learn's StackingRegressor with Ridge(). */
export function fitStackingRegressor(
  x: FeatureMatrix,
  y: Float64Array,
  options: StackingOptions,
  context: FitContext,
): FittedStackingRegressor {
  checkMatrix('x', x);
  prepareRegression(y, x.rowCount, context);
  const { bases, cv = 5, passthrough = false } = options;
  const layout: Layout = { width: 1, skipped: 0, passthrough };
  const { models, answers } = crossFit(
    { bases, folds: kFold(x.rowCount, cv), rowCount: x.rowCount, width: 1 },
    context,
    (base, part) => {
      const model = regressPart(base, { x, y }, context, part);
      return { model, answer: model.predict };
    },
    x,
  );
  const final = fitRidge(stack(x, answers, layout), y, { ...context, onProgress: () => undefined });
  context.onProgress?.(1);
  const stacked = (rows: FeatureMatrix) =>
    stack(
      rows,
      models.map((model) => model.predict(rows)),
      layout,
    );
  return Object.freeze({
    kind: 'stacking' as const,
    task: 'regression' as const,
    featureCount: x.featureCount,
    models: Object.freeze(models),
    final,
    predict: (rows: FeatureMatrix) => final.predict(stacked(rows)),
    writeOnnx: (graph: OnnxGraph, features: string) =>
      final.writeOnnx(graph, writeStack(graph, models, { features, layout })),
    thresholds: () => jointThresholds(models, x.featureCount),
  });
}

/** Columns of one model's answer that go on: `skipped`..`width`. */
interface Layout {
  readonly width: number;
  readonly skipped: number;
  readonly passthrough: boolean;
}

interface CrossFit {
  readonly bases: readonly BaseTrainer[];
  readonly folds: readonly Fold[];
  readonly rowCount: number;
  readonly width: number;
}

/** Each trainer on all rows, and its answers for each row from a fit that did not see it. */
function crossFit<Model>(
  { bases, folds, rowCount, width }: CrossFit,
  { signal }: FitContext,
  fit: (base: BaseTrainer, part: PartContext) => { model: Model; answer: (rows: FeatureMatrix) => Float64Array },
  x: FeatureMatrix,
): { models: Model[]; answers: Float64Array[] } {
  if (bases.length === 0) throw numErrors.NUM_TOO_FEW('There is no trainer to stack.');
  const parts = bases.length * (folds.length + 1);
  let part = 0;
  const answers: Float64Array[] = [];
  const models = bases.map((base, b) => {
    const own = new Float64Array(rowCount * width);
    folds.forEach(({ train, test }, fold) => {
      throwIfStopped(signal);
      const { answer } = fit(base, { label: `stacking ${b}.${fold}`, part: part++, parts, rows: train });
      const told = answer(selectMatrixRows(x, test));
      for (let i = 0; i < test.length; i++) own.set(told.subarray(i * width, (i + 1) * width), test[i] * width);
    });
    answers.push(own);
    throwIfStopped(signal);
    return fit(base, { label: `stacking ${b}`, part: part++, parts }).model;
  });
  return { models, answers };
}

/** The answers, rounded to Float32 as the graph has them, then the features when they pass through. */
function stack(
  x: FeatureMatrix,
  answers: readonly Float64Array[],
  { width, skipped, passthrough }: Layout,
): FeatureMatrix {
  const n = x.rowCount;
  const own = width - skipped;
  const featureCount = answers.length * own + (passthrough ? x.featureCount : 0);
  const values = new Float32Array(n * featureCount);
  answers.forEach((answer, m) => {
    for (let k = 0; k < own; k++) {
      for (let i = 0; i < n; i++) values[(m * own + k) * n + i] = answer[i * width + skipped + k];
    }
  });
  if (passthrough) values.set(x.values, answers.length * own * n);
  return { values, rowCount: n, featureCount, featureNames: Array.from({ length: featureCount }, (_, f) => `s${f}`) };
}

function writeStack(
  graph: OnnxGraph,
  models: readonly { writeOnnx(graph: OnnxGraph, features: string): string }[],
  { features, layout }: { features: string; layout: Layout },
): string {
  const { width, skipped, passthrough } = layout;
  const parts = models.map((model) => {
    const answer = model.writeOnnx(graph, features);
    if (skipped === 0) return answer;
    const bounds = [skipped, width, 1].map((value) => graph.constant(BigInt64Array.of(BigInt(value)), [1]));
    return graph.node({ op: 'Slice', inputs: [answer, ...bounds] });
  });
  if (passthrough) parts.push(features);
  return graph.node({ op: 'Concat', inputs: parts, attributes: { axis: { int: 1 } } });
}
