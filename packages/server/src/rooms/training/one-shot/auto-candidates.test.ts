import { tableFromRows } from '@fairlead/frame';
import { range } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { autoCandidates, featureWords } from './auto-candidates.js';

const table = tableFromRows(
  Array.from({ length: 400 }, (_, i) => ({
    wind: i % 17,
    port: `port ${i % 80}`,
    sky: ['clear', 'grey', 'fog'][i % 3] ?? '',
    at: new Date(1.6e12 + i * 3.6e6).toISOString(),
  })),
  [
    { name: 'wind', kind: 'float64' },
    { name: 'port', kind: 'string' },
    { name: 'sky', kind: 'string' },
    { name: 'at', kind: 'timestamp' },
  ],
);
const ask = (features: readonly string[], change: Partial<Parameters<typeof autoCandidates>[0]> = {}) =>
  autoCandidates({
    ...{ task: 'classification', rows: range(400), rowCount: 400, table, features, prepared: false },
    ...change,
  });
const variants = (...asked: Parameters<typeof ask>) =>
  ask(...asked)
    .filter(({ needs }) => needs !== undefined)
    .map((one) => `${one.trainer}: ${featureWords(one)}`);

describe('the candidates of an automatic choice', () => {
  it('differ in their features only where the table has columns that this changes', () => {
    expect(variants(['wind', 'sky'])).toEqual([]);
    expect(variants(['wind', 'port'])).toEqual([
      'gradient-boosting: mean of the target per category',
      'logistic-regression: one feature per frequent category',
    ]);
    expect(variants(['wind', 'at'], { task: 'regression' })).toEqual([
      'ridge: time parts as numbers',
      'gradient-boosting: time parts as sine and cosine',
    ]);
    expect(variants(['port', 'at'], { prepared: true })).toEqual([]);
  });

  it('begin with different trainers, so that time that runs out costs variants', () => {
    const differ = ask(['port', 'at']).map(({ needs }) => Number(needs !== undefined));
    expect(differ).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });

  it('learn the quantile that is judged where they can', () => {
    const learned = ask(['wind'], { task: 'regression', quantile: 0.9 }).filter(({ params }) => 'quantile' in params);
    expect(learned.map(({ trainer, params }) => [trainer, params.quantile])).toEqual([
      ['gradient-boosting', 0.9],
      ['gradient-boosting', 0.9],
    ]);
  });
});
