import { booleanParam, givenParams } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { FOREST_PARAMS } from './forest-params.js';
import {
  fitExtraTrees,
  fitExtraTreesRegressor,
  type RandomForestOptions,
  type RandomForestRegressorOptions,
} from './random-forest.js';

export const extraTrees: TrainerDefinition = {
  name: 'extra-trees',
  summary: 'Mean of many trees with random thresholds, each grown on all rows',
  params: { ...FOREST_PARAMS, bootstrap: booleanParam(false) },
  searchSpace: {
    maxDepth: { kind: 'int', low: 3, high: 24 },
    minSamplesLeaf: { kind: 'int', low: 1, high: 50, log: true },
  },
  needs: { scale: false, missing: 'accept', categories: 'one-hot' },
  complexity: 5,
  classify: (x, y, params, context) =>
    fitExtraTrees(x, y, { ...context, ...givenParams<Omit<RandomForestOptions, 'seed'>>(params) }),
  regress: (x, y, params, context) =>
    fitExtraTreesRegressor(x, y, { ...context, ...givenParams<Omit<RandomForestRegressorOptions, 'seed'>>(params) }),
};
