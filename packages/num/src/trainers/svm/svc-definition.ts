import { booleanParam, classWeightParam, givenParams } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitSvc, type SvcOptions } from './svc.js';
import { svmParams } from './svm-params.js';

export const svc: TrainerDefinition = {
  name: 'svc',
  summary: 'Widest margin between classes, through a kernel',
  params: { ...svmParams, probability: booleanParam(true), classWeight: classWeightParam },
  searchSpace: {
    kernel: { kind: 'categorical', choices: ['linear', 'rbf'] },
    c: { kind: 'float', low: 0.01, high: 100, log: true },
    gamma: { kind: 'float', low: 1e-4, high: 1, log: true, when: { param: 'kernel', in: ['rbf'] } },
  },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 4,
  classify: (x, y, params, context) => fitSvc(x, y, { ...context, ...givenParams<SvcOptions>(params) }),
};
