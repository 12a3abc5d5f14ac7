// Parity with onnxruntime-node 1.30 on real weather (NOAA, Seattle 2012–2015, in vega-datasets 3).
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { fitPreprocessor } from '../preprocess/fit-preprocessor.js';
import type { FittedPreprocessor } from '../preprocess/preprocess-types.js';
import type { ColumnView, TableView } from '../preprocess/table-view.js';
import { createRng } from '../random/rng.js';
import { fitLogisticRegression } from '../trainers/linear/logistic-regression.js';
import type { FittedClassifierBase } from '../trainers/trainer-types.js';
import { mostProbable } from '../trainers/trainer-types.js';
import { fitRandomForest } from '../trainers/trees/random-forest.js';
import { weatherDays } from '../weather.fixture.js';
import { exportModel } from './export-model.js';

type Row = { rain: number; high: number; low: number; wind: number; wet: boolean | null; sky: string | null };

/** NaN and null are missing. */
function tableOf(rows: readonly Row[]): TableView {
  const number = (name: 'rain' | 'high' | 'low' | 'wind'): ColumnView => ({
    kind: 'float64',
    values: Float64Array.from(rows, (row) => row[name]),
  });
  const dictionary = [...new Set(rows.map((row) => row.sky ?? ''))];
  return {
    rowCount: rows.length,
    columns: new Map<string, ColumnView>([
      ['rain', number('rain')],
      ['sky', { kind: 'string', codes: Int32Array.from(rows, (row) => dictionary.indexOf(row.sky ?? '')), dictionary }],
      ['high', number('high')],
      ['wet', { kind: 'boolean', values: Uint8Array.from(rows, (row) => Number(row.wet)), validity: present(rows) }],
      ['low', number('low')],
      ['wind', number('wind')],
    ]),
  };
}

function present(rows: readonly Row[]): Uint32Array {
  const bits = new Uint32Array(Math.ceil(rows.length / 32));
  rows.forEach((row, i) => {
    if (row.wet !== null) bits[i >> 5] |= 1 << (i & 31);
  });
  return bits;
}

/** Real days, a tenth of the cells missing, some unseen skies. */
function damaged(): { rows: Row[]; wet: Int32Array; level: Int32Array } {
  const days = weatherDays('Seattle');
  const rng = createRng(5);
  const lost = () => rng.next() < 0.1;
  const rows = days.map((day) => ({
    rain: lost() ? Number.NaN : day.precipitation,
    high: lost() ? Number.NaN : day.temp_max,
    low: day.temp_min,
    wind: lost() ? Number.NaN : day.wind,
    wet: lost() ? null : day.wet,
    sky: lost() ? null : day.weather,
  }));
  const level = Int32Array.from(days, (_, i) => {
    const rain = days[Math.min(i + 1, days.length - 1)].precipitation;
    return Number(rain > 0) + Number(rain > 5);
  });
  return { rows, wet: Int32Array.from(days, (day) => Number(day.wetTomorrow)), level };
}

async function run(bytes: Uint8Array, rows: readonly Row[]) {
  const session = await InferenceSession.create(bytes);
  const n = rows.length;
  const floats = (pick: (row: Row) => number) => new Tensor('float32', Float32Array.from(rows, pick), [n, 1]);
  const result = await session.run({
    rain: floats((row) => row.rain),
    high: floats((row) => row.high),
    low: floats((row) => row.low),
    wind: floats((row) => row.wind),
    wet: floats((row) => (row.wet === null ? Number.NaN : Number(row.wet))),
    sky: new Tensor(
      'string',
      rows.map((row) => row.sky ?? ''),
      [n, 1],
    ),
  });
  return { session, label: result.label, probabilities: result.probabilities };
}

const SPEC = {
  columns: [
    { name: 'rain', kind: 'numeric', impute: 'mean' },
    { name: 'sky', kind: 'category' },
    { name: 'high', kind: 'numeric' },
    { name: 'wet', kind: 'boolean' },
    { name: 'low', kind: 'numeric', scale: 'none' },
    { name: 'wind', kind: 'numeric' },
  ],
} as const;

/** Rows whose scaled value is exactly a threshold of the forest, when such a raw Float32 exists. */
function rowsOnThresholds(model: FittedClassifierBase, preprocessor: FittedPreprocessor, rows: readonly Row[]): Row[] {
  const low = preprocessor.featureNames.indexOf('low');
  const edges = Array.from(model.thresholds?.()[low] ?? []);
  return edges.map((edge, i) => ({ ...rows[i % rows.length], low: edge }));
}

async function expectParity(model: FittedClassifierBase, preprocessor: FittedPreprocessor, rows: readonly Row[]) {
  const labels = ['dry', 'wet', 'pouring'].slice(0, model.classCount);
  const all = [...rows, ...rowsOnThresholds(model, preprocessor, rows)].map((row, i) =>
    i % 50 === 7 ? { ...row, sky: 'frogs' } : row,
  );
  const { label, probabilities } = await run(exportModel({ preprocessor, model, classLabels: labels }), all);
  const expected = model.predictProbabilities(preprocessor.transform(tableOf(all)));
  const observed = probabilities.data as Float32Array;
  expect(all.length).toBeGreaterThan(1000);
  expect(probabilities.dims).toEqual([all.length, model.classCount]);
  let worst = 0;
  for (let i = 0; i < expected.length; i++) worst = Math.max(worst, Math.abs(expected[i] - observed[i]));
  expect(worst).toBeLessThan(1e-6);
  expect(label.dims).toEqual([all.length]);
  expect(label.data).toEqual(Array.from(mostProbable(expected, model.classCount), (code) => labels[code]));
  return all.length;
}

describe('the exported model', () => {
  const { rows, wet, level } = damaged();
  const { preprocessor, training: x } = fitPreprocessor(tableOf(rows), SPEC);

  it('answers like the logistic regression it was made from, with two classes and with three', async () => {
    await expectParity(fitLogisticRegression(x, wet), preprocessor, rows);
    await expectParity(fitLogisticRegression(x, level), preprocessor, rows);
  });

  it('answers like the forest, on thresholds, missing cells and unseen categories', async () => {
    const count = await expectParity(fitRandomForest(x, wet, { seed: 0, nEstimators: 300 }), preprocessor, rows);
    expect(count).toBeGreaterThan(rows.length + 50);
    await expectParity(fitRandomForest(x, level, { seed: 1, maxDepth: 6 }), preprocessor, rows);
  });

  it('answers like a forest that saw one class only', async () => {
    const y = new Int32Array(wet.length).fill(1);
    await expectParity(fitRandomForest(x, y, { seed: 3, nEstimators: 5, classCount: 3 }), preprocessor, rows);
    await expectParity(fitRandomForest(x, y, { seed: 3, nEstimators: 5, classCount: 2 }), preprocessor, rows);
  });

  it('answers one row and an empty batch, and gives integer labels', async () => {
    const model = fitRandomForest(x, wet, { seed: 2, nEstimators: 10 });
    const bytes = exportModel({ preprocessor, model, classLabels: [10, -20] });
    const one = await run(bytes, rows.slice(0, 1));
    expect([10n, -20n]).toContain((one.label.data as BigInt64Array)[0]);
    const none = await run(bytes, []);
    expect(none.probabilities.dims).toEqual([0, 2]);
  });

  it('carries its metadata, and equal input gives equal bytes', () => {
    const model = fitRandomForest(x, wet, { seed: 2, nEstimators: 3 });
    const make = () =>
      exportModel({ preprocessor, model, classLabels: ['trocken', 'naß ☔'], metadata: { run: 'r1' } });
    const bytes = make();
    expect(bytes).toEqual(make());
    const text = new TextDecoder().decode(bytes);
    expect(text).toContain('naß ☔');
    expect(text).toContain('run\u0012\u0002r1');
  });

  it('refuses labels that do not fit, and columns named like its outputs', () => {
    const model = fitLogisticRegression(x, wet);
    expect(() => exportModel({ preprocessor, model, classLabels: ['dry'] })).toThrow(/classLabels has 1 values/);
    const inputs = [{ name: 'label', type: 'float', column: 'float64', missing: 'impute' }] as const;
    expect(() => exportModel({ preprocessor: { ...preprocessor, inputs }, model, classLabels: ['a', 'b'] })).toThrow(
      /may not be named "label"/,
    );
  });
});

describe('trees in a package', () => {
  it('ask for NaN only where preprocessing lets it pass', () => {
    const { rows, wet } = damaged();
    const asks = (impute: 'none' | 'median') => {
      const columns = (['low', 'wind'] as const).map((name) => ({
        ...{ name, kind: 'numeric' as const, scale: 'none' as const },
        impute,
      }));
      const { preprocessor, training } = fitPreprocessor(tableOf(rows), { columns });
      const model = fitRandomForest(training, wet, { seed: 0, nEstimators: 3, maxDepth: 3 });
      expect(model.forest.missingLeft.includes(1)).toBe(true);
      const bytes = exportModel({ preprocessor, model, classLabels: ['dry', 'wet'] });
      return Buffer.from(bytes).includes('nodes_missing_value_tracks_true');
    };
    expect([asks('none'), asks('median')]).toEqual([true, false]);
  });
});
