import {
  booleanParam,
  choiceParam,
  classWeightParam,
  eitherParam,
  givenParams,
  integerParam,
  numberParam,
} from '../param-rules.js';
import type { ParamRule, Params } from '../param-types.js';
import type { FitContext, TrainerDefinition } from '../trainer-definition.js';
import type { BoostingOptions } from './boosting-options.js';
import {
  type BoostingRegressorOptions,
  fitGradientBoostingClassifier,
  fitGradientBoostingRegressor,
} from './gradient-boosting.js';

const share = (fallback: number) => numberParam(fallback, { above: 0, max: 1 });

/** Constraints are JSON in a text, because a parameter is one value. */
function jsonParam(expected: string, fits: (value: unknown) => boolean): ParamRule {
  return {
    fallback: null,
    expected: `${expected}, or null`,
    accepts: (value) => value === null || (typeof value === 'string' && fits(parsed(value))),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isSign = (value: unknown) => value === -1 || value === 0 || value === 1;
const isFeature = (value: unknown) => typeof value === 'string' || Number.isInteger(value);

export const gradientBoosting: TrainerDefinition = {
  name: 'gradient-boosting',
  summary: 'Sum of many small trees, each grown on what the ones before it left over',
  params: {
    loss: choiceParam('squared_error', ['squared_error', 'absolute_error', 'quantile', 'poisson', 'log_loss']),
    quantile: numberParam(null, { above: 0, max: 1 - Number.EPSILON }),
    learningRate: numberParam(0.1, { above: 0 }),
    maxIter: integerParam(100, 1, 100_000),
    maxLeafNodes: eitherParam(integerParam(31, 2), choiceParam(null, [null])),
    maxDepth: integerParam(null, 1),
    minSamplesLeaf: integerParam(20, 1),
    l2Regularization: numberParam(0, { min: 0 }),
    maxFeatures: share(1),
    colsample: share(1),
    subsample: share(1),
    maxBins: integerParam(255, 2, 255),
    monotonicCst: jsonParam(
      'a JSON text of −1, 0 or 1 by feature, for example {"distance":1}',
      (value) => typeof value === 'object' && value !== null && Object.values(value).every(isSign),
    ),
    interactionCst: jsonParam(
      'a JSON text of groups of features, for example [["hour","month"],["distance"]]',
      (value) => Array.isArray(value) && value.every((group) => Array.isArray(group) && group.every(isFeature)),
    ),
    earlyStopping: eitherParam(choiceParam('auto', ['auto']), booleanParam(true)),
    validationFraction: numberParam(0.1, { above: 0, max: 1 - Number.EPSILON }),
    nIterNoChange: integerParam(10, 1),
    tol: numberParam(1e-7, { min: 0 }),
    classWeight: classWeightParam,
  },
  searchSpace: {
    learningRate: { kind: 'float', low: 0.01, high: 0.3, log: true },
    maxIter: { kind: 'int', low: 50, high: 500, log: true },
    maxLeafNodes: { kind: 'int', low: 7, high: 127, log: true },
    minSamplesLeaf: { kind: 'int', low: 5, high: 100, log: true },
    l2Regularization: { kind: 'float', low: 1e-6, high: 10, log: true },
  },
  needs: { scale: false, missing: 'accept', categories: 'codes' },
  complexity: 6,
  classify: (x, y, params, context) => fitGradientBoostingClassifier(x, y, optionsOf(params, context)),
  regress: (x, y, params, context) => {
    const { loss, ...rest } = optionsOf(params, context);
    // 'log_loss' is what classification does anyway; numbers have the default.
    return fitGradientBoostingRegressor(x, y, loss === undefined || loss === 'log_loss' ? rest : { ...rest, loss });
  },
};

type AnyLoss = BoostingRegressorOptions['loss'] | 'log_loss';

function optionsOf<Context extends FitContext>(params: Params, context: Context) {
  const { monotonicCst, interactionCst, maxLeafNodes, ...plain } = params;
  const given = givenParams<Omit<BoostingRegressorOptions, 'loss'> & { loss?: AnyLoss }>(plain);
  return {
    ...context,
    ...given,
    ...(maxLeafNodes !== undefined && { maxLeafNodes: maxLeafNodes as number | null }),
    monotonicCst: constraint<BoostingOptions['monotonicCst']>(monotonicCst),
    interactionCst: constraint<BoostingOptions['interactionCst']>(interactionCst),
  };
}

function constraint<Shape>(text: Params[string] | undefined): Shape | undefined {
  return typeof text === 'string' ? (JSON.parse(text) as Shape) : undefined;
}
