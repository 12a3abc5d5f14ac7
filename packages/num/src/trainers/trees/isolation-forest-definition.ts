import { booleanParam, choiceParam, eitherParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitIsolationForest, type IsolationForestOptions } from './isolation-forest.js';

export const isolationForest: TrainerDefinition = {
  name: 'isolation-forest',
  summary: 'Finds rows that a few random cuts set apart from all others',
  params: {
    nEstimators: integerParam(100, 1, 1_000),
    maxSamples: eitherParam(choiceParam('auto', ['auto']), numberParam(1, { above: 0 })),
    contamination: eitherParam(choiceParam('auto', ['auto']), numberParam(0.1, { above: 0, max: 0.5 })),
    maxFeatures: numberParam(1, { above: 0 }),
    bootstrap: booleanParam(false),
  },
  searchSpace: { maxSamples: { kind: 'int', low: 64, high: 1024, log: true } },
  needs: { scale: false, missing: 'impute', categories: 'one-hot' },
  complexity: 4,
  discover: (x, params, context) =>
    fitIsolationForest(x, { ...context, ...givenParams<Omit<IsolationForestOptions, 'seed'>>(params) }),
};
