import { givenParams, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { svmParams } from './svm-params.js';
import { fitSvr, type SvrOptions } from './svr.js';

export const svr: TrainerDefinition = {
  name: 'svr',
  summary: 'Flattest function within a tube around the target, through a kernel',
  params: { ...svmParams, epsilon: numberParam(0.1, { min: 0, max: 1e12 }) },
  searchSpace: {
    c: { kind: 'float', low: 0.01, high: 100, log: true },
    epsilon: { kind: 'float', low: 1e-3, high: 1, log: true },
    gamma: { kind: 'float', low: 1e-4, high: 1, log: true },
  },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 4,
  regress: (x, y, params, context) => fitSvr(x, y, { ...context, ...givenParams<SvrOptions>(params) }),
};
