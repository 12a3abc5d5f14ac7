import type { Table } from '@fairlead/frame';
import {
  type FittedClassifierBase,
  type FittedPreprocessor,
  findTrainer,
  fitPreprocessor,
  inferPreprocessSpec,
  type StopSignal,
} from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';

export interface FittedCandidate {
  readonly preprocessor: FittedPreprocessor;
  readonly model: FittedClassifierBase;
}

export interface FitTask {
  readonly table: Table;
  readonly codes: Int32Array;
  readonly classCount: number;
  readonly features: readonly string[];
  readonly candidate: Candidate;
  readonly seed: number;
  readonly stop: StopSignal;
}

/**
 * Fits preprocessing and trainer on these rows and no others. A trainer that does not need scaling gets raw numbers: the
 * thresholds of its trees then are values that a caller can send.
 */
export function fitCandidate({ table, codes, classCount, features, candidate, seed, stop }: FitTask): FittedCandidate {
  const trainer = findTrainer(candidate.trainer);
  if (!trainer?.classify) throw new Error(`the trainer ${candidate.trainer} was not checked`);
  const { spec } = inferPreprocessSpec(table, features, trainer.needs);
  const target = { kind: 'classes', codes, classCount } as const;
  const { preprocessor, training } = fitPreprocessor(table, spec, { target, seed });
  const { categoryCounts } = preprocessor;
  const context = { classCount, seed, signal: stop, categoryCounts };
  const model = trainer.classify(training, codes, candidate.params, context);
  return { preprocessor, model };
}

/** Row-major probabilities of the rows of a table. */
export function predictWith({ preprocessor, model }: FittedCandidate, table: Table): Float64Array {
  return model.predictProbabilities(preprocessor.transform(table));
}
