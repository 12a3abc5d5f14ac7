// Golden numbers: scikit-learn 1.9.1 (HistGradientBoosting) and LightGBM 4.7.0 on the same rows: NOAA weather of Seattle in
// vega-datasets 3, as Float32, with holes. Regenerated numbers must state their versions in boosting.golden.json.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createRng,
  type FeatureMatrix,
  fitGradientBoostingClassifier,
  fitGradientBoostingRegressor,
  matrixFromColumns,
  probabilityOf,
  rocAuc,
  rootMeanSquaredError,
  selectMatrixRows,
} from '../../index.js';
import { runFeatureGraph, worstDifference } from '../../onnx/graph-run.fixture.js';
import { weatherDays } from '../../weather.fixture.js';
import type { BoostingClassifierOptions, BoostingRegressorOptions } from './gradient-boosting.js';

const golden: { lightgbmAuc: number; lightgbmRmse: number; predictions: Record<string, number[]> } = JSON.parse(
  readFileSync(new URL('./boosting.golden.json', import.meta.url), 'utf8'),
);

const SKIES = ['drizzle', 'fog', 'rain', 'snow', 'sun'];
const days = weatherDays('Seattle');
const hole = (every: number, at: number) => (value: number, i: number) => (i % every === at ? Number.NaN : value);
const x = matrixFromColumns([
  days.map((day) => day.precipitation),
  days.map((day) => day.temp_max).map(hole(7, 3)),
  days.map((day) => day.temp_min),
  days.map((day) => day.wind).map(hole(11, 5)),
  days.map((day) => SKIES.indexOf(day.weather)).map(hole(13, 2)),
]);
const SKY = Int32Array.of(0, 0, 0, 0, SKIES.length);
const all = weatherRows();
const high = Float64Array.from(all, (day) => day.high);
/** No two rows alike: the sign of a residual of exactly 0 would hang on its last digit. */
const uneven = high.map((value, i) => value + ((i * 7919) % 1000) / 1e4);
const rain = Float64Array.from(all, (day) => day.rain);
const wet = Int32Array.from(rain, (value) => Number(value > 0));
const level = Int32Array.from(rain, (value) => Number(value > 0) + Number(value > 5));
const weights = Float64Array.from(rain, (_, i) => ((i % 5) + 1) / 2);

/** What the next day brought; the last day's next one is read from the file, of which weatherDays drops the last. */
function weatherRows(): { high: number; rain: number }[] {
  return days.map((_, i) => {
    const next = days[i + 1];
    return next ? { high: next.temp_max, rain: next.precipitation } : { high: 5.6, rain: 0 };
  });
}

/** The features and one of more distinct values than bins. */
const many = matrixFromColumns([
  ...[0, 1, 2, 3, 4].map((f) => x.values.subarray(f * x.rowCount, (f + 1) * x.rowCount)),
  days.map((_, i) => i % 365),
]);
const full = matrixFromColumns([
  days.map((day) => day.precipitation),
  days.map((day) => day.temp_max),
  days.map((day) => day.temp_min),
  days.map((day) => day.wind),
  days.map((day) => SKIES.indexOf(day.weather)),
]);
const rare = Int32Array.from(rain, (value) => Number(value > 5));

const plain = { earlyStopping: false, maxIter: 25 } as const;
const everySixtieth = Int32Array.from({ length: Math.ceil(x.rowCount / 60) }, (_, i) => 60 * i);
const picked = selectMatrixRows(x, everySixtieth);
/** Each with a gap in one of the features in turn. */
const gappy = selectMatrixRows(full, everySixtieth);
for (let i = 0; i < gappy.rowCount; i++) gappy.values[(i % 5) * gappy.rowCount + i] = Number.NaN;

function expectRegression(name: string, y: Float64Array, options: BoostingRegressorOptions): void {
  const model = fitGradientBoostingRegressor(x, y, { ...plain, ...options });
  expect(worstDifference(golden.predictions[name], model.predict(picked))).toBeLessThan(1e-6);
}

function expectClasses(name: string, y: Int32Array, options: BoostingClassifierOptions): void {
  const model = fitGradientBoostingClassifier(x, y, { ...plain, ...options });
  expect(worstDifference(golden.predictions[name], model.predictProbabilities(picked))).toBeLessThan(1e-6);
}

describe('gradient boosting, against scikit-learn', () => {
  it('answers every loss of numbers alike, with and without weights', () => {
    expectRegression('squared', high, {});
    expectRegression('squaredWeighted', high, { sampleWeight: weights });
    expectRegression('absolute', uneven, { loss: 'absolute_error' });
    expectRegression('absoluteWeighted', uneven, { loss: 'absolute_error', sampleWeight: weights });
    expectRegression('quantile', uneven, { loss: 'quantile', quantile: 0.8 });
    expectRegression('poisson', rain, { loss: 'poisson' });
  });

  it('answers two and three classes alike, weighted and balanced', () => {
    expectClasses('binary', wet, {});
    expectClasses('binaryWeighted', wet, { sampleWeight: weights });
    expectClasses('multi', level, {});
    expectClasses('balanced', wet, { classWeight: 'balanced' });
  });

  it('splits categories, keeps constraints and limits alike', () => {
    expectRegression('category', high, { categoryCounts: SKY });
    expectClasses('binaryCategory', wet, { categoryCounts: SKY });
    expectRegression('monotone', high, { monotonicCst: [-1, 1, 0, -1, 0] });
    expectRegression('monotone', high, { monotonicCst: { x0: -1, x1: 1, 3: -1 } });
    expectRegression('interaction', high, { interactionCst: [[0, 1], ['x2']] });
    expectRegression('small', high, { l2Regularization: 3, maxDepth: 3, minSamplesLeaf: 7 });
    expectClasses('unlimited', wet, { maxLeafNodes: null, learningRate: 0.3 });
  });

  it('bins more than 255 distinct values alike: a rare class balanced, and rows that weigh nothing', () => {
    const rows = selectMatrixRows(many, everySixtieth);
    const expectRare = (name: string, options: BoostingClassifierOptions) => {
      const model = fitGradientBoostingClassifier(many, rare, { ...plain, ...options });
      expect(worstDifference(golden.predictions[name], model.predictProbabilities(rows))).toBeLessThan(1e-6);
    };
    expectRare('manyValues', { classWeight: 'balanced' });
    expectRare('manyValuesWeighted', { sampleWeight: Float64Array.from(rain, (_, i) => (i % 5) / 2) });
    const numbers = fitGradientBoostingRegressor(many, high, plain).predict(rows);
    expect(worstDifference(golden.predictions.manyValuesOfNumbers, numbers)).toBeLessThan(1e-6);
  });

  it('sends a gap where training had none with most rows, in ONNX too', async () => {
    const model = fitGradientBoostingRegressor(full, high, { ...plain, categoryCounts: SKY });
    expect(worstDifference(golden.predictions.gapsAsked, model.predict(gappy))).toBeLessThan(1e-6);
    expect(worstDifference(model.predict(gappy), await expectGraph(model, gappy, 1))).toBeLessThan(1e-5);
  });

  it('judges days it has not seen as well as LightGBM: AUC within 0.01, RMSE within 2 %', () => {
    const rows = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
    const four = matrixFromColumns([0, 1, 2, 3].map((f) => x.values.subarray(f * x.rowCount, (f + 1) * x.rowCount)));
    const [train, test] = [selectMatrixRows(four, rows(0, 1100)), selectMatrixRows(four, rows(1100, x.rowCount))];
    const options = { maxIter: 50, maxLeafNodes: 7, earlyStopping: false };
    const classifier = fitGradientBoostingClassifier(train, wet.subarray(0, 1100), options);
    const auc = rocAuc(wet.subarray(1100), probabilityOf(classifier.predictProbabilities(test), 2, 1));
    expect(auc).toBeGreaterThan(golden.lightgbmAuc - 0.01);
    const regressor = fitGradientBoostingRegressor(train, high.subarray(0, 1100), options);
    const rmse = rootMeanSquaredError(high.subarray(1100), regressor.predict(test));
    expect(rmse).toBeLessThan(1.02 * golden.lightgbmRmse);
  });
});

describe('gradient boosting', () => {
  it('never falls with a feature that it must rise with', () => {
    const model = fitGradientBoostingRegressor(x, high, { ...plain, monotonicCst: { x1: 1, x2: -1 } });
    const rng = createRng(3);
    for (let i = 0; i < 50; i++) {
      const row = Array.from({ length: 5 }, (_, f) => x.values[f * x.rowCount + rng.int(x.rowCount)]);
      for (const [f, sign] of [
        [1, 1],
        [2, -1],
      ]) {
        const steps = Array.from({ length: 60 }, (_, s) => s - 15);
        const columns = row.map((value, g) => steps.map((step) => (g === f ? step : value)));
        const answers = model.predict(matrixFromColumns(columns));
        for (let s = 1; s < 60; s++) expect(sign * (answers[s] - answers[s - 1])).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it('stops early by rows held out, and keeps their scores', () => {
    const options = { earlyStopping: true, maxIter: 300, seed: 4, learningRate: 0.3 };
    const model = fitGradientBoostingClassifier(x, wet, options);
    expect(model.iterations).toBeLessThan(300);
    expect(model.validationScores.length).toBe(model.iterations + 1);
    const best = Math.max(...model.validationScores);
    expect(model.validationScores.lastIndexOf(best)).toBeGreaterThan(0);
    expect(best).toBeGreaterThan(model.validationScores[0]);
    expect(fitGradientBoostingClassifier(x, wet, options).validationScores).toEqual(model.validationScores);
    expect(fitGradientBoostingClassifier(x, wet, { maxIter: 3 }).validationScores.length).toBe(0);
  });

  it('draws rows and features by its seed', () => {
    const options = { ...plain, subsample: 0.6, colsample: 0.6, maxFeatures: 0.7 };
    const answer = (seed: number) => fitGradientBoostingRegressor(x, high, { ...options, seed }).predict(x);
    expect(answer(1)).toEqual(answer(1));
    expect(answer(1)).not.toEqual(answer(2));
    expect(rootMeanSquaredError(high, answer(1))).toBeLessThan(3);
  });

  it('shares the loss it saved among features', () => {
    const { importances } = fitGradientBoostingRegressor(x, high, plain);
    expect(importances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12);
    expect(importances[1] + importances[2]).toBeGreaterThan(0.8);
  });

  it('is the same for NaN and codes it never saw, in ONNX too', async () => {
    const rows = edgeRows(x);
    expect(rows.rowCount).toBeGreaterThan(1400);
    const compare = async (model: Parameters<typeof expectGraph>[0], width: number, expected: Float64Array) =>
      expect(worstDifference(expected, await expectGraph(model, rows, width))).toBeLessThan(1e-5);
    const two = fitGradientBoostingClassifier(x, wet, { categoryCounts: SKY });
    await compare(two, 2, two.predictProbabilities(rows));
    const three = fitGradientBoostingClassifier(x, level, { ...plain, categoryCounts: SKY });
    await compare(three, 3, three.predictProbabilities(rows));
    for (const loss of ['squared_error', 'absolute_error', 'poisson'] as const) {
      const model = fitGradientBoostingRegressor(x, rain, { loss, maxIter: 60, categoryCounts: SKY });
      await compare(model, 1, model.predict(rows));
    }
    const complete = fitGradientBoostingRegressor(
      matrixFromColumns([days.map((day) => day.precipitation), days.map((day) => SKIES.indexOf(day.weather))]),
      high,
      { ...plain, categoryCounts: Int32Array.of(0, 5) },
    );
    const unknown = matrixFromColumns([
      [1, Number.NaN, 3, Number.NaN, 2],
      [Number.NaN, 1, 7, -1, 1.5],
    ]);
    expect(worstDifference(complete.predict(unknown), await expectGraph(complete, unknown, 1))).toBeLessThan(1e-5);
  });

  it('bears a constant target, one class, one row and a class without rows', () => {
    const constant = fitGradientBoostingRegressor(x, new Float64Array(x.rowCount).fill(7), {});
    expect(constant.predict(picked)).toEqual(new Float64Array(picked.rowCount).fill(7));
    const one = fitGradientBoostingClassifier(x, new Int32Array(x.rowCount), { classCount: 2, maxIter: 2 });
    expect(one.predictProbabilities(picked)[0]).toBeCloseTo(1, 9);
    const empty = fitGradientBoostingClassifier(x, wet, { classCount: 3, maxIter: 2 });
    expect(empty.predictProbabilities(picked).every((p) => p >= 0 && p <= 1)).toBe(true);
    const single = fitGradientBoostingRegressor(matrixFromColumns([[1]]), Float64Array.of(4), {});
    expect([...single.predict(matrixFromColumns([[Number.NaN]]))]).toEqual([4]);
    expect(constant.importances.every((share) => share === 0)).toBe(true);
  });

  it('refuses what it cannot mean, with a code', () => {
    const refuses = (options: object, code: string, y = high) =>
      expect(() => fitGradientBoostingRegressor(x, y, options)).toThrow(expect.objectContaining({ code }));
    refuses({ learningRate: 0 }, 'NUM_RANGE');
    refuses({ maxLeafNodes: 1 }, 'NUM_RANGE');
    refuses({ monotonicCst: { nobody: 1 } }, 'NUM_RANGE');
    refuses({ monotonicCst: { x4: 1 }, categoryCounts: SKY }, 'NUM_RANGE');
    refuses({ loss: 'quantile' }, 'NUM_RANGE');
    refuses(
      { loss: 'poisson' },
      'NUM_RANGE',
      high.map((value) => -value),
    );
    refuses({ categoryCounts: Int32Array.of(0, 0, 0, 0, 3) }, 'NUM_RANGE');
    refuses({ sampleWeight: new Float64Array(x.rowCount) }, 'NUM_TOO_FEW');
    refuses(
      {},
      'NUM_NOT_FINITE',
      high.map(() => Number.NaN),
    );
    const infinite = matrixFromColumns([[1, Number.POSITIVE_INFINITY]]);
    expect(() => fitGradientBoostingRegressor(infinite, Float64Array.of(1, 2), {})).toThrow(
      expect.objectContaining({ code: 'NUM_NOT_FINITE' }),
    );
    expect(() =>
      fitGradientBoostingClassifier(matrixFromColumns([[1]]), Int32Array.of(0), { earlyStopping: true, classCount: 2 }),
    ).toThrow(expect.objectContaining({ code: 'NUM_TOO_FEW' }));
  });
});

/** The rows, each with one cell damaged: missing, on a threshold's edge, a code out of range. */
function edgeRows(matrix: FeatureMatrix): FeatureMatrix {
  const values = matrix.values.slice();
  const n = matrix.rowCount;
  for (let i = 0; i < n; i++) {
    if (i % 9 === 1) values[(i % 4) * n + i] = Number.NaN;
    if (i % 6 === 2) values[4 * n + i] = [-1, 5, 260, Number.NaN, 1.5][i % 5];
    if (i % 50 === 3) values[(i % 4) * n + i] = i % 100 === 3 ? 3e38 : -3e38;
  }
  return { ...matrix, values };
}

function expectGraph(
  model: { writeOnnx: ReturnType<typeof fitGradientBoostingRegressor>['writeOnnx'] },
  rows: FeatureMatrix,
  width: number,
): Promise<Float32Array> {
  return runFeatureGraph(rows, width, (graph, features) => model.writeOnnx(graph, features));
}
