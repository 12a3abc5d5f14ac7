// Golden numbers: scikit-learn 1.9.1, pandas 3.1.1 on the same file: StandardScaler + OneHotEncoder into
// LogisticRegression(tol=1e-12); RandomForestClassifier(300) on unscaled columns, mean of seeds 0–4.
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BootstrapInterval,
  bootstrapMeans,
  brierRows,
  brierScore,
  brierSkillScore,
  type ColumnView,
  createRng,
  type FeatureMatrix,
  fitLogisticRegression,
  fitPersistenceBaseline,
  fitPreprocessor,
  fitRandomForest,
  inferPreprocessSpec,
  logLoss,
  probabilityOf,
  rocAuc,
  type TableView,
} from './index.js';
import { type WeatherDay, weatherDays } from './weather.fixture.js';

const NUMBERS = ['precipitation', 'temp_max', 'temp_min', 'wind'] as const;
const SKIES = ['drizzle', 'fog', 'rain', 'snow', 'sun'];

function tableOf(days: readonly WeatherDay[]): TableView {
  const columns = new Map<string, ColumnView>();
  for (const name of NUMBERS) columns.set(name, { kind: 'float64', values: Float64Array.from(days, (d) => d[name]) });
  const codes = Int32Array.from(days, (day) => SKIES.indexOf(day.weather));
  columns.set('weather', { kind: 'string', codes, dictionary: SKIES });
  return { rowCount: days.length, columns };
}

describe('rain in Seattle tomorrow, trained on 2012–2014 and tested on 2015', () => {
  const days = weatherDays('Seattle');
  const before = days.filter((day) => day.date < '2015');
  const after = days.filter((day) => day.date >= '2015');
  const y = Int32Array.from(before, (day) => Number(day.wetTomorrow));
  const truth = Int32Array.from(after, (day) => Number(day.wetTomorrow));
  let x: FeatureMatrix;
  let xTest: FeatureMatrix;
  let persistence: Float64Array;

  beforeAll(() => {
    const table = tableOf(before);
    const { spec } = inferPreprocessSpec(table, [...NUMBERS, 'weather']);
    const { preprocessor, training } = fitPreprocessor(table, spec);
    x = training;
    xTest = preprocessor.transform(tableOf(after));
    const wet = (part: readonly WeatherDay[]) => Int32Array.from(part, (day) => Number(day.wet));
    const baseline = fitPersistenceBaseline(wet(before), y, { stateCount: 2, classCount: 2 });
    persistence = probabilityOf(baseline.predictProbabilities(wet(after)), 2, 1);
  });

  it('has the persistence forecast’s Brier score', () => {
    expect(brierScore(truth, persistence)).toBeCloseTo(0.2061743957, 9);
  });

  it('gives scikit-learn’s logistic regression: coefficients, loss and skill', () => {
    const model = fitLogisticRegression(x, y);
    const all = model.predictProbabilities(xTest);
    const p = probabilityOf(all, 2, 1);
    const expected = [
      0.389783, -1.0313807, 0.5652892, -0.022301, -0.342009, -0.4478392, 0.6091676, 0.6093419, -0.4286628,
    ];
    expected.forEach((value, f) => {
      expect(Math.abs(model.coefficients[f] - value)).toBeLessThan(1e-5);
    });
    expect(brierScore(truth, p)).toBeCloseTo(0.187405146, 7);
    expect(rocAuc(truth, p)).toBeCloseTo(0.77642045, 7);
    expect(logLoss(truth, all, 2)).toBeCloseTo(0.5552187, 6);
    expect(brierSkillScore(truth, p, persistence)).toBeCloseTo(0.0910358, 6);
  });

  it('gives the skill an interval above zero, the same for the same seed', () => {
    const p = probabilityOf(fitLogisticRegression(x, y).predictProbabilities(xTest), 2, 1);
    const rows = [brierRows(truth, p), brierRows(truth, persistence)];
    const skill = (means: Float64Array) => 1 - means[0] / means[1];
    const interval = (): BootstrapInterval => bootstrapMeans(rows, skill, { rng: createRng(0), blockLength: 7 });
    const { estimate, lower, upper } = interval();
    expect(estimate).toBeCloseTo(0.0910358, 6);
    expect(lower).toBeGreaterThan(0.02);
    expect(upper).toBeLessThan(0.17);
    expect(interval()).toEqual(interval());
  });

  it('gives a forest as skilful as scikit-learn’s, over five seeds', () => {
    const skill = (options: { minSamplesLeaf?: number; maxDepth?: number }): number => {
      const seeds = [0, 1, 2, 3, 4];
      const scores = seeds.map((seed) => {
        const model = fitRandomForest(x, y, { seed, nEstimators: 300, ...options });
        return brierSkillScore(truth, probabilityOf(model.predictProbabilities(xTest), 2, 1), persistence);
      });
      return scores.reduce((sum, score) => sum + score, 0) / seeds.length;
    };
    expect(Math.abs(skill({ minSamplesLeaf: 10 }) - 0.1047)).toBeLessThan(0.008);
    expect(Math.abs(skill({ maxDepth: 6 }) - 0.0931)).toBeLessThan(0.008);
    expect(Math.abs(skill({}) - 0.0468)).toBeLessThan(0.012);
  });
});
