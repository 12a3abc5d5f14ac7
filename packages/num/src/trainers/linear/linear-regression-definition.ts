import { booleanParam, givenParams, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitLinearRegression, type LinearRegressionOptions } from './linear-regression.js';

export const linearRegression: TrainerDefinition = {
  name: 'linear-regression',
  summary: 'Least squares, the line of smallest squared error',
  params: {
    tol: numberParam(null, { min: 0, max: 1 }),
    fitIntercept: booleanParam(true),
  },
  searchSpace: {},
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 0,
  regress: (x, y, params, context) =>
    fitLinearRegression(x, y, { ...context, ...givenParams<LinearRegressionOptions>(params) }),
};
