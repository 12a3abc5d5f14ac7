import { describe, expect, it } from 'vitest';
import { fitPreprocessor, inferPreprocessSpec } from '../index.js';
import { tableOf } from './parity.fixture.js';

const ROWS = 300;
const list = <T>(make: (i: number) => T) => Array.from({ length: ROWS }, (_, i) => make(i));

const table = tableOf({
  wind: list((i) => (i % 10 === 0 ? null : i % 17)),
  wet: list((i) => i % 3 === 0),
  sky: list((i) => ['clear', 'grey', 'fog'][i % 3]),
  port: list((i) => `port ${i % 100}`),
  note: list((i) => `crew ${i} was late at gate ${i % 40}`),
  order: list((i) => `A-${i}`),
  at: list((i) => new Date(1.6e12 + i * 3.6e6)),
  gone: list(() => null),
});
const names = [...table.columns.keys()];

describe('inferred preprocessing', () => {
  it('suits a linear model: scaled, imputed, one feature per category', () => {
    const { spec, decisions, leftOut } = inferPreprocessSpec(table, names);
    expect(spec.columns).toEqual([
      { name: 'wind', kind: 'numeric', impute: 'median', scale: 'standard', missingIndicator: true },
      { name: 'wet', kind: 'boolean', impute: 'most-frequent' },
      { name: 'sky', kind: 'category', encoding: 'auto' },
      { name: 'port', kind: 'category', encoding: 'auto' },
      { name: 'note', kind: 'text' },
      { name: 'at', kind: 'date', impute: 'most-frequent', cyclical: true, scale: 'standard' },
    ]);
    expect(leftOut).toEqual(['order', 'gone']);
    expect(decisions.map(({ column, choice }) => `${column}: ${choice}`)).toEqual([
      'wind: number, scaled',
      'wet: boolean',
      'sky: category',
      'port: category',
      'note: tf-idf',
      'order: left out',
      'at: date parts as sine and cosine',
      'gone: left out',
    ]);
    expect(decisions[5].reason).toBe('300 of 300 texts differ: a key that names the row');
    expect(decisions[0].reason).toContain('10.0 % missing: imputed, and a feature says where');
  });

  it('suits boosted trees: raw, with gaps and codes, and says what fitting chose', () => {
    const needs = { scale: false, missing: 'accept', categories: 'codes' } as const;
    const { spec } = inferPreprocessSpec(table, names, needs);
    expect(spec.columns.slice(0, 4)).toEqual([
      { name: 'wind', kind: 'numeric', impute: 'none', scale: 'none' },
      // Nothing is missing in training, so a gap that comes later is filled.
      { name: 'wet', kind: 'boolean', impute: 'most-frequent' },
      { name: 'sky', kind: 'category', encoding: 'codes' },
      { name: 'port', kind: 'category', encoding: 'codes' },
    ]);
    const { preprocessor } = fitPreprocessor(table, spec);
    expect([...preprocessor.categoryCounts.slice(0, 4)]).toEqual([0, 0, 4, 101]);
    expect(preprocessor.decisions.at(-1)).toMatchObject({ column: 'at', choice: 'weekday, hour' });
    expect(preprocessor.inputs.map(({ type }) => type)).toEqual([
      'float',
      'float',
      'string',
      'string',
      'string',
      'int64',
    ]);
  });
});
