import { describe, expect, it } from 'vitest';
import {
  cellAt,
  columnFromValues,
  columnOf,
  concatTables,
  countMissing,
  schemaOf,
  selectColumns,
  selectRows,
  tableFromRows,
  toRows,
} from './index.js';

const schema = [
  { name: 'date', kind: 'timestamp' },
  { name: 'wind', kind: 'float64' },
  { name: 'weather', kind: 'string' },
  { name: 'wet', kind: 'boolean' },
] as const;

const rows = [
  { date: '2012-01-01', wind: 4.7, weather: 'drizzle', wet: true },
  { date: '2012-01-02', wind: null, weather: 'rain', wet: false },
  { date: '2012-01-03', wind: Number.NaN, weather: null, wet: null },
  { date: '2012-01-04', wind: 1, weather: 'rain' },
];

describe('a table', () => {
  it('keeps missing apart from NaN, and gives rows back as they came', () => {
    const table = tableFromRows(rows, schema);
    const wind = columnOf(table, 'wind');
    expect(countMissing(wind.validity, table.rowCount)).toBe(1);
    expect(cellAt(wind, 1)).toBeNull();
    expect(cellAt(wind, 2)).toBeNaN();
    expect(toRows(table)[3]).toEqual({ date: Date.UTC(2012, 0, 4), wind: 1, weather: 'rain', wet: null });
    expect(schemaOf(table)).toEqual(schema);
  });

  it('selects rows in any order, with repeats, across a validity word of 32 bits', () => {
    const many = tableFromRows(
      Array.from({ length: 70 }, (_, i) => ({ x: i % 3 === 0 ? null : i })),
      [{ name: 'x', kind: 'float64' }],
    );
    const picked = selectRows(many, Int32Array.from([69, 32, 64, 64, 31]));
    expect(toRows(picked).map((row) => row.x)).toEqual([null, 32, 64, 64, 31]);
  });

  it('joins tables whose dictionaries differ', () => {
    const first = tableFromRows(rows.slice(0, 2), schema);
    const second = tableFromRows([...rows.slice(2)].reverse(), schema);
    const joined = concatTables([first, second]);
    expect(toRows(joined).map((row) => row.weather)).toEqual(['drizzle', 'rain', 'rain', null]);
    expect(toRows(joined).map((row) => row.wet)).toEqual([true, false, null, null]);
    expect(selectColumns(joined, ['wet', 'date']).columns.size).toBe(2);
  });

  it('refuses a cell of another type and says where it is', () => {
    expect(() => columnFromValues('float64', [1, '2'], 'wind')).toThrow(
      /wind is float64, but row 1 holds the string 2/,
    );
    expect(() => columnFromValues('timestamp', ['2012-13-45'])).toThrow(/timestamp/);
    expect(() => columnFromValues('timestamp', ['2012-01-01T00:00'])).toThrow(/timestamp/);
  });

  it('refuses tables that do not fit together', () => {
    const one = tableFromRows([{ x: 1 }], [{ name: 'x', kind: 'float64' }]);
    const two = tableFromRows([{ x: 'a' }], [{ name: 'x', kind: 'string' }]);
    expect(() => concatTables([one, two])).toThrow(/float64 in one table and string in another/);
    expect(() => columnOf(one, 'y')).toThrow(/no column y; the table has x/);
  });
});
