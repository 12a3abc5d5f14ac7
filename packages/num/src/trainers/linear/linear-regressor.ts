import { checkLength } from '../../checks.js';
import { type ColumnScale, columnScale } from '../../linalg/column-block.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeAffine } from '../../onnx/onnx-linear.js';
import { prepareRegression, type RegressionTargetOptions } from '../regression-targets.js';
import { type FitHooks, type FittedRegressorBase, throwIfStopped } from '../trainer-types.js';

export interface LinearOptions extends RegressionTargetOptions, FitHooks {
  /** Default true. */
  readonly fitIntercept?: boolean;
}

export interface FittedLinear extends FittedRegressorBase {
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/** A checked regression with its target centred as its columns will be. */
export interface CentredProblem {
  readonly x: FeatureMatrix;
  readonly y: Float64Array;
  readonly yMean: number;
  readonly weights: Float64Array | undefined;
  readonly scale: ColumnScale;
}

/** @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW, or the reason of `signal`. */
export function centreProblem(x: FeatureMatrix, y: Float64Array, options: LinearOptions): CentredProblem {
  checkMatrix('x', x);
  const weights = prepareRegression(y, x.rowCount, options);
  throwIfStopped(options.signal);
  const scale = columnScale(x, weights);
  if (options.fitIntercept === false) {
    return { x, y, yMean: 0, weights, scale: { ...scale, centre: new Float64Array(x.featureCount) } };
  }
  let total = 0;
  let sum = 0;
  for (let i = 0; i < y.length; i++) {
    const weight = weights ? weights[i] : 1;
    total += weight;
    sum += weight * y[i];
  }
  const yMean = sum / total;
  return { x, y: y.map((value) => value - yMean), yMean, weights, scale };
}

/** The frozen model y = x·coefficients + intercept, with what its fit wants to say beside that. */
export function linearRegressor<Kind extends string, Extra extends object>(
  kind: Kind,
  problem: CentredProblem,
  coefficients: Float64Array,
  extra: Extra,
): FittedLinear & { readonly kind: Kind } & Extra {
  let intercept = problem.yMean;
  for (let f = 0; f < coefficients.length; f++) intercept -= coefficients[f] * problem.scale.centre[f];
  return linearModel(kind, coefficients, intercept, extra);
}

/** The same when coefficients and intercept stand. */
export function linearModel<Kind extends string, Extra extends object>(
  kind: Kind,
  coefficients: Float64Array,
  intercept: number,
  extra: Extra,
): FittedLinear & { readonly kind: Kind } & Extra {
  return Object.freeze({
    kind,
    task: 'regression' as const,
    featureCount: coefficients.length,
    coefficients,
    intercept,
    ...extra,
    predict: (rows: FeatureMatrix) => predictLinear(rows, coefficients, intercept),
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeAffine(
        graph,
        { inputs: coefficients.length, outputs: 1, weights: coefficients, bias: Float64Array.of(intercept) },
        features,
      ),
  });
}

function predictLinear(x: FeatureMatrix, coefficients: Float64Array, intercept: number): Float64Array {
  checkLength('x.featureCount', x.featureCount, coefficients.length);
  checkMatrix('x', x);
  const n = x.rowCount;
  const out = new Float64Array(n);
  for (let f = 0; f < coefficients.length; f++) {
    const b = coefficients[f];
    for (let i = 0, a = f * n; i < n; i++) out[i] += b * x.values[a + i];
  }
  for (let i = 0; i < n; i++) out[i] += intercept;
  return out;
}
