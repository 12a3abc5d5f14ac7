import { booleanParam, choiceParam, classWeightParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitLinearSvc, type LinearSvcOptions } from './linear-svc.js';

export const linearSvc: TrainerDefinition = {
  name: 'linear-svc',
  summary: 'Widest margin between classes by a straight line, for many rows',
  params: {
    c: numberParam(1, { above: 0, max: 1e9 }),
    loss: choiceParam('squared_hinge', ['squared_hinge', 'hinge']),
    fitIntercept: booleanParam(true),
    interceptScaling: numberParam(1, { above: 0, max: 1e9 }),
    tol: numberParam(1e-4, { min: 1e-12, max: 1e3 }),
    maxIter: integerParam(1000, 1, 10_000_000),
    probability: booleanParam(true),
    classWeight: classWeightParam,
  },
  searchSpace: { c: { kind: 'float', low: 1e-3, high: 1e3, log: true } },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  classify: (x, y, params, context) => fitLinearSvc(x, y, { ...context, ...givenParams<LinearSvcOptions>(params) }),
};
