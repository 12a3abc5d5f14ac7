import { booleanParam, choiceParam, eitherParam, integerParam, numberParam } from '../param-rules.js';

/** Parameters that svc and svr share. */
export const svmParams = {
  c: numberParam(1, { above: 0, max: 1e9 }),
  kernel: choiceParam('rbf', ['linear', 'rbf', 'poly', 'sigmoid']),
  gamma: eitherParam(choiceParam('scale', ['scale', 'auto']), numberParam(1, { min: 0, max: 1e9 })),
  coef0: numberParam(0, { min: -1e9, max: 1e9 }),
  degree: integerParam(3, 0, 100),
  tol: numberParam(1e-3, { min: 1e-12, max: 1e3 }),
  shrinking: booleanParam(true),
  cacheSizeMb: numberParam(200, { min: 0, max: 1e6 }),
  maxIter: integerParam(-1, -1),
};
