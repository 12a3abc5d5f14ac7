import { describe, expect, it } from 'vitest';
import { type ColumnView, createRng, findWorstSlices, normalSurvival, sliceColumns, type TableView } from '../index.js';

/** Loss is noise, except that it rises by one where harbour is "east" and wind is in its top quarter. */
function sample(): { table: TableView; losses: Float64Array } {
  const rng = createRng(2);
  const n = 2000;
  const dictionary = ['east', 'north', 'west'];
  const codes = Int32Array.from({ length: n }, () => rng.int(3));
  const wind = Float64Array.from({ length: n }, () => rng.next());
  const wet = Uint8Array.from({ length: n }, () => rng.int(2));
  const losses = Float64Array.from({ length: n }, (_, i) => {
    return rng.next() + (codes[i] === 0 && wind[i] > 0.75 ? 1 : 0);
  });
  const columns = new Map<string, ColumnView>([
    ['harbour', { kind: 'string', codes, dictionary }],
    ['wind', { kind: 'float64', values: wind }],
    ['wet', { kind: 'boolean', values: wet }],
  ]);
  return { table: { rowCount: n, columns }, losses };
}

describe('the worst slices', () => {
  it('name the two conditions that hurt, with their weight', () => {
    const { table, losses } = sample();
    const found = findWorstSlices(sliceColumns(table, ['harbour', 'wind', 'wet']), losses);
    const [worst] = found.slices;
    expect(worst.conditions[0]).toEqual({ column: 'harbour', value: 'east' });
    expect(worst.conditions[1].column).toBe('wind');
    expect(worst.conditions[1].value).toMatch(/^>= 0\.7/);
    expect(worst.difference).toBeCloseTo(1, 0);
    expect(worst.adjustedPValue).toBeLessThan(1e-6);
    expect(found.overallMeanLoss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 2000, 12);
    // 3 harbours + 4 winds + 2 wets, and their pairs.
    expect(found.tested).toBe(9 + 12 + 6 + 8);
  });

  it('hold their p-value against a plain Welch test on the rows', () => {
    const { table, losses } = sample();
    const found = findWorstSlices(sliceColumns(table, ['harbour']), losses, { maxConditions: 1 });
    const harbour = table.columns.get('harbour');
    const codes = harbour?.kind === 'string' ? harbour.codes : new Int32Array(0);
    const part = losses.filter((_, i) => codes[i] === 0);
    const rest = losses.filter((_, i) => codes[i] !== 0);
    const moments = (values: Float64Array) => {
      const centre = values.reduce((sum, value) => sum + value, 0) / values.length;
      const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
      return { centre, error: squares / (values.length - 1) / values.length };
    };
    const east = found.slices.find((slice) => slice.conditions[0].value === 'east');
    expect(east?.support).toBe(part.length);
    expect(east?.restMeanLoss).toBeCloseTo(moments(rest).centre, 12);
    const welch = (moments(part).centre - moments(rest).centre) / Math.sqrt(moments(part).error + moments(rest).error);
    expect(east?.pValue).toBeCloseTo(normalSurvival(welch), 12);
    expect(east?.difference).toBeCloseTo(moments(part).centre - moments(rest).centre, 12);
  });

  it('raise no alarm on noise, and keep to the support asked for', () => {
    let alarms = 0;
    for (let seed = 0; seed < 50; seed++) {
      const rng = createRng(seed).fork('noise');
      const { table } = sample();
      const losses = Float64Array.from({ length: 2000 }, () => rng.next());
      const { slices } = findWorstSlices(sliceColumns(table, ['harbour', 'wind', 'wet']), losses, { minSupport: 100 });
      for (const slice of slices) expect(slice.support).toBeGreaterThanOrEqual(100);
      if (slices.some((slice) => slice.adjustedPValue <= 0.05)) alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(7);
  });

  it('count missing cells as a value and skip a pair that says what one condition says', () => {
    const table: TableView = {
      rowCount: 80,
      columns: new Map<string, ColumnView>([
        ['a', { kind: 'float64', values: Float64Array.from({ length: 80 }, (_, i) => (i < 40 ? Number.NaN : 1)) }],
        ['b', { kind: 'boolean', values: Uint8Array.from({ length: 80 }, (_, i) => Number(i < 40)) }],
      ]),
    };
    const losses = Float64Array.from({ length: 80 }, (_, i) => (i < 40 ? 1 : 0) + (i % 7) / 100);
    const found = findWorstSlices(sliceColumns(table, ['a', 'b']), losses);
    expect(found.tested).toBe(4);
    expect(found.slices[0].conditions).toEqual([{ column: 'a', value: '(missing)' }]);
  });

  it('of three conditions are all that a plain count finds, with their means', () => {
    const rng = createRng(8);
    const n = 3000;
    const column = (name: string, values: number) => ({
      name,
      codes: Int32Array.from({ length: n }, () => rng.int(values)),
      labels: Array.from({ length: values }, (_, k) => `${name}${k}`),
    });
    const columns = [column('a', 3), column('b', 4), column('c', 2), column('d', 3)];
    const losses = Float64Array.from({ length: n }, (_, i) => {
      return rng.next() + (columns.every(({ codes, name }) => name === 'b' || codes[i] === 1) ? 2 : 0);
    });
    const found = findWorstSlices(columns, losses, { maxConditions: 3, minSupport: 40, limit: 1000 });
    const expected = new Map<string, { rows: number; sum: number }>();
    for (let mask = 1; mask < 16; mask++) {
      const chosen = columns.filter((_, at) => mask & (1 << at));
      if (chosen.length > 3) continue;
      for (let i = 0; i < n; i++) {
        const key = chosen.map(({ codes, labels }) => labels[codes[i]]).join(' ');
        const group = expected.get(key) ?? { rows: 0, sum: 0 };
        expected.set(key, { rows: group.rows + 1, sum: group.sum + losses[i] });
      }
    }
    const supported = [...expected].filter(([, { rows }]) => rows >= 40);
    expect(found.tested).toBe(supported.length);
    for (const { conditions, support, meanLoss } of found.slices) {
      const group = expected.get(conditions.map(({ value }) => value).join(' '));
      expect(support).toBe(group?.rows);
      expect(meanLoss).toBeCloseTo((group?.sum ?? 0) / support, 10);
    }
    expect(found.slices[0].conditions.map(({ value }) => value)).toEqual(['a1', 'c1', 'd1']);
  });
});
