// Golden numbers: scikit-learn 1.9.1 on NumPy (preprocess.golden.json names both); means are in Float64, features in Float32.
import { describe, expect, it } from 'vitest';
import {
  type ColumnSpec,
  fitPreprocessor,
  matrixFromColumns,
  type PreprocessSpec,
  type PreprocessTarget,
} from '../index.js';
import { tableOf } from './parity.fixture.js';
import golden from './preprocess.golden.json' with { type: 'json' };
import { fScores } from './steps/feature-scores.js';

type Numbers = readonly (number | null)[];

const table = tableOf({ x: golden.x, c: golden.c.slice(0, golden.x.length) });
const categories = tableOf({ c: golden.c });
const documents = tableOf({ docs: golden.docs });

/** Features of the training rows, feature-major, through `transform`. */
function features(rows: typeof table, column: ColumnSpec, target?: PreprocessTarget): Float32Array {
  return fitPreprocessor(rows, { columns: [column] }, { ...(target && { target }) }).preprocessor.transform(rows)
    .values;
}

function expectClose(observed: ArrayLike<number>, expected: Numbers): void {
  expect(observed.length).toBe(expected.length);
  expected.forEach((value, i) => {
    if (value === null) expect(observed[i]).toBeNaN();
    else expect(Math.abs(observed[i] - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
  });
}

const columnMajor = (rows: readonly (readonly number[])[]) => rows[0].flatMap((_, f) => rows.map((row) => row[f]));

describe('numbers as in scikit-learn', () => {
  it('impute', () => {
    const of = (impute: 'mean' | 'median' | 'most-frequent') =>
      features(table, { name: 'x', kind: 'numeric', impute, scale: 'none' });
    expectClose(of('mean'), golden.impute_mean);
    expectClose(of('median'), golden.impute_median);
    expectClose(of('most-frequent'), golden.impute_most_frequent);
  });

  it('scale and clip', () => {
    const of = (options: object) => features(table, { name: 'x', kind: 'numeric', ...options });
    expectClose(of({}), golden.standard);
    expectClose(of({ scale: 'min-max' }), golden.minmax);
    expectClose(of({ scale: 'robust' }), golden.robust);
    expectClose(of({ impute: 'none', scale: 'none', clipLower: 0.1, clipUpper: 0.85 }), golden.clip);
  });

  it.each(['quantile', 'uniform'] as const)('fall into the same %s bins', (binStrategy) => {
    for (const bins of [3, 4, 5] as const) {
      const observed = features(table, { name: 'x', kind: 'numeric', bins, binStrategy });
      expect([...observed]).toEqual(golden[`bins_${binStrategy}_${bins}`]);
    }
  });
});

describe('categories as in scikit-learn', () => {
  it('are one-hot or codes', () => {
    const of = (options: object) => features(categories, { name: 'c', kind: 'category', ...options });
    expect([...of({ encoding: 'one-hot' })]).toEqual(columnMajor(golden.onehot));
    expect([...of({ encoding: 'one-hot', maxCategories: 3 })]).toEqual(columnMajor(golden.onehot_max3));
    expect([...of({ encoding: 'one-hot', minFrequency: 3, drop: 'first' })]).toEqual(
      columnMajor(golden.onehot_min3_drop),
    );
    expect([...of({ encoding: 'codes' })]).toEqual(golden.ordinal);
  });

  it.each(['binary', 'number', 'multi'] as const)('carry the %s target', (kind) => {
    const targets: Record<typeof kind, PreprocessTarget> = {
      binary: { kind: 'classes', codes: Int32Array.from(golden.y), classCount: 2 },
      number: { kind: 'numbers', values: Float64Array.from(golden.yr) },
      multi: { kind: 'classes', codes: Int32Array.from(golden.ym), classCount: 3 },
    };
    const rows = tableOf({ c: ['a', 'b', 'c', 'd', 'e', 'zz'] });
    for (const smoothing of ['auto', 5] as const) {
      const spec: PreprocessSpec = { columns: [{ name: 'c', kind: 'category', encoding: 'target', smoothing }] };
      const { preprocessor, training } = fitPreprocessor(categories, spec, { target: targets[kind] });
      expectClose(
        preprocessor.transform(rows).values,
        columnMajor(golden[`target_${kind}_${smoothing === 5 ? '5.0' : smoothing}`]),
      );
      expect(training.values).not.toEqual(preprocessor.transform(categories).values);
    }
  });

  it('keep a row’s own target out of its feature', () => {
    const target = { kind: 'numbers', values: Float64Array.from(golden.yr) } as const;
    const spec: PreprocessSpec = { columns: [{ name: 'c', kind: 'category', encoding: 'target' }] };
    const before = fitPreprocessor(categories, spec, { target }).training.values;
    for (let row = 0; row < golden.yr.length; row++) {
      const values = target.values.slice();
      values[row] = 1e6;
      const after = fitPreprocessor(categories, spec, { target: { kind: 'numbers', values } }).training.values;
      expect(after[row]).toBe(before[row]);
      expect(after).not.toEqual(before);
    }
  });
});

describe('steps as in scikit-learn', () => {
  it('multiply features', () => {
    const [p, q, r] = [0, 1, 2].map((f) => golden.P.map((row) => row[f]));
    const columns = ['p', 'q', 'r'].map((name) => ({ name, kind: 'numeric', scale: 'none' }) as const);
    const of = (interactionOnly: boolean) =>
      fitPreprocessor(tableOf({ p, q, r }), { columns, steps: [{ step: 'polynomial', degree: 3, interactionOnly }] })
        .training.values;
    expectClose(of(false), columnMajor(golden.poly3));
    expectClose(of(true), columnMajor(golden.poly3_inter));
  });

  it('judge features by F-tests', () => {
    const x = matrixFromColumns([0, 1, 2].map((f) => golden.F3.map((row) => row[f])));
    const codes = Int32Array.from(golden.F3, (_, i) => i % 3);
    expectClose(fScores(x, { kind: 'classes', codes, classCount: 3 }), golden.f_classif);
    expectClose(fScores(x, { kind: 'numbers', values: Float64Array.from(golden.yn) }), golden.f_regression);
  });
});

describe('texts as in scikit-learn', () => {
  it.each([
    [{}, 'tfidf'],
    [{ ngramMax: 2, minFrequency: 2 }, 'tfidf2'],
  ] as const)('become TF-IDF with %j', (options, key) => {
    const { training } = fitPreprocessor(documents, { columns: [{ name: 'docs', kind: 'text', ...options }] });
    expect(training.featureNames).toEqual(golden[`${key}_names`].map((term) => `docs:${term}`));
    expectClose(training.values, columnMajor(golden[key]));
  });
});
