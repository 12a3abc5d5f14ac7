import type { Table } from '@fairlead/frame';
import {
  type FeatureMatrix,
  type FeatureNeeds,
  type FitHooks,
  type FittedModel,
  type FittedPreprocessor,
  findTrainer,
  fitPreprocessor,
  inferPreprocessSpec,
  type PreprocessDecision,
  type PreprocessSpec,
  type PreprocessTarget,
  type TrainerDefinition,
  UNLABELLED,
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
function trainerOf({ trainer: name }: Candidate): TrainerDefinition {
  const trainer = findTrainer(name);
  if (trainer === undefined) throw new Error(`the trainer ${name} was not checked`);
  return trainer;
}

/** What the features of a candidate shall be: as its trainer needs them, but for what it says itself. */
export function needsOf(candidate: Candidate): FeatureNeeds {
  return { ...trainerOf(candidate).needs, ...candidate.needs };
}

/** Two candidates with equal keys get equal features from equal rows; of a given specification all do. */
export function preparationKey(needs: FeatureNeeds, given: PreprocessSpec | undefined): string {
  if (given !== undefined) return 'given';
  return `${needs.scale} ${needs.missing} ${needs.categories} ${needs.manyCategories} ${needs.times}`;
}

export interface PrepareTask {
  readonly features: readonly string[];
  readonly needs: FeatureNeeds;
  /** Taken as it stands; absent: what suits the columns and the needs. */
  readonly spec?: PreprocessSpec | undefined;
  readonly target: ProblemTarget;
  readonly seed: number;
}

/**
 * Learns preprocessing from these rows and no others. A trainer that does not need scaling gets raw numbers: the
 * thresholds of its trees then are values that a caller can send.
 */
export function prepareRows(table: Table, { features, needs, spec, target, seed }: PrepareTask): PreparedRows {
  const inferred =
    spec === undefined ? inferPreprocessSpec(table, features, needs) : { spec, decisions: asGiven(spec) };
  const learnedFrom = preprocessTarget(target);
  const { preprocessor, training } = fitPreprocessor(table, inferred.spec, {
    seed,
    ...(learnedFrom && { target: learnedFrom }),
  });
  return { preprocessor, x: training, decisions: [...inferred.decisions, ...preprocessor.decisions] };
}

function asGiven({ columns }: PreprocessSpec): PreprocessDecision[] {
  return columns.map(({ name, kind }) => ({ column: name, choice: kind, reason: 'the request says so' }));
}

function preprocessTarget(target: ProblemTarget): PreprocessTarget | undefined {
  // A row without a class cannot say how often a category goes with one.
  if (target.kind === 'classes' && target.codes.includes(UNLABELLED)) return undefined;
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
