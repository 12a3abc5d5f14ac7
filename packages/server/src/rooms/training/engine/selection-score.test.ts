// Golden numbers: scikit-learn 1.9.1 (roc_auc_score, mean_pinball_loss, mean_poisson_deviance, silhouette_score).
import { TrainStepSchema } from '@fairlead/contracts';
import { describe, expect, it } from 'vitest';
import type { SelectionMetric } from '../training-types.js';
import type { ProblemTarget } from './engine-types.js';
import { metricsOf } from './selection-rules.js';
import { selectionScore } from './selection-score.js';

const NO_FEATURES = { values: new Float32Array(0), rowCount: 0, featureCount: 0, featureNames: [] };

const CLASSES: ProblemTarget = {
  kind: 'classes',
  codes: Int32Array.of(0, 1, 2, 2, 1, 0, 1, 2),
  labels: ['a', 'b', 'c'],
};
const PROBABILITIES = {
  values: Float64Array.from(
    [
      [0.7, 0.2, 0.1],
      [0.2, 0.5, 0.3],
      [0.1, 0.3, 0.6],
      [0.3, 0.4, 0.3],
      [0.25, 0.25, 0.5],
      [0.4, 0.35, 0.25],
      [0.1, 0.8, 0.1],
      [0.2, 0.2, 0.6],
    ].flat(),
  ),
  width: 3,
};
const NUMBERS: ProblemTarget = { kind: 'numbers', values: Float64Array.of(1, 2, 0, 4, 3) };
const GUESSES = { values: Float64Array.of(1.5, 1.5, 0.5, 3, 4), width: 1 };
const POINTS = {
  values: Float32Array.of(0, 0, 1, 5, 6, 5, 0, 1, 0, 5, 5, 7),
  ...{ rowCount: 6, featureCount: 2, featureNames: ['x', 'y'] },
};
const DISTANCES = {
  values: Float64Array.from(
    [
      [0.4242640687119285, 7.710382610480494],
      [0.7615773105863908, 7.0178344238090995],
      [0.7615773105863908, 7.0604532432415406],
      [6.646803743153547, 0.6708203932499366],
      [7.387827826905552, 0.9219544457292886],
      [8.18413098624405, 1.4317821063276357],
    ].flat(),
  ),
  width: 2,
};

describe('metrics to select by', () => {
  it.each<[SelectionMetric, number]>([
    ['roc-auc-ovr', 0.9],
    ['roc-auc-ovo', 0.9074074074074074],
    ['brier', 0.2025],
  ])('%s of three classes', (metric, expected) => {
    expect(selectionScore(metric, { truth: CLASSES, x: NO_FEATURES }, PROBABILITIES)).toBeCloseTo(expected, 12);
  });

  it.each<[SelectionMetric, number | undefined, number]>([
    ['pinball', 0.9, 0.31],
    ['pinball', undefined, 0.35],
    ['poisson-deviance', undefined, 0.383032443698871],
  ])('%s of numbers (alpha %s)', (metric, alpha, expected) => {
    expect(selectionScore(metric, { truth: NUMBERS, x: NO_FEATURES, alpha }, GUESSES)).toBeCloseTo(expected, 12);
  });

  it.each<[SelectionMetric, number]>([
    ['silhouette', 0.8048918895105276],
    ['inertia', 0.7816666666666667],
  ])('%s of clusters', (metric, expected) => {
    expect(selectionScore(metric, { truth: { kind: 'none' }, x: POINTS }, DISTANCES)).toBeCloseTo(expected, 12);
  });

  it('are the ones that a step may name', () => {
    const named = (TrainStepSchema.properties.metric as unknown as { enum: string[] }).enum;
    const known = (['classification', 'regression', 'clustering', 'anomaly'] as const).flatMap(metricsOf);
    expect([...named].sort()).toEqual([...known].sort());
  });
});
