// Bit for bit the same features as onnxruntime-node 1.30 computes from the exported graph.
import { describe, expect, it } from 'vitest';
import { fitPreprocessor, type PreprocessSpec, type PreprocessTarget } from '../index.js';
import { createRng } from '../random/rng.js';
import { differences, featuresByGraph, tableOf } from './parity.fixture.js';

const ROWS = 1500;

/** Rows with a tenth of the cells missing; `served` adds what training never saw. */
function rows(seed: number, served: boolean) {
  const rng = createRng(seed);
  const list = <T>(draw: () => T): (T | null)[] =>
    Array.from({ length: ROWS }, () => {
      const value = draw();
      return rng.next() < 0.1 ? null : value;
    });
  const wild = [
    3.4e38,
    -3.4e38,
    1e-40,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 24 + 1,
  ];
  const extreme = () => wild[rng.int(wild.length)];
  const number = (draw: () => number) => () => (served && rng.next() < 0.05 ? extreme() : draw());
  const odd = ['nowhere', '', 'a\0b', '\ud800x', 'Ä', 'c1 '];
  return tableOf({
    x: list(number(() => rng.normal() * 1000)),
    y: list(number(() => Math.exp(3 * rng.normal()))),
    hour: list(number(() => rng.int(24))),
    flag: list(() => rng.next() < 0.3),
    place: list(() => (served && rng.next() < 0.1 ? odd[rng.int(odd.length)] : `c${Math.floor(40 * rng.next() ** 2)}`)),
    lone: Array.from({ length: ROWS }, () => (rng.next() < 0.5 ? '\udc00é' : 'plain')),
  });
}

const codes = Int32Array.from({ length: ROWS }, (_, i) => (i * 7) % 3);
const target: PreprocessTarget = { kind: 'classes', codes, classCount: 3 };

async function expectParity(spec: PreprocessSpec): Promise<void> {
  const { preprocessor, training } = fitPreprocessor(rows(1, false), spec, { target, seed: 3 });
  expect(training.featureNames).toEqual(preprocessor.featureNames);
  for (const table of [rows(1, false), rows(2, true)]) {
    expect(differences(preprocessor, table, await featuresByGraph(preprocessor, table))).toEqual([]);
  }
}

describe('features in the graph', () => {
  it('of numbers: clipped, imputed, scaled', () =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric', impute: 'mean', clipLower: 0.01, clipUpper: 0.95 },
        { name: 'y', kind: 'numeric', impute: -7.3, scale: 'robust', missingIndicator: true },
        { name: 'hour', kind: 'numeric', impute: 'most-frequent', scale: 'min-max' },
        { name: 'flag', kind: 'boolean', missingIndicator: true },
      ],
    }));

  it('of numbers that keep their gaps', () =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric', impute: 'none', clipUpper: 0.9, scale: 'none' },
        { name: 'y', kind: 'numeric', impute: 'none' },
        { name: 'flag', kind: 'boolean', impute: 'none' },
      ],
    }));

  it('of bins and cycles', () =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric', bins: 7 },
        { name: 'y', kind: 'numeric', bins: 5, binStrategy: 'uniform', binEncoding: 'one-hot' },
        { name: 'hour', kind: 'numeric', period: 24 },
      ],
    }));

  it.each(['one-hot', 'codes', 'frequency', 'target'] as const)('of categories as %s', (encoding) =>
    expectParity({
      columns: [
        { name: 'place', kind: 'category', encoding, minFrequency: 0.02 },
        { name: 'hour', kind: 'category', encoding, scale: 'standard' },
        { name: 'flag', kind: 'category', encoding },
        { name: 'lone', kind: 'category', encoding },
      ],
    }),
  );

  it('of categories with their choices', () =>
    expectParity({
      columns: [
        { name: 'place', kind: 'category', encoding: 'one-hot', maxCategories: 6, drop: 'first', unknown: 'zeros' },
        { name: 'hour', kind: 'category', encoding: 'one-hot', maxCategories: 4 },
        { name: 'lone', kind: 'category', encoding: 'target', smoothing: 10 },
      ],
    }));

  it.each([
    [{ step: 'polynomial', degree: 3 } as const],
    [{ step: 'polynomial', degree: 4, interactionOnly: true } as const],
    [{ step: 'select', method: 'f-test', k: 3 } as const],
    [{ step: 'select', method: 'mutual-information', k: 2 } as const],
    [{ step: 'select', threshold: 0.2 } as const],
    [{ step: 'scale', method: 'robust' } as const],
  ])('after the step %j', (step) =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric' },
        { name: 'y', kind: 'numeric', scale: 'none' },
        { name: 'flag', kind: 'boolean' },
        { name: 'place', kind: 'category', maxCategories: 3 },
      ],
      steps: [step, { step: 'scale' }],
    }),
  );
});

describe('dates in the graph', () => {
  const times = (seed: number, from: number, to: number) => {
    const rng = createRng(seed);
    const edges = [0, -1, 951782400000, 951868799999, 4107542399999, -62135596800000, -2208988800001];
    const at = (i: number) => new Date(i < edges.length ? edges[i] : Math.floor(from + rng.next() * (to - from)));
    return tableOf({ at: Array.from({ length: ROWS }, (_, i) => (i % 11 === 10 ? null : at(i))) as Date[] });
  };
  const parts = ['year', 'month', 'day', 'weekday', 'hour', 'minute', 'day-of-year', 'week', 'is-weekend'] as const;
  const train = times(1, 1.5e12, 1.7e12);
  const served = times(2, -8e13, 8e13);

  it.each([
    { parts, missingIndicator: true, scale: 'standard' },
    { parts, impute: 'none' },
    { parts, cyclical: true },
    { cyclical: true, impute: 'none', scale: 'robust' },
    { impute: 'median' },
  ] as const)('are bit for bit ours with %j', async (options) => {
    const { preprocessor } = fitPreprocessor(train, { columns: [{ name: 'at', kind: 'date', ...options }] });
    expect(preprocessor.inputs).toMatchObject([{ name: 'at', type: 'int64' }]);
    for (const table of [train, served]) {
      expect(differences(preprocessor, table, await featuresByGraph(preprocessor, table))).toEqual([]);
    }
  });

  it('are those of the calendar', () => {
    const { preprocessor } = fitPreprocessor(train, { columns: [{ name: 'at', kind: 'date', parts }] });
    const { values } = preprocessor.transform(served);
    const column = served.columns.get('at');
    if (column?.kind !== 'timestamp') throw new Error('no times');
    for (let row = 0; row < ROWS; row++) {
      if (row % 11 === 10) continue;
      const date = new Date(column.values[row]);
      const weekday = (date.getUTCDay() + 6) % 7;
      const year = date.getUTCFullYear();
      const dayOfYear = Math.round(
        (Date.UTC(2000, date.getUTCMonth(), date.getUTCDate()) - Date.UTC(2000, 0, 1)) / 864e5,
      );
      const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
      const expected = [
        year,
        date.getUTCMonth() + 1,
        date.getUTCDate(),
        weekday,
        date.getUTCHours(),
        date.getUTCMinutes(),
        dayOfYear + 1 - Number(!leap && date.getUTCMonth() > 1),
      ];
      expect(expected.map((_, f) => values[f * ROWS + row])).toEqual(expected);
      expect(values[8 * ROWS + row]).toBe(Number(weekday > 4));
    }
  });

  it('count weeks as ISO 8601 does, and choose the parts that vary', () => {
    const days = ['2020-12-31', '2021-01-03', '2021-01-04', '2024-12-30', '2026-01-01', '2027-01-01', '2008-12-28'];
    const table = tableOf({ at: days.map((day) => new Date(day)) });
    const weeks = fitPreprocessor(table, { columns: [{ name: 'at', kind: 'date', parts: ['week'] }] }).training.values;
    expect([...weeks]).toEqual([53, 53, 1, 1, 1, 53, 52]);
    const { decisions } = fitPreprocessor(table, { columns: [{ name: 'at', kind: 'date' }] }).preprocessor;
    expect(decisions[0].choice).toBe('year, month, weekday');
  });
});

describe('texts in the graph', () => {
  const WORDS = [
    'late',
    'Late',
    'LATE',
    'crew',
    'fog',
    'de-icing',
    'über',
    'Über',
    'ÜBER',
    "it's",
    'x',
    '42',
    '日本',
    'a_b',
  ];
  const SEPARATORS = [' ', '  ', ', ', '\t', '\n', '/', '\u00a0', '. '];
  const texts = (seed: number, words: readonly string[]) => {
    const rng = createRng(seed);
    const text = () =>
      Array.from({ length: rng.int(9) }, () => words[rng.int(words.length)] + SEPARATORS[rng.int(8)]).join('');
    return tableOf({ note: Array.from({ length: ROWS }, (_, i) => (i % 13 === 5 ? null : text())) });
  };
  const train = texts(1, WORDS);
  const served = texts(2, [...WORDS, 'snow', '', 'éa', 'Ǆ', '😀', 'İstanbul', 'a\0b', '\ud800', 'ß']);
  const nothing = tableOf({ note: ['', null, '- . -', '!'] });

  it.each([
    {},
    { lowercase: false, ngramMax: 3, maxFeatures: 50 },
    { ngramMin: 2, ngramMax: 2, minFrequency: 5 },
    { tokens: 'characters', ngramMin: 1, ngramMax: 3, maxFeatures: 300 },
    { method: 'hashing', buckets: 64 },
    { method: 'hashing', ngramMin: 2, ngramMax: 3, lowercase: false },
    { method: 'hashing', tokens: 'characters', ngramMin: 1, ngramMax: 4, buckets: 1024 },
  ] as const)('are ours with %j', async (options) => {
    const { preprocessor } = fitPreprocessor(train, { columns: [{ name: 'note', kind: 'text', ...options }] });
    for (const table of [train, served, nothing]) {
      expect(differences(preprocessor, table, await featuresByGraph(preprocessor, table))).toEqual([]);
    }
  });
});
