import { booleanParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { type ElasticNetOptions, fitElasticNet } from './elastic-net.js';

export const elasticNet: TrainerDefinition = {
  name: 'elastic-net',
  summary: 'Least squares with L1 and L2 penalties',
  params: {
    alpha: numberParam(1, { min: 0, max: 1e12 }),
    l1Ratio: numberParam(0.5, { min: 0, max: 1 }),
    maxIter: integerParam(1000, 1, 1_000_000),
    tol: numberParam(1e-4, { min: 0, max: 1 }),
    fitIntercept: booleanParam(true),
  },
  searchSpace: {
    alpha: { kind: 'float', low: 1e-4, high: 1e2, log: true },
    l1Ratio: { kind: 'float', low: 0, high: 1 },
  },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  regress: (x, y, params, context) => fitElasticNet(x, y, { ...context, ...givenParams<ElasticNetOptions>(params) }),
};
