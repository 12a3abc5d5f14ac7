import { booleanParam, classWeightParam, integerParam } from '../param-rules.js';
import type { ParamRule, Params } from '../param-types.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { baseTrainers, estimatorParamsParam, estimatorsParam, type FindTrainer } from './base-trainers.js';
import { fitStackingClassifier, fitStackingRegressor, type StackingOptions } from './stacking.js';
import { fitVotingClassifier, fitVotingRegressor } from './voting.js';

const needs = { scale: true, missing: 'impute', categories: 'one-hot' } as const;

function textOf(params: Params, fallback: string) {
  return {
    estimators: (params.estimators as string) ?? fallback,
    params: (params.estimatorParams as string | null) ?? null,
  };
}

const weightsParam: ParamRule = {
  fallback: null,
  expected: 'numbers, as in [2, 1], or null',
  textOf: (written) =>
    Array.isArray(written) && written.every((weight) => typeof weight === 'number') ? written.join(',') : undefined,
  accepts: (value) => value === null || (typeof value === 'string' && weightsOf(value).every(Number.isFinite)),
};

function weightsOf(text: string): number[] {
  return text.split(',').map((weight) => (weight.trim() === '' ? Number.NaN : Number(weight)));
}

const withWeights = ({ weights }: Params) => (typeof weights === 'string' ? { weights: weightsOf(weights) } : {});

const CLASSIFIERS = 'logistic-regression,random-forest';
const REGRESSORS = 'ridge,svr';

/** `find` looks a base trainer up; it may find ensembles too. */
export function createVoting(find: FindTrainer): TrainerDefinition {
  return {
    name: 'voting',
    summary: 'Mean of the answers of several trainers',
    params: {
      estimators: estimatorsParam(CLASSIFIERS, find),
      estimatorParams: estimatorParamsParam(find),
      weights: weightsParam,
      classWeight: classWeightParam,
    },
    searchSpace: {},
    needs,
    complexity: 8,
    classify: (x, y, params, context) => {
      const bases = baseTrainers(find, textOf(params, CLASSIFIERS), 'classify');
      return fitVotingClassifier(x, y, { bases, ...withWeights(params) }, withClassWeight(context, params));
    },
    regress: (x, y, params, context) => {
      const bases = baseTrainers(find, textOf(params, REGRESSORS), 'regress');
      return fitVotingRegressor(x, y, { bases, ...withWeights(params) }, context);
    },
  };
}

export function createStacking(find: FindTrainer): TrainerDefinition {
  const optionsOf = (params: Params, task: 'classify' | 'regress'): StackingOptions => ({
    bases: baseTrainers(find, textOf(params, task === 'classify' ? CLASSIFIERS : REGRESSORS), task),
    cv: (params.cv as number) ?? 5,
    passthrough: (params.passthrough as boolean) ?? false,
  });
  return {
    name: 'stacking',
    summary: 'A linear model over the answers of several trainers',
    params: {
      estimators: estimatorsParam(CLASSIFIERS, find),
      estimatorParams: estimatorParamsParam(find),
      cv: integerParam(5, 2, 100),
      passthrough: booleanParam(false),
      classWeight: classWeightParam,
    },
    searchSpace: {},
    needs,
    complexity: 9,
    classify: (x, y, params, context) =>
      fitStackingClassifier(x, y, optionsOf(params, 'classify'), withClassWeight(context, params)),
    regress: (x, y, params, context) => fitStackingRegressor(x, y, optionsOf(params, 'regress'), context),
  };
}

/** The parameter counts over the context, as in every trainer. */
export function withClassWeight<C extends object>(context: C, { classWeight }: Params): C {
  return typeof classWeight === 'string' ? { ...context, classWeight } : context;
}
