import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { joinParquet } from './join-parquet.js';
import type { Lake } from './lake-types.js';
import { openTestLake } from './testing.js';

let lake: Lake;
let folder: string;
beforeAll(async () => {
  ({ lake, folder } = await openTestLake());
});
afterAll(() => lake.close());

const rowsOf = async (path: string, sql = 'SELECT *') =>
  toRows(await lake.query(`${sql} FROM read_parquet('${path}')`));

describe('joining Parquet files', () => {
  it('gives the rows of all parts in order, readable by conditions that skip row groups', async () => {
    const parts = [0, 1, 2].map((i) => join(folder, `part-${i}.parquet`));
    // The texts repeat, so that the engine writes dictionaries and Bloom filters, which are found by their place.
    const select = (from: number, to: number) =>
      `SELECT i AS id, 'w' || (i % 7) AS word, CASE WHEN i % 5 > 0 THEN i / 3 END AS third, [i, i + 1] AS pair FROM range(${from}, ${to}) t(i)`;
    await lake.exportParquet(select(0, 130_000), parts[0] as string);
    await lake.exportParquet(select(130_000, 130_001), parts[1] as string);
    await lake.exportParquet(select(130_001, 400_000), parts[2] as string);
    const path = join(folder, 'whole.parquet');
    const written = await joinParquet(parts, path, { who: 'me', 'a key': 'ünïcode' });
    expect(written).toEqual({
      rows: 400_000,
      sizeBytes: readFileSync(path).length,
      digest: createHash('sha256').update(readFileSync(path)).digest('hex'),
    });
    const [same] = toRows(
      await lake.query(
        `SELECT count(*) AS n FROM (SELECT * FROM read_parquet('${path}')) POSITIONAL JOIN (${select(0, 400_000)}) AS t(id2, word2, third2, pair2) WHERE id = id2 AND word = word2 AND third IS NOT DISTINCT FROM third2 AND pair = pair2`,
      ),
    );
    expect(same).toEqual({ n: 400_000 });
    expect(await rowsOf(path, `SELECT word, third`).then((rows) => rows[399_999])).toEqual({
      word: `w${399_999 % 7}`,
      third: 133_333,
    });
    const some = toRows(
      await lake.query(`SELECT id FROM read_parquet('${path}') WHERE word = 'w3' AND id > 399990 AND id < 399999`),
    );
    expect(some).toEqual([{ id: 399_997 - ((399_997 - 3) % 7) }]);
    expect(toRows(await lake.query(`SELECT count(*) AS n FROM read_parquet('${path}') WHERE word = 'w9'`))).toEqual([
      { n: 0 },
    ]);
    const pairs = toRows(
      await lake.query(`SELECT decode(key) AS k, decode(value) AS v FROM parquet_kv_metadata('${path}')`),
    );
    expect(pairs).toEqual([
      { k: 'who', v: 'me' },
      { k: 'a key', v: 'ünïcode' },
    ]);
  });

  it('keeps the columns of a part without rows', async () => {
    const part = join(folder, 'empty.parquet');
    await lake.exportParquet('SELECT 1 AS id WHERE false', part);
    const path = join(folder, 'none.parquet');
    expect((await joinParquet([part], path, {})).rows).toBe(0);
    expect(await rowsOf(path)).toEqual([]);
  });

  it('refuses what is no whole Parquet file, and names it', async () => {
    const part = join(folder, 'torn.parquet');
    await lake.exportParquet('SELECT i FROM range(1000) t(i)', part);
    const bytes = readFileSync(part);
    const torn = [
      bytes.subarray(0, 6),
      bytes.subarray(0, -1),
      Buffer.from('PAR1 something else PAR1'),
      Buffer.alloc(0),
    ];
    for (const content of torn) {
      writeFileSync(part, content);
      await expect(joinParquet([part], join(folder, 'x.parquet'), {})).rejects.toMatchObject({
        code: 'LAKE_FILE_UNREADABLE',
        message: expect.stringContaining(part),
      });
    }
  });
});

describe('scanning', () => {
  it('hands FLOAT on as it is and missing cells as bits', async () => {
    const path = join(folder, 'floats.parquet');
    await lake.exportParquet(
      `SELECT CASE WHEN i % 10 > 0 THEN (i / 7)::FLOAT END AS f, i::DOUBLE AS d FROM range(70000) t(i)`,
      path,
    );
    const seen: Float32Array[] = [];
    let rows = 0;
    await lake.scan(`SELECT f FROM read_parquet('${path}')`, async (batch) => {
      const column = batch.columns.get('f');
      if (column?.kind !== 'float32') throw new Error('no float32');
      expect(((column.validity?.[0] ?? 0) & 1) === 1).toBe(rows % 10 !== 0);
      seen.push(column.values);
      rows += batch.rowCount;
    });
    expect(rows).toBe(70_000);
    const values = seen.flatMap((part) => [...part]);
    expect(values[6999]).toBe(Math.fround(6999 / 7));
  });
});
