import { classWeightParam, givenParams, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitGaussianNaiveBayes, type GaussianNaiveBayesOptions } from './gaussian-naive-bayes.js';

export const gaussianNaiveBayes: TrainerDefinition = {
  name: 'gaussian-naive-bayes',
  summary: 'One normal distribution per class and feature, features taken as independent',
  params: { varSmoothing: numberParam(1e-9, { min: 0, max: 1e6 }), classWeight: classWeightParam },
  searchSpace: { varSmoothing: { kind: 'float', low: 1e-12, high: 1, log: true } },
  needs: { scale: false, missing: 'impute', categories: 'one-hot' },
  complexity: 1,
  classify: (x, y, params, context) =>
    fitGaussianNaiveBayes(x, y, { ...context, ...givenParams<GaussianNaiveBayesOptions>(params) }),
};
