import { booleanParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitLasso, type LassoOptions } from './elastic-net.js';

export const lasso: TrainerDefinition = {
  name: 'lasso',
  summary: 'Least squares with an L1 penalty, which leaves features out',
  params: {
    alpha: numberParam(1, { min: 0, max: 1e12 }),
    maxIter: integerParam(1000, 1, 1_000_000),
    tol: numberParam(1e-4, { min: 0, max: 1 }),
    fitIntercept: booleanParam(true),
  },
  searchSpace: { alpha: { kind: 'float', low: 1e-4, high: 1e2, log: true } },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  regress: (x, y, params, context) => fitLasso(x, y, { ...context, ...givenParams<LassoOptions>(params) }),
};
