import { booleanParam, choiceParam, classWeightParam, eitherParam, integerParam, numberParam } from '../param-rules.js';
import type { ParamRule } from '../param-types.js';

/** A share of the rows in (0, 1), or a count. */
function shareOrCount(fallback: number | null, least: number): ParamRule {
  const share: ParamRule = {
    fallback: null,
    expected: 'a share above 0 and below 1',
    accepts: (value) => typeof value === 'number' && value > 0 && value < 1,
  };
  return eitherParam(integerParam(fallback, least), share);
}

const maxFeatures = eitherParam(choiceParam(null, ['sqrt', 'log2', 'all', null]), shareOrCount(1, 1));

export const TREE_PARAMS: Readonly<Record<string, ParamRule>> = {
  criterion: choiceParam(null, ['gini', 'entropy', 'log_loss', 'squared_error', 'absolute_error', 'poisson', null]),
  maxDepth: integerParam(null, 1),
  minSamplesSplit: shareOrCount(2, 2),
  minSamplesLeaf: shareOrCount(1, 1),
  minWeightFractionLeaf: numberParam(0, { min: 0, max: 0.5 }),
  maxFeatures,
  maxLeafNodes: integerParam(null, 2),
  minImpurityDecrease: numberParam(0, { min: 0 }),
  maxBins: integerParam(255, 2, 255),
  classWeight: classWeightParam,
};

export const FOREST_PARAMS: Readonly<Record<string, ParamRule>> = {
  nEstimators: integerParam(100, 1, 5_000),
  ...TREE_PARAMS,
  bootstrap: booleanParam(true),
  maxSamples: eitherParam(integerParam(null, 1), numberParam(null, { above: 0, max: 1 })),
  oobScore: booleanParam(false),
};
