import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLake } from '../create-lake.js';
import type { Lake } from '../lake-types.js';
import { encodeParquet } from './encode-parquet.js';
import type { ParquetColumn } from './parquet-types.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-parquet-'));
let lake: Lake;
let files = 0;
beforeAll(async () => {
  lake = await createLake({ tempFolder: join(folder, 'temp'), allowedFolders: [folder], threads: 1 });
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true, force: true });
});

const doubles = (values: readonly (number | null)[], kind: 'double' | 'boolean' = 'double'): ParquetColumn => ({
  kind,
  values: Float64Array.from(values, (value) => value ?? Number.NaN),
});

function texts(values: readonly (string | null)[]): ParquetColumn {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  return {
    kind: 'text',
    dictionary,
    codes: Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value))),
  };
}

function write(columns: Record<string, ParquetColumn>, options?: Parameters<typeof encodeParquet>[1]): string {
  // The engine remembers files by their path.
  files += 1;
  const path = join(folder, `${files}.parquet`);
  writeFileSync(path, Buffer.concat(encodeParquet(new Map(Object.entries(columns)), options)));
  return path;
}

const readBack = async (columns: Record<string, ParquetColumn>) => toRows(await lake.readParquet([write(columns)]));

describe('a Parquet file made without the engine', () => {
  it('is read by the engine as it was given, nulls, signs and odd texts included', async () => {
    const numbers = [1.5, null, -0, 5e-324, 1.7976931348623157e308, Number.POSITIVE_INFINITY, 0];
    const words = ['a', null, '', 'x"\'☔', 'a', '\u0000', 'é'];
    const flags = [1, 0, null, 1, 1, 0, 0];
    const rows = await readBack({
      n: doubles(numbers),
      t: texts(words),
      f: doubles(flags, 'boolean'),
      none: doubles(numbers.map(() => null)),
    });
    expect(rows.map(({ n }) => n)).toEqual(numbers);
    expect(rows.map(({ t }) => t)).toEqual(words);
    expect(rows.map(({ f }) => f)).toEqual(flags.map((flag) => (flag === null ? null : flag === 1)));
    expect(rows.map(({ none }) => none)).toEqual(numbers.map(() => null));
  });

  it('holds columns whose values repeat in a few bytes', async () => {
    const rows = 5000;
    const numbers = Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? null : (i % 300) / 8));
    const words = Array.from({ length: rows }, (_, i) => `word ${i % 3}`);
    const back = await readBack({ n: doubles(numbers), t: texts(words), one: texts(words.map(() => 'same')) });
    expect(back.map(({ n }) => n)).toEqual(numbers);
    expect(back.map(({ t, one }) => [t, one])).toEqual(words.map((word) => [word, 'same']));
    const bytes = (column: ParquetColumn) => Buffer.concat(encodeParquet(new Map([['c', column]]))).length;
    expect(bytes(doubles(numbers))).toBeLessThan(rows * 2);
    expect(bytes(texts(words.map(() => 'same')))).toBeLessThan(250);
  });

  it('gives any columns back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.option(fc.double({ noNaN: true })), fc.option(fc.string({ unit: 'grapheme' }))), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 40 }),
        async (some, times) => {
          const all = Array.from({ length: times }, () => some).flat();
          const back = await readBack({ n: doubles(all.map(([n]) => n)), t: texts(all.map(([, t]) => t)) });
          expect(back.map(({ n, t }) => [n, t])).toEqual(all);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('holds numbers as they lie in memory with their types, and lists of them', async () => {
    const present = Uint8Array.of(1, 0, 1);
    const path = write({
      bool: { kind: 'typed', type: 'bool', values: Uint8Array.of(1, 0, 0), present },
      float: { kind: 'typed', type: 'float', values: Float32Array.of(0.1, 7, Number.NaN), present },
      double: { kind: 'typed', type: 'double', values: Float64Array.of(0.1, 7, -0) },
      int8: { kind: 'typed', type: 'int8', values: Int8Array.of(-128, 7, 127), present },
      int16: { kind: 'typed', type: 'int16', values: Int16Array.of(-32_768, 7, 32_767) },
      int32: { kind: 'typed', type: 'int32', values: Int32Array.of(-(2 ** 31), 7, 2 ** 31 - 1), present },
      int64: { kind: 'typed', type: 'int64', values: BigInt64Array.of(-(2n ** 63n), 7n, 2n ** 63n - 1n) },
      uint8: { kind: 'typed', type: 'uint8', values: Uint8Array.of(0, 7, 255) },
      uint16: { kind: 'typed', type: 'uint16', values: Uint16Array.of(0, 7, 65_535) },
      uint32: { kind: 'typed', type: 'uint32', values: Uint32Array.of(0, 7, 2 ** 32 - 1), present },
      uint64: { kind: 'typed', type: 'uint64', values: BigUint64Array.of(0n, 7n, 2n ** 64n - 1n) },
      pairs: { kind: 'typed', type: 'int16', values: Int16Array.of(1, 2, 3, 4, 5, 6), width: 2, present },
      flags: { kind: 'typed', type: 'bool', values: Uint8Array.of(1, 0, 1, 1, 0, 0), width: 2 },
      words: { kind: 'text', dictionary: ['a', 'b'], codes: Int32Array.of(1, 0, 0, 0, 1, 1), width: 2, present },
      word: { kind: 'text', dictionary: ['a', 'b'], codes: Int32Array.of(1, 0, 0), present },
    });
    const described = toRows(await lake.query(`SELECT column_type AS t FROM (DESCRIBE FROM read_parquet('${path}'))`));
    expect(described.map(({ t }) => t)).toEqual([
      ...['BOOLEAN', 'FLOAT', 'DOUBLE', 'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT'],
      ...['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'SMALLINT[]', 'BOOLEAN[]', 'VARCHAR[]', 'VARCHAR'],
    ]);
    // As text: numbers of the lake end at 2^53.
    const rows = toRows(await lake.query(`SELECT COLUMNS(*)::VARCHAR FROM read_parquet('${path}')`));
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['true', '0.1', '0.1', '-128', '-32768', '-2147483648', '-9223372036854775808'].concat([
        '0',
        '0',
        '0',
        '0',
        '[1, 2]',
        '[true, false]',
        '[b, a]',
        'b',
      ]),
      [null, null, '7.0', null, '7', null, '7', '7', '7', null, '7', null, '[true, true]', null, null],
      ['false', 'nan', '-0.0', '127', '32767', '2147483647', '9223372036854775807'].concat([
        '255',
        '65535',
        '4294967295',
        '18446744073709551615',
        '[5, 6]',
        '[false, false]',
        '[b, b]',
        'a',
      ]),
    ]);
  });

  it('has row groups of as many rows as was asked, and none without rows', async () => {
    const rows = 1000;
    const columns = {
      n: { kind: 'typed', type: 'int32', values: Int32Array.from({ length: rows * 3 }, (_, i) => i), width: 3 },
      t: texts(Array.from({ length: rows }, (_, i) => (i % 9 === 0 ? null : `word ${i % 4}`))),
    } as const satisfies Record<string, ParquetColumn>;
    const path = write(columns, { groupRows: 300 });
    const groups = await lake.query(
      `SELECT DISTINCT row_group_id AS g, row_group_num_rows AS n FROM parquet_metadata('${path}') ORDER BY g`,
    );
    expect(toRows(groups).map(({ n }) => n)).toEqual([300, 300, 300, 100]);
    const [right] = toRows(
      await lake.query(
        `SELECT count(*) AS n FROM read_parquet('${path}', file_row_number = true) WHERE n[1] = 3 * file_row_number AND n[3] = 3 * file_row_number + 2 AND t IS NOT DISTINCT FROM CASE WHEN file_row_number % 9 > 0 THEN 'word ' || file_row_number % 4 END`,
      ),
    );
    expect(right).toEqual({ n: rows });
    const none = write({ n: { ...columns.n, values: new Int32Array() }, t: texts([]) }, { groupRows: 300 });
    const described = toRows(await lake.query(`SELECT column_type AS t FROM (DESCRIBE FROM read_parquet('${none}'))`));
    expect(described.map(({ t }) => t)).toEqual(['INTEGER[]', 'VARCHAR']);
    expect(toRows(await lake.query(`SELECT count(*) AS n FROM read_parquet('${none}')`))).toEqual([{ n: 0 }]);
  });
});
