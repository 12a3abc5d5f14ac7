import { givenParams } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { FOREST_PARAMS } from './forest-params.js';
import {
  fitRandomForest,
  fitRandomForestRegressor,
  type RandomForestOptions,
  type RandomForestRegressorOptions,
} from './random-forest.js';

export const randomForest: TrainerDefinition = {
  name: 'random-forest',
  summary: 'Mean of many trees, each grown on a resample of the rows',
  params: FOREST_PARAMS,
  searchSpace: {
    maxDepth: { kind: 'int', low: 3, high: 20 },
    minSamplesLeaf: { kind: 'int', low: 1, high: 50, log: true },
  },
  needs: { scale: false, missing: 'accept', categories: 'one-hot' },
  complexity: 5,
  classify: (x, y, params, context) =>
    fitRandomForest(x, y, { ...context, ...givenParams<Omit<RandomForestOptions, 'seed'>>(params) }),
  regress: (x, y, params, context) =>
    fitRandomForestRegressor(x, y, { ...context, ...givenParams<Omit<RandomForestRegressorOptions, 'seed'>>(params) }),
};
