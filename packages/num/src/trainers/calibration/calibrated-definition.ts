import { baseTrainers, estimatorParam, estimatorParamsParam, type FindTrainer } from '../ensembles/base-trainers.js';
import { withClassWeight } from '../ensembles/ensemble-definitions.js';
import { booleanParam, choiceParam, classWeightParam, givenParams, integerParam } from '../param-rules.js';
import type { TrainerDefinition } from '../trainer-definition.js';
import { type CalibrationFitOptions, fitCalibrated } from './calibrated.js';

/** Calibrates the trainer that is named in `estimator`. */
export function createCalibrated(find: FindTrainer): TrainerDefinition {
  return {
    name: 'calibrated',
    summary: 'Another trainer with its probabilities set right by cross-validation',
    params: {
      estimator: estimatorParam('random-forest', find),
      estimatorParams: estimatorParamsParam(find),
      method: choiceParam('sigmoid', ['sigmoid', 'isotonic']),
      cv: integerParam(5, 2, 100),
      ensemble: booleanParam(true),
      classWeight: classWeightParam,
    },
    searchSpace: { method: { kind: 'categorical', choices: ['sigmoid', 'isotonic'] } },
    needs: { scale: true, missing: 'impute', categories: 'one-hot' },
    complexity: 7,
    classify: (x, y, params, context) => {
      const estimators = (params.estimator as string) ?? 'random-forest';
      const text = { estimators, params: (params.estimatorParams as string | null) ?? null };
      const [base] = baseTrainers(find, text, 'classify');
      const given = givenParams<Omit<CalibrationFitOptions, 'base'>>(params);
      return fitCalibrated(x, y, { ...given, base }, withClassWeight(context, params));
    },
  };
}
