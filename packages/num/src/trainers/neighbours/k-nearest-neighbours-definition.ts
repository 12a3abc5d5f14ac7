import { choiceParam, classWeightParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitNeighbourClassifier, fitNeighbourRegressor, type NeighbourOptions } from './k-nearest-neighbours.js';

export const kNearestNeighbours: TrainerDefinition = {
  name: 'k-nearest-neighbours',
  summary: 'Votes, or the mean, of the nearest training rows',
  params: {
    nNeighbors: integerParam(5, 1, 10_000),
    weights: choiceParam('uniform', ['uniform', 'distance']),
    metric: choiceParam('minkowski', ['minkowski', 'euclidean', 'manhattan']),
    p: numberParam(2, { min: 1, max: 100 }),
    classWeight: classWeightParam,
  },
  searchSpace: {
    nNeighbors: { kind: 'int', low: 1, high: 50, log: true },
    weights: { kind: 'categorical', choices: ['uniform', 'distance'] },
  },
  needs: { scale: true, missing: 'impute', categories: 'one-hot' },
  complexity: 4,
  classify: (x, y, params, context) =>
    fitNeighbourClassifier(x, y, { ...context, ...givenParams<NeighbourOptions>(params) }),
  regress: (x, y, params, context) =>
    fitNeighbourRegressor(x, y, { ...context, ...givenParams<NeighbourOptions>(params) }),
};
