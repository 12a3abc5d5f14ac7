import type { Table } from '@fairlead/frame';
import {
  type FittedClassifier,
  type FittedPreprocessor,
  fitLogisticRegression,
  fitPreprocessor,
  fitRandomForest,
  inferPreprocessSpec,
  type LogisticRegressionOptions,
  type RandomForestOptions,
  type StopSignal,
} from '@fairlead/num';
import type { Candidate } from './candidate-rules.js';

export interface FittedCandidate {
  readonly preprocessor: FittedPreprocessor;
  readonly model: FittedClassifier;
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
 * Fits preprocessing and trainer on these rows and no others. A forest gets unscaled numbers: it does not need scaling,
 * and its thresholds then are values that a caller can send.
 */
export function fitCandidate({ table, codes, classCount, features, candidate, seed, stop }: FitTask): FittedCandidate {
  const { trainer } = candidate;
  const params = Object.fromEntries(Object.entries(candidate.params).filter(([, value]) => value !== null));
  const spec = inferPreprocessSpec(table, features).map((column) =>
    trainer === 'random-forest' && column.kind === 'numeric' ? { ...column, scale: false } : column,
  );
  const preprocessor = fitPreprocessor(table, spec);
  const x = preprocessor.transform(table);
  const common = { ...params, classCount, signal: stop };
  const model =
    trainer === 'random-forest'
      ? fitRandomForest(x, codes, { ...(common as Omit<RandomForestOptions, 'seed'>), seed })
      : fitLogisticRegression(x, codes, common as LogisticRegressionOptions);
  return { preprocessor, model };
}

/** Row-major probabilities of the rows of a table. */
export function predictWith({ preprocessor, model }: FittedCandidate, table: Table): Float64Array {
  return model.predictProbabilities(preprocessor.transform(table));
}
