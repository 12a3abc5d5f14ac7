import { booleanParam, choiceParam, classWeightParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitLogisticRegression, type LogisticRegressionOptions } from './logistic-regression.js';

export const logisticRegression: TrainerDefinition = {
  name: 'logistic-regression',
  summary: 'Linear log-odds with an L2 or L1 penalty',
  params: {
    c: numberParam(1, { above: 0, max: 1e9 }),
    l1Ratio: numberParam(0, { min: 0, max: 1 }),
    penalty: choiceParam(null, ['l2', 'l1', 'elasticnet', 'none', null]),
    fitIntercept: booleanParam(true),
    maxIter: integerParam(null, 1, 100_000),
    classWeight: classWeightParam,
  },
  searchSpace: { c: { kind: 'float', low: 1e-3, high: 1e3, log: true } },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  classify: (x, y, params, context) =>
    fitLogisticRegression(x, y, { ...context, ...givenParams<LogisticRegressionOptions>(params) }),
};
