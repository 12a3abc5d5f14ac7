import {
  booleanParam,
  choiceParam,
  classWeightParam,
  eitherParam,
  givenParams,
  integerParam,
  numberParam,
} from '../param-rules.js';
import type { ParamRule } from '../param-types.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitPerceptronClassifier, fitPerceptronRegressor, type PerceptronOptions } from './multi-layer-perceptron.js';

/** Plain JSON has no tuples among the parameters: "64,32" is two layers. */
const layers: ParamRule = {
  fallback: '100',
  expected: 'numbers of units separated by commas, like "64,32" or [64, 32]',
  textOf: (written) =>
    Array.isArray(written) && written.every((units) => typeof units === 'number') ? written.join(',') : undefined,
  accepts: (value) => typeof value === 'string' && /^[1-9]\d{0,3}(,[1-9]\d{0,3}){0,9}$/.test(value),
};

export const multiLayerPerceptron: TrainerDefinition = {
  name: 'multi-layer-perceptron',
  summary: 'A fully connected network trained by Adam',
  params: {
    hiddenLayerSizes: layers,
    activation: choiceParam('relu', ['relu', 'tanh', 'logistic', 'identity']),
    solver: choiceParam('adam', ['adam', 'sgd']),
    alpha: numberParam(1e-4, { min: 0, max: 1e6 }),
    batchSize: eitherParam(choiceParam('auto', ['auto']), integerParam(200, 1)),
    learningRateInit: numberParam(0.001, { above: 0, max: 10 }),
    momentum: numberParam(0.9, { min: 0, max: 1 }),
    maxIter: integerParam(200, 1, 100_000),
    tol: numberParam(1e-4, { min: 0, max: 1 }),
    nIterNoChange: integerParam(10, 1),
    earlyStopping: booleanParam(false),
    validationFraction: numberParam(0.1, { above: 0, max: 0.9 }),
    classWeight: classWeightParam,
  },
  searchSpace: {
    hiddenLayerSizes: { kind: 'categorical', choices: ['32', '100', '64,32'] },
    alpha: { kind: 'float', low: 1e-6, high: 1e-1, log: true },
    learningRateInit: { kind: 'float', low: 1e-4, high: 1e-2, log: true },
  },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 7,
  classify: (x, y, params, context) =>
    fitPerceptronClassifier(x, y, { ...context, ...givenParams<PerceptronOptions>(params) }),
  regress: (x, y, params, context) =>
    fitPerceptronRegressor(x, y, { ...context, ...givenParams<PerceptronOptions>(params) }),
};
