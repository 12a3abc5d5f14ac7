import { cellAt, columnOf } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lake } from './lake-types.js';
import { openTestLake } from './testing.js';

let lake: Lake;
beforeAll(async () => {
  lake = (await openTestLake()).lake;
});
afterAll(() => lake.close());

/** The cells of `expression` beside a missing one of the same type. */
async function cellsOf(expression: string) {
  const table = await lake.query(
    `SELECT * FROM (VALUES (1, ${expression}), (2, NULL), (3, ${expression})) AS t(i, v) ORDER BY i`,
  );
  const column = columnOf(table, 'v');
  expect([cellAt(column, 1), cellAt(column, 2)]).toEqual([null, cellAt(column, 0)]);
  return { kind: column.kind, cell: cellAt(column, 0) };
}

describe('a column of a query', () => {
  const noon = Date.UTC(1969, 6, 20, 12, 30, 15, 250);
  it.each([
    ['(-128)::TINYINT', -128],
    ['(-32768)::SMALLINT', -32768],
    ['(-2147483648)::INTEGER', -2147483648],
    ['255::UTINYINT', 255],
    ['65535::USMALLINT', 65535],
    ['4294967295::UINTEGER', 4294967295],
    ['9007199254740991::BIGINT', Number.MAX_SAFE_INTEGER],
    ['(-9007199254740991)::BIGINT', -Number.MAX_SAFE_INTEGER],
    ['(-1)::BIGINT', -1],
    ['9007199254740991::UBIGINT', Number.MAX_SAFE_INTEGER],
    ['(-9007199254740991)::HUGEINT', -Number.MAX_SAFE_INTEGER],
    ['4294967296::HUGEINT', 4294967296],
    ['7::UHUGEINT', 7],
    ['0.1::FLOAT', Math.fround(0.1)],
    ['0.1::DOUBLE', 0.1],
    ["'NaN'::DOUBLE", Number.NaN],
    ["'-inf'::DOUBLE", Number.NEGATIVE_INFINITY],
    ['(-1.25)::DECIMAL(4,2)', -1.25],
    ['(-12345.67)::DECIMAL(9,2)', -12345.67],
    ['(-1234567890.12)::DECIMAL(18,2)', -1234567890.12],
    ['(-1234567890.12)::DECIMAL(38,2)', -1234567890.12],
    ['42::DECIMAL(18,0)', 42],
  ])('%s is float64', async (expression, cell) => {
    expect(await cellsOf(expression)).toEqual({ kind: 'float64', cell });
  });

  it.each([
    ["DATE '1969-07-20'", Date.UTC(1969, 6, 20)],
    ["TIMESTAMP '1969-07-20 12:30:15.25'", noon],
    ["TIMESTAMPTZ '1969-07-20 14:30:15.25+02'", noon],
    ["'1969-07-20 12:30:15.25'::TIMESTAMP_NS", noon],
    ["'1969-07-20 12:30:15.25'::TIMESTAMP_MS", noon],
    ["'1969-07-20 12:30:15'::TIMESTAMP_S", noon - 250],
  ])('%s is a timestamp in UTC', async (expression, cell) => {
    expect(await cellsOf(expression)).toEqual({ kind: 'timestamp', cell });
  });

  it.each([
    ["'snow ❄ and more than twelve bytes'", 'snow ❄ and more than twelve bytes'],
    ["''", ''],
    ["'sun'::ENUM('rain', 'sun')", 'sun'],
  ])('%s is a string', async (expression, cell) => {
    expect(await cellsOf(expression)).toEqual({ kind: 'string', cell });
  });

  it.each([true, false])('%s is boolean', async (cell) => {
    expect(await cellsOf(String(cell))).toEqual({ kind: 'boolean', cell });
  });

  it.each([
    ['9007199254740992::BIGINT', 'LAKE_UNSAFE_INTEGER'],
    ['(-9223372036854775808)::BIGINT', 'LAKE_UNSAFE_INTEGER'],
    ['18446744073709551615::UBIGINT', 'LAKE_UNSAFE_INTEGER'],
    ['18446744073709551616::HUGEINT', 'LAKE_UNSAFE_INTEGER'],
    ["'infinity'::TIMESTAMP", 'LAKE_UNSAFE_TIMESTAMP'],
    ["'-infinity'::DATE", 'LAKE_UNSAFE_TIMESTAMP'],
    ["'12:30'::TIME", 'LAKE_UNSUPPORTED_TYPE'],
    ['[1, 2]', 'LAKE_UNSUPPORTED_TYPE'],
    ["{'a': 1}", 'LAKE_UNSUPPORTED_TYPE'],
    ["'ab'::BLOB", 'LAKE_UNSUPPORTED_TYPE'],
  ])('%s is refused as %s', async (expression, code) => {
    await expect(lake.query(`SELECT 1 AS ok, ${expression} AS bad`)).rejects.toMatchObject({
      code,
      data: { column: 'bad' },
    });
    expect((await lake.query('SELECT 1 AS still_alive')).rowCount).toBe(1);
  });

  it('keeps values and gaps in place over many chunks', async () => {
    const table = await lake.query(
      `SELECT i::BIGINT AS n, CASE WHEN i % 3 > 0 OR i < 5000 THEN i::DOUBLE END AS gaps,
       CASE WHEN i % 7 > 0 THEN 'text ' || (i % 100) END AS text, i % 2 = 0 AS even
       FROM range(300000) t(i) ORDER BY i`,
    );
    expect(table.rowCount).toBe(300_000);
    const [n, gaps, text, even] = ['n', 'gaps', 'text', 'even'].map((name) => columnOf(table, name));
    let wrong = 0;
    for (let i = 0; i < 300_000; i++) {
      if (cellAt(n!, i) !== i || cellAt(even!, i) !== (i % 2 === 0)) wrong++;
      if (cellAt(gaps!, i) !== (i % 3 > 0 || i < 5000 ? i : null)) wrong++;
      if (cellAt(text!, i) !== (i % 7 > 0 ? `text ${i % 100}` : null)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(n?.validity).toBeUndefined();
    expect(text).toMatchObject({ kind: 'string', dictionary: { length: 100 } });
  });
});
