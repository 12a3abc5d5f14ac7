import { booleanParam, givenParams, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitRidge, type RidgeOptions } from './linear-regression.js';

export const ridge: TrainerDefinition = {
  name: 'ridge',
  summary: 'Least squares with an L2 penalty',
  params: {
    alpha: numberParam(1, { min: 0, max: 1e12 }),
    fitIntercept: booleanParam(true),
  },
  searchSpace: { alpha: { kind: 'float', low: 1e-4, high: 1e4, log: true } },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  regress: (x, y, params, context) => fitRidge(x, y, { ...context, ...givenParams<RidgeOptions>(params) }),
};
