import { baseTrainers, estimatorParam, estimatorParamsParam, type FindTrainer } from '../ensembles/base-trainers.js';
import { withClassWeight } from '../ensembles/ensemble-definitions.js';
import { choiceParam, classWeightParam, givenParams, integerParam, numberParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { fitSelfTraining, type SelfTrainingOptions } from './self-training.js';

/** Takes class code −1 for rows without a class; a trainer that is named in `estimator` learns from the others. */
export function createSelfTraining(find: FindTrainer): TrainerDefinition {
  return {
    name: 'self-training',
    summary: 'Learns from rows without a class too, by believing its surest guesses',
    params: {
      estimator: estimatorParam('logistic-regression', find),
      estimatorParams: estimatorParamsParam(find),
      criterion: choiceParam('threshold', ['threshold', 'k_best']),
      threshold: numberParam(0.75, { min: 0, max: 1 }),
      kBest: integerParam(10, 1),
      maxIter: integerParam(10, 0),
      classWeight: classWeightParam,
    },
    searchSpace: { threshold: { kind: 'float', low: 0.6, high: 0.99 } },
    needs: { scale: true, missing: 'impute', categories: 'one-hot' },
    complexity: 7,
    takesUnlabelled: true,
    classify: (x, y, params, context) => {
      const estimators = (params.estimator as string) ?? 'logistic-regression';
      const text = { estimators, params: (params.estimatorParams as string | null) ?? null };
      const [base] = baseTrainers(find, text, 'classify');
      const given = givenParams<Omit<SelfTrainingOptions, 'base'>>(params);
      return fitSelfTraining(x, y, { ...given, base }, withClassWeight(context, params));
    },
  };
}
