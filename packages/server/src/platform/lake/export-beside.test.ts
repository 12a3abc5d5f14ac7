import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParquetColumn } from './encode-parquet/parquet-types.js';
import type { Lake } from './lake-types.js';
import { openTestLake } from './testing.js';

let lake: Lake;
let folder: string;
beforeAll(async () => {
  ({ lake, folder } = await openTestLake());
});
afterAll(() => lake.close());

const ROWS = 300_000;
/** Texts that repeat and a list: dictionaries, Bloom filters and nested columns. Few values of `n` have what Bloom filters can rule out. */
const SQL = `SELECT i * 2 AS n, 'w' || (i % 7) AS word, CASE WHEN i % 5 > 0 THEN [i, i + 1] END AS pair, (i / 8)::DECIMAL(9, 3) AS d FROM range(${ROWS}) t(i)`;

const columns = (rows: number): Map<string, ParquetColumn> =>
  new Map([
    ['half', { kind: 'typed', type: 'float', values: Float32Array.from({ length: rows }, (_, i) => i / 2) }],
    ['label', { kind: 'text', dictionary: ['no', 'yes'], codes: Int32Array.from({ length: rows }, (_, i) => i % 2) }],
    [
      'twin',
      {
        ...{ kind: 'typed', type: 'int64', width: 2 },
        values: BigInt64Array.from({ length: 2 * rows }, (_, i) => BigInt(i)),
        present: Uint8Array.from({ length: rows }, (_, i) => Number(i % 3 > 0)),
      },
    ],
  ]);

describe('columns from memory beside a query', () => {
  it('stand in the rows of the query, over many row groups, and conditions on either find theirs', async () => {
    const path = join(folder, 'beside.parquet');
    const written = await lake.exportBeside({ sql: SQL, columns: columns(ROWS), rowCount: ROWS, path });
    expect(written).toEqual({ rows: ROWS, sizeBytes: readFileSync(path).length });
    const source = `read_parquet('${path}', file_row_number = true) JOIN range(${ROWS}) t(i) ON i = file_row_number`;
    const [right] = toRows(
      await lake.query(
        `SELECT count(*) AS n FROM ${source} WHERE n = i * 2 AND word = 'w' || (i % 7) AND pair IS NOT DISTINCT FROM CASE WHEN i % 5 > 0 THEN [i, i + 1] END AND d = (i / 8)::DECIMAL(9, 3) AND half = i / 2 AND label = CASE i % 2 WHEN 0 THEN 'no' ELSE 'yes' END AND twin IS NOT DISTINCT FROM CASE WHEN i % 3 > 0 THEN [2 * i, 2 * i + 1] END`,
      ),
    );
    expect(right).toEqual({ n: ROWS });
    const groups = await lake.query(
      `SELECT count(DISTINCT row_group_id) AS g FROM parquet_metadata('${path}') WHERE path_in_schema = 'half'`,
    );
    expect(toRows(groups)).toEqual([{ g: 3 }]);
    const found = await lake.query(
      `SELECT half FROM read_parquet('${path}') WHERE word = 'w3' AND label = 'yes' AND n > 599900 AND half < 149985`,
    );
    expect(toRows(found).map(({ half }) => half)).toEqual([149_976.5, 149_983.5]);
    expect(toRows(await lake.query(`SELECT half FROM read_parquet('${path}') WHERE word = 'w8'`))).toEqual([]);
  });

  it('give the same bytes again', async () => {
    const paths = ['once', 'again', 'thrice'].map((name) => join(folder, `${name}.parquet`));
    for (const path of paths) await lake.exportBeside({ sql: SQL, columns: columns(ROWS), rowCount: ROWS, path });
    const [once, ...others] = paths.map((path) => readFileSync(path));
    for (const other of others) expect(other.equals(once as Buffer)).toBe(true);
  });

  it('are a file of their own without a query, and keep the columns of a query without rows', async () => {
    const alone = join(folder, 'alone.parquet');
    await lake.exportBeside({ sql: null, columns: columns(10), rowCount: 10, path: alone });
    expect(toRows(await lake.query(`SELECT label, half FROM read_parquet('${alone}')`)).at(-1)).toEqual({
      label: 'yes',
      half: 4.5,
    });
    const none = join(folder, 'none.parquet');
    await lake.exportBeside({ sql: `${SQL} LIMIT 0`, columns: columns(0), rowCount: 0, path: none });
    const described = toRows(await lake.query(`SELECT column_name AS c FROM (DESCRIBE FROM read_parquet('${none}'))`));
    expect(described.map(({ c }) => c)).toEqual(['n', 'word', 'pair', 'd', 'half', 'label', 'twin']);
    expect(toRows(await lake.query(`SELECT n FROM read_parquet('${none}')`))).toEqual([]);
  });

  it('are refused where the query has another number of rows', async () => {
    const request = { sql: `SELECT 1 AS a`, columns: columns(2), rowCount: 2, path: join(folder, 'short.parquet') };
    await expect(lake.exportBeside(request)).rejects.toMatchObject({
      code: 'LAKE_FILE_UNREADABLE',
      message: expect.stringContaining('it has 1 rows where 2 were expected'),
    });
  });
});
