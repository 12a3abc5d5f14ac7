import { choiceParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitKMeans, type KMeansOptions } from './k-means.js';

export const kMeans: TrainerDefinition = {
  name: 'k-means',
  summary: 'Clusters around means, each row to the nearest',
  params: {
    nClusters: integerParam(8, 1, 10_000),
    init: choiceParam('k-means++', ['k-means++', 'random']),
    nInit: integerParam(null, 1, 1000),
    maxIter: integerParam(300, 1, 100_000),
    tol: numberParam(1e-4, { min: 0, max: 1 }),
  },
  searchSpace: { nClusters: { kind: 'int', low: 2, high: 20 } },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 2,
  discover: (x, params, context) => fitKMeans(x, { ...context, ...givenParams<KMeansOptions>(params) }),
};
