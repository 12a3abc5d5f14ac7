import { describe, expect, it } from 'vitest';
import {
  type CategorySpec,
  type ColumnSpec,
  type ColumnView,
  fitPreprocessor,
  inferPreprocessSpec,
  type PreprocessTarget,
  preprocessProblems,
  type TableView,
} from '../index.js';

const numbers = (...values: number[]): ColumnView => ({ kind: 'float64', values: Float64Array.from(values) });
const words = (...values: (string | null)[]): ColumnView => {
  const dictionary = [...new Set(values.map((value) => value ?? ''))];
  const entries = new Map(dictionary.map((value, entry) => [value, entry]));
  const validity = new Uint32Array(Math.ceil(values.length / 32));
  values.forEach((value, i) => {
    if (value !== null) validity[i >> 5] |= 1 << (i & 31);
  });
  return {
    kind: 'string',
    codes: Int32Array.from(values, (value) => entries.get(value ?? '') as number),
    dictionary,
    validity,
  };
};
const tableOf = (columns: Record<string, ColumnView>, rowCount: number): TableView => ({
  rowCount,
  columns: new Map(Object.entries(columns)),
});

describe('the preprocessor', () => {
  it('imputes, scales and encodes, and names its features', () => {
    const train = tableOf({ x: numbers(1, 3, Number.NaN, 8), sky: words('sun', null, 'rain', 'sun') }, 4);
    const { preprocessor, training } = fitPreprocessor(train, {
      columns: [
        { name: 'sky', kind: 'category' },
        { name: 'x', kind: 'numeric', impute: 'median', scale: 'none' },
      ],
    });
    expect(training.featureNames).toEqual(['x', 'sky=(missing)', 'sky=rain', 'sky=sun']);
    expect([...training.values]).toEqual([1, 3, 3, 8, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1]);
    expect(preprocessor.transform(train)).toEqual(training);
    expect(preprocessor.inputs).toEqual([
      { name: 'sky', type: 'string', column: 'string', missing: 'category', categories: ['', 'rain', 'sun'] },
      { name: 'x', type: 'float', column: 'float64', missing: 'impute' },
    ]);
    expect([0, 1].map((feature) => preprocessor.sourceOf(feature))).toEqual(['x', undefined]);
  });

  it('gives scaled features mean 0 and deviation 1, and a constant zero', () => {
    const train = tableOf({ x: numbers(2, 4, 4, 4, 5, 5, 7, 9), y: numbers(3, 3, 3, 3, 3, 3, 3, 3) }, 8);
    const { values } = fitPreprocessor(train, inferPreprocessSpec(train, ['x', 'y']).spec).training;
    expect([...values.slice(0, 8)]).toEqual([-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2]);
    expect([...values.slice(8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('gives zeros to a category never seen, and to a missing one that training never had', () => {
    const train = tableOf({ sky: words('sun', 'rain') }, 2);
    const { preprocessor } = fitPreprocessor(train, { columns: [{ name: 'sky', kind: 'category' }] });
    expect(preprocessor.inputs[0].missing).toBe('zeros');
    const { values } = preprocessor.transform(tableOf({ sky: words('fog', null, 'rain') }, 3));
    expect([...values]).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it('says everything that is wrong with a specification', () => {
    const spec = {
      columns: [
        { name: 'x', kind: 'numeric', impute: 'mode', bins: 4, period: 7 },
        { kind: 'words' },
        { name: 'c', kind: 'category', maxCategories: 0, colour: 'red' },
      ],
      steps: [{ step: 'polynomial', degree: 1 }],
    };
    expect(preprocessProblems(spec)).toEqual([
      'columns.0.impute: "mode" is not "mean", "median", "most-frequent" or "none", or a number from -3.4e+38 to 3.4e+38',
      'columns.0: bins and period exclude each other',
      expect.stringContaining('columns.1.kind: "words" is not one of numeric, boolean, category'),
      expect.stringContaining('columns.2.colour: there is no such option'),
      'columns.2.maxCategories: 0 is not an integer from 1',
      'steps.0.degree: 1 is not an integer from 2 to 6',
    ]);
    const table = tableOf({ x: numbers(1) }, 1);
    expect(() => fitPreprocessor(table, spec as never)).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
    expect(preprocessProblems('x')).toEqual(['columns: a list of columns is needed']);
  });

  it('refuses what it cannot learn from', () => {
    const table = tableOf(
      {
        t: { kind: 'timestamp', values: Float64Array.of(0) },
        x: numbers(Number.NaN),
        huge: numbers(1e300),
        y: numbers(1),
      },
      1,
    );
    const fit = (...columns: ColumnSpec[]) => fitPreprocessor(table, { columns });
    expect(() => fit({ name: 't', kind: 'numeric' })).toThrow(/t is timestamp, but must be float64/);
    expect(() => fit({ name: 'x', kind: 'numeric' })).toThrow(/x has no value/);
    expect(() => fit({ name: 'huge', kind: 'numeric' })).toThrow(expect.objectContaining({ code: 'NUM_NOT_FINITE' }));
    expect(() => fit({ name: 'z', kind: 'boolean' })).toThrow(/z is absent/);
    expect(() => fit({ name: 'y', kind: 'numeric' }, { name: 'y', kind: 'numeric' })).toThrow(
      /Two features are named y/,
    );
    expect(() => fitPreprocessor(tableOf({ y: numbers() }, 0), { columns: [{ name: 'y', kind: 'numeric' }] })).toThrow(
      /no rows/,
    );
  });

  it('refuses one-hot for 10,000 categories, gathers the rare ones when asked, and chooses another encoding by itself', () => {
    const many = words(...Array.from({ length: 10_000 }, (_, i) => `c${i % 5000 < 3 ? 0 : i}`));
    const table = tableOf({ id: many }, 10_000);
    const fit = (column: Partial<CategorySpec>, target?: PreprocessTarget) =>
      fitPreprocessor(table, { columns: [{ name: 'id', kind: 'category', ...column }] }, { ...(target && { target }) });
    expect(() => fit({ encoding: 'one-hot' })).toThrow(/id has 9995 categories, more than the 256/);
    expect(fit({ encoding: 'one-hot', maxCategories: 3 }).training.featureNames).toEqual([
      'id=c0',
      'id=c10',
      'id=(infrequent)',
    ]);
    expect(fit({}).preprocessor.decisions[0].choice).toBe('frequency');
    const codes = Int32Array.from({ length: 10_000 }, (_, i) => i % 2);
    const { preprocessor } = fit({}, { kind: 'classes', codes, classCount: 2 });
    expect(preprocessor.spec.columns[0]).toMatchObject({ encoding: 'target' });
    expect(preprocessor.featureNames).toEqual(['id_target']);
  });
});
