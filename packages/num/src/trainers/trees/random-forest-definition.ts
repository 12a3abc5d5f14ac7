import { booleanParam, choiceParam, classWeightParam, eitherParam, givenParams, integerParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitRandomForest, type RandomForestOptions } from './random-forest.js';

export const randomForest: TrainerDefinition = {
  name: 'random-forest',
  summary: 'Mean of many trees, each grown on a resample of the rows',
  params: {
    nEstimators: integerParam(100, 1, 5_000),
    maxDepth: integerParam(null, 1),
    minSamplesSplit: integerParam(2, 2),
    minSamplesLeaf: integerParam(1, 1),
    maxFeatures: eitherParam(choiceParam('sqrt', ['sqrt', 'log2', 'all']), integerParam(1, 1)),
    bootstrap: booleanParam(true),
    maxBins: integerParam(255, 2, 255),
    classWeight: classWeightParam,
  },
  searchSpace: {
    maxDepth: { kind: 'int', low: 3, high: 20 },
    minSamplesLeaf: { kind: 'int', low: 1, high: 50, log: true },
  },
  needs: { scale: false, missing: 'impute', categories: 'one-hot' },
  complexity: 5,
  classify: (x, y, params, context) =>
    fitRandomForest(x, y, { ...context, ...givenParams<Omit<RandomForestOptions, 'seed'>>(params) }),
};
