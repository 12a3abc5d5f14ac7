import type { Table } from '@fairlead/frame';
import {
  type FeatureMatrix,
  type FitHooks,
  type FittedModel,
  type FittedPreprocessor,
  findTrainer,
  fitPreprocessor,
  inferPreprocessSpec,
  type PreprocessDecision,
  type PreprocessTarget,
  type TrainerDefinition,
} from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';
import type { ProblemTarget } from './engine/engine-types.js';

export interface FittedCandidate {
  readonly preprocessor: FittedPreprocessor;
  readonly model: FittedModel;
}

/** Learned preprocessing and the features of the rows that it was learned from. */
export interface PreparedRows {
  readonly preprocessor: FittedPreprocessor;
  /** Of the training rows; target encodings in it are out of fold. */
  readonly x: FeatureMatrix;
  /** How columns are treated and why, for people. */
  readonly decisions: readonly PreprocessDecision[];
}

/** The trainer of a candidate that was checked before. */
export function trainerOf({ trainer: name }: Candidate): TrainerDefinition {
  const trainer = findTrainer(name);
  if (trainer === undefined) throw new Error(`the trainer ${name} was not checked`);
  return trainer;
}

/** Two trainers with equal keys get equal features from equal rows. */
export function preparationKey({ needs }: TrainerDefinition): string {
  return `${needs.scale} ${needs.missing} ${needs.categories}`;
}

export interface PrepareTask {
  readonly features: readonly string[];
  readonly needs: TrainerDefinition['needs'];
  readonly target: ProblemTarget;
  readonly seed: number;
}

/**
 * Learns preprocessing from these rows and no others. A trainer that does not need scaling gets raw numbers: the
 * thresholds of its trees then are values that a caller can send.
 */
export function prepareRows(table: Table, { features, needs, target, seed }: PrepareTask): PreparedRows {
  const inferred = inferPreprocessSpec(table, features, needs);
  const learnedFrom = preprocessTarget(target);
  const { preprocessor, training } = fitPreprocessor(table, inferred.spec, {
    seed,
    ...(learnedFrom && { target: learnedFrom }),
  });
  return { preprocessor, x: training, decisions: [...inferred.decisions, ...preprocessor.decisions] };
}

function preprocessTarget(target: ProblemTarget): PreprocessTarget | undefined {
  if (target.kind === 'classes') return { kind: 'classes', codes: target.codes, classCount: target.labels.length };
  return target.kind === 'numbers' ? target : undefined;
}

export interface FitTask {
  readonly candidate: Candidate;
  readonly target: ProblemTarget;
  readonly seed: number;
  readonly hooks: FitHooks;
}

/** Fits a checked candidate on prepared rows. */
export function fitPrepared(
  { preprocessor, x }: PreparedRows,
  { candidate, target, seed, hooks }: FitTask,
): FittedCandidate {
  const trainer = trainerOf(candidate);
  const context = { seed, ...hooks, categoryCounts: preprocessor.categoryCounts };
  if (target.kind === 'classes' && trainer.classify) {
    const { codes, labels } = target;
    return {
      preprocessor,
      model: trainer.classify(x, codes, candidate.params, { ...context, classCount: labels.length }),
    };
  }
  if (target.kind === 'numbers' && trainer.regress) {
    return { preprocessor, model: trainer.regress(x, target.values, candidate.params, context) };
  }
  if (target.kind === 'none' && trainer.discover) {
    return { preprocessor, model: trainer.discover(x, candidate.params, context) };
  }
  throw new Error(`the trainer ${trainer.name} was not checked against the task`);
}

/** The model's answers, row-major: probabilities, values, distances or scores. */
export function answersOf(model: FittedModel, x: FeatureMatrix): { values: Float64Array; width: number } {
  switch (model.task) {
    case 'classification':
      return { values: model.predictProbabilities(x), width: model.classCount };
    case 'regression':
      return { values: model.predict(x), width: 1 };
    case 'clustering':
      return { values: model.predictDistances(x), width: model.clusterCount };
    case 'anomaly':
      return { values: model.predictScores(x), width: 1 };
  }
}
