import { givenParams, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import {
  type DecisionTreeOptions,
  type DecisionTreeRegressorOptions,
  fitDecisionTree,
  fitDecisionTreeRegressor,
} from './decision-tree.js';
import { TREE_PARAMS } from './forest-params.js';

export const decisionTree: TrainerDefinition = {
  name: 'decision-tree',
  summary: 'One tree of yes-or-no questions, which people can read',
  params: { ...TREE_PARAMS, ccpAlpha: numberParam(0, { min: 0 }) },
  searchSpace: {
    maxDepth: { kind: 'int', low: 2, high: 12 },
    minSamplesLeaf: { kind: 'int', low: 1, high: 100, log: true },
  },
  needs: { scale: false, missing: 'accept', categories: 'one-hot' },
  complexity: 2,
  classify: (x, y, params, context) =>
    fitDecisionTree(x, y, { ...context, ...givenParams<Omit<DecisionTreeOptions, 'seed'>>(params) }),
  regress: (x, y, params, context) =>
    fitDecisionTreeRegressor(x, y, { ...context, ...givenParams<Omit<DecisionTreeRegressorOptions, 'seed'>>(params) }),
};
