import { type Cell, tableFromRows } from '@fairlead/frame';
import { createRng } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { chooseReference, thinRows } from '../check/reference-rules.js';
import { effectiveRatioOf, seriesOf } from './dependence-rules.js';
import { driftReport } from './drift-report.js';
import { dayOfYear, describeSeason, inSeason, parseTimeMs, seasonOf } from './season-rules.js';

const day = (text: string) => Date.parse(text);
const daysFrom = (text: string, count: number) =>
  Float64Array.from({ length: count }, (_, i) => day(text) + i * 86_400_000);

describe('the season of a window', () => {
  it('runs over new year and takes half a month on both sides', () => {
    const season = seasonOf(daysFrom('2015-12-20', 30));
    expect(describeSeason(season)).toBe('5 Dec – 2 Feb');
    expect(inSeason(season, day('2012-01-01'))).toBe(true);
    expect(inSeason(season, day('2012-12-06'))).toBe(true);
    expect(inSeason(season, day('2012-07-01'))).toBe(false);
    expect(inSeason(season, day('2012-02-10'))).toBe(false);
  });

  it('is the whole year for times all over it, and a month around a single day', () => {
    expect(seasonOf(daysFrom('2015-01-01', 365)).lengthDays).toBe(366);
    expect(seasonOf([day('2015-06-15')]).lengthDays).toBe(31);
    expect(dayOfYear(day('2016-12-31'))).toBe(365);
    expect(dayOfYear(day('2015-12-31'))).toBe(365);
  });

  const at = (timesMs: Float64Array, entities: readonly string[] | null = null) => ({ timesMs, entities });

  it('gives way to all training rows where it has too few, and says why', () => {
    const training = { rowCount: 200, timesMs: daysFrom('2014-01-01', 200), entities: null };
    const chosen = chooseReference('same-season', training, at(daysFrom('2015-10-01', 20)));
    expect(chosen.rows).toHaveLength(200);
    expect(chosen.text).toBe('all 200 training rows: only 0 are of the same season (16 Sept – 4 Nov)');
    const timeless = { ...training, timesMs: null };
    expect(chooseReference('same-season', timeless, at(daysFrom('2015-10-01', 9))).text).toContain('no time column');
    expect(chooseReference('same-season', training, at(daysFrom('2015-03-01', 90))).rows).toHaveLength(119);
  });

  it('takes the rows of the window’s entities where training knows them, and all of them where it does not', () => {
    const times = daysFrom('2013-01-01', 700);
    const entities = Array.from(times, (_, i) => (i % 2 === 0 ? 'Seattle' : 'New York'));
    const training = { rowCount: 700, timesMs: times, entities };
    const choose = (...asked: string[]) =>
      chooseReference('same-season', training, at(daysFrom('2015-03-01', 90), asked));
    expect(choose('New York').text).toBe('119 training rows of the same season (15 Feb – 13 Jun) and of New York');
    expect(choose('New York').rows.every((row) => row % 2 === 1)).toBe(true);
    for (const asked of [['Boston'], ['Boston', 'Seattle'], ['Seattle', 'New York'], []]) {
      expect(choose(...asked).rows).toHaveLength(238);
    }
  });

  it('reads the time as a caller may send it', () => {
    expect(['2015-01-02', '2015-01-02T00:00:00Z', 1_420_156_800_000, '1420156800000'].map(parseTimeMs)).toEqual(
      Array(4).fill(day('2015-01-02')),
    );
    expect([null, 'soon', true, Number.NaN, ''].map(parseTimeMs)).toEqual(Array(5).fill(null));
  });
});

const numbers = (values: ArrayLike<number>) => ({ kind: 'float64' as const, values: Float64Array.from(values) });
const one = (n: number) => [Int32Array.from({ length: n }, (_, i) => i)];

/** x ← ρx + noise. */
function autoregressive(n: number, rho: number, seed: number): Float64Array {
  const rng = createRng(seed);
  let x = 0;
  return Float64Array.from({ length: n }, () => {
    x = rho * x + rng.normal();
    return x;
  });
}

describe('the number of independent rows', () => {
  it('is every row of noise and (1−ρ)/(1+ρ) of a process with memory', () => {
    expect(effectiveRatioOf(numbers(autoregressive(20_000, 0, 1)), one(20_000))).toBeGreaterThan(0.9);
    expect(effectiveRatioOf(numbers(autoregressive(20_000, 0.5, 2)), one(20_000))).toBeCloseTo(1 / 3, 1);
    expect(effectiveRatioOf(numbers(autoregressive(20_000, 0.8, 3)), one(20_000))).toBeCloseTo(1 / 9, 1);
  });

  it('never falls below a twentieth, and a constant or an alternating column counts in full', () => {
    expect(effectiveRatioOf(numbers(Float64Array.from({ length: 500 }, (_, i) => i)), one(500))).toBe(0.05);
    expect(effectiveRatioOf(numbers(new Float64Array(50)), one(50))).toBe(1);
    expect(effectiveRatioOf(numbers(Float64Array.from({ length: 50 }, (_, i) => i % 2)), one(50))).toBe(1);
  });

  it('follows each entity by itself where rows of several are interleaved', () => {
    const [a, b] = [autoregressive(5_000, 0.8, 4), autoregressive(5_000, 0.8, 5)];
    const mixed = numbers(Float64Array.from({ length: 10_000 }, (_, i) => (i % 2 === 0 ? a : b)[i >> 1] as number));
    const rows = Array.from({ length: 10_000 }, (_, i) => ({ place: i % 2 === 0 ? 'a' : 'b' }));
    const series = seriesOf(tableFromRows(rows, [{ name: 'place', kind: 'string' }]), ['place', 'absent']);
    expect(series.map(({ length }) => length)).toEqual([5_000, 5_000]);
    expect(effectiveRatioOf(mixed, series)).toBeCloseTo(1 / 9, 1);
    expect(effectiveRatioOf(mixed, one(10_000))).toBeGreaterThan(0.5);
  });

  it('is kept by thinning, which takes stretches of neighbours', () => {
    const thin = thinRows(
      Int32Array.from({ length: 100_000 }, (_, i) => i),
      5_000,
    );
    expect([thin.length, thin[0], thin[99], thin.at(-1)]).toEqual([5_000, 0, 99, 99_999]);
  });
});

describe('a report on two tables', () => {
  const table = (rows: readonly Readonly<Record<string, Cell>>[]) =>
    tableFromRows(rows, [
      { name: 'x', kind: 'float64' },
      { name: 'sky', kind: 'string' },
      { name: 'wet', kind: 'boolean' },
      { name: 'at', kind: 'timestamp' },
    ]);
  const rng = createRng(6);
  const row = (shift: number, sky: string) => ({ x: rng.normal() + shift, sky, wet: rng.next() < 0.5, at: 0 });
  const reference = table(Array.from({ length: 400 }, (_, i) => row(0, i % 100 === 0 ? 'snow' : 'sun')));

  it('finds nothing where nothing changed', () => {
    const same = driftReport(
      reference,
      table(Array.from({ length: 200 }, (_, i) => row(0, i % 100 === 0 ? 'snow' : 'sun'))),
    );
    expect(same).toMatchObject({ verdict: 'no-drift', drifted: { columns: 0, judged: 3 }, referenceRows: 400 });
    expect(same.skipped).toEqual([{ column: 'at', reason: 'a timestamp always moves' }]);
  });

  it('says what moved, by how much, and what was never seen', () => {
    const moved = Array.from({ length: 200 }, (_, i) => ({
      ...row(1.5, i % 4 === 0 ? 'snow' : i % 20 === 1 ? 'hail' : 'sun'),
      ...(i % 10 === 0 && { wet: null }),
    }));
    const found = driftReport(reference, table(moved));
    const of = (name: string) => found.columns.find(({ column }) => column === name);
    expect(found).toMatchObject({ verdict: 'drift', drifted: { columns: 3, judged: 3 } });
    expect(of('x')?.drift).toMatchObject({ test: 'kolmogorov-smirnov', effectName: 'wasserstein', verdict: 'drift' });
    expect(of('x')?.drift.evidence).toMatch(/\(\+1\.\d sd\)$/);
    expect(of('x')?.outOfRange).toBeGreaterThan(0);
    expect(of('sky')).toMatchObject({ unseen: 10, missing: 0 });
    expect(of('sky')?.drift.evidence).toBe('sun 99 % → 70 %, snow 1 % → 25 %');
    expect(of('wet')).toMatchObject({ missing: 20 });
    expect(of('wet')?.drift.evidence).toContain('missing 0 % → 10 %');
  });

  it('judges nothing on a handful of rows', () => {
    const few = driftReport(reference, table(Array.from({ length: 10 }, () => row(9, 'hail'))));
    expect(few).toMatchObject({ verdict: 'insufficient', drifted: { columns: 0, judged: 0 } });
    expect(few.columns[0]?.drift.evidence).toMatch(/^10 of the 30 rows that are needed; mean /);
  });

  it('refuses a column that one of the tables does not have', () => {
    expect(() => driftReport(reference, reference, { columns: ['y'] })).toThrow(/y/);
  });
});
