import { booleanParam, choiceParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitLinearSvr, type LinearSvrOptions } from './linear-svr.js';

export const linearSvr: TrainerDefinition = {
  name: 'linear-svr',
  summary: 'Flattest straight line within a tube around the target, for many rows',
  params: {
    c: numberParam(1, { above: 0, max: 1e9 }),
    epsilon: numberParam(0, { min: 0, max: 1e12 }),
    loss: choiceParam('epsilon_insensitive', ['epsilon_insensitive', 'squared_epsilon_insensitive']),
    fitIntercept: booleanParam(true),
    interceptScaling: numberParam(1, { above: 0, max: 1e9 }),
    tol: numberParam(1e-4, { min: 0, max: 1 }),
    maxIter: integerParam(1000, 1, 10_000_000),
  },
  searchSpace: {
    c: { kind: 'float', low: 1e-3, high: 1e3, log: true },
    epsilon: { kind: 'float', low: 1e-3, high: 1, log: true },
  },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  regress: (x, y, params, context) => fitLinearSvr(x, y, { ...context, ...givenParams<LinearSvrOptions>(params) }),
};
