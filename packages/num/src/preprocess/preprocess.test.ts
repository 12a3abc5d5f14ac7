import { describe, expect, it } from 'vitest';
import { type ColumnView, fitPreprocessor, inferPreprocessSpec, type TableView } from '../index.js';

const numbers = (...values: number[]): ColumnView => ({ kind: 'float64', values: Float64Array.from(values) });
const words = (...values: (string | null)[]): ColumnView => {
  const dictionary = [...new Set(values.map((value) => value ?? ''))];
  const validity = new Uint32Array(1);
  values.forEach((value, i) => {
    if (value !== null) validity[0] |= 1 << i;
  });
  return {
    kind: 'string',
    codes: Int32Array.from(values, (value) => dictionary.indexOf(value ?? '')),
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
    const fitted = fitPreprocessor(train, [
      { name: 'sky', kind: 'category' },
      { name: 'x', kind: 'numeric', impute: 'median', scale: false },
    ]);
    const { values, featureNames } = fitted.transform(train);
    expect(featureNames).toEqual(['x', 'sky=(missing)', 'sky=rain', 'sky=sun']);
    expect([...values]).toEqual([1, 3, 3, 8, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1]);
    expect(fitted.inputs).toEqual([
      { name: 'sky', kind: 'category', missing: 'category' },
      { name: 'x', kind: 'numeric', missing: 'impute' },
    ]);
  });

  it('gives scaled features mean 0 and deviation 1, and a constant zero', () => {
    const train = tableOf({ x: numbers(2, 4, 4, 4, 5, 5, 7, 9), y: numbers(3, 3, 3, 3, 3, 3, 3, 3) }, 8);
    const { values } = fitPreprocessor(train, inferPreprocessSpec(train, ['x', 'y'])).transform(train);
    expect([...values.slice(0, 8)]).toEqual([-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2]);
    expect([...values.slice(8)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('gives zeros to a category never seen, and to a missing one that training never had', () => {
    const fitted = fitPreprocessor(tableOf({ sky: words('sun', 'rain') }, 2), [{ name: 'sky', kind: 'category' }]);
    expect(fitted.inputs[0].missing).toBe('zeros');
    const { values } = fitted.transform(tableOf({ sky: words('fog', null, 'rain') }, 3));
    expect([...values]).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it('refuses what it cannot learn from', () => {
    const table = tableOf({ t: { kind: 'timestamp', values: Float64Array.of(0) }, x: numbers(Number.NaN) }, 1);
    expect(() => fitPreprocessor(table, [{ name: 't', kind: 'numeric' }])).toThrow(
      /t is timestamp, but must be float64/,
    );
    expect(() => fitPreprocessor(table, [{ name: 'x', kind: 'numeric' }])).toThrow(/x has no value/);
    expect(() => fitPreprocessor(table, [{ name: 'z', kind: 'boolean' }])).toThrow(/z is absent/);
    const many = tableOf({ id: words('a', 'b', 'c') }, 3);
    expect(() => fitPreprocessor(many, [{ name: 'id', kind: 'category', maxCategories: 2 }])).toThrow(/3 categories/);
  });
});
