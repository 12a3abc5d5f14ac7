import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnFromValues, createTable, type Table, toRows } from '@fairlead/frame';
import { afterEach, describe, expect, it } from 'vitest';
import { workerEntry } from '../compute/index.js';
import type { Lake } from './lake-types.js';
import { quoteIdentifier, quoteLiteral } from './sql-text.js';
import { openTestLake } from './testing.js';

const lakes: Lake[] = [];
const open: typeof openTestLake = async (options) => {
  const opened = await openTestLake(options);
  lakes.push(opened.lake);
  return opened;
};
afterEach(async () => {
  await Promise.all(lakes.splice(0).map((lake) => lake.close()));
});

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const mixed = (rows: number): Table => {
  const index = Array.from({ length: rows }, (_, i) => i);
  return createTable([
    [
      'value',
      columnFromValues(
        'float64',
        index.map((i) => (i % 11 === 3 ? null : i % 13 === 0 ? Number.NaN : i / 7)),
      ),
    ],
    [
      'odd "name"',
      columnFromValues(
        'string',
        index.map((i) => (i % 17 === 0 ? null : `it's ${i % 1000}`)),
      ),
    ],
    [
      'flag',
      columnFromValues(
        'boolean',
        index.map((i) => (i % 19 === 0 ? null : i % 2 === 0)),
      ),
    ],
    [
      'at',
      columnFromValues(
        'timestamp',
        index.map((i) => (i % 23 === 0 ? null : -1e12 + i * 1500)),
      ),
    ],
  ]);
};

describe('a lake', () => {
  it('answers with columns and takes parameters', async () => {
    const { lake } = await open();
    const table = await lake.query(
      `SELECT ? AS text, ? AS whole, ? AS part, ? AS flag, ?::VARCHAR AS gap, ? AS at, ?::HUGEINT AS big`,
      ["it's", 7, 0.5, true, null, new Date(1_700_000_000_123), 12n],
    );
    expect(toRows(table)).toEqual([
      { text: "it's", whole: 7, part: 0.5, flag: true, gap: null, at: 1_700_000_000_123, big: 12 },
    ]);
    expect((await lake.query('SELECT * FROM range(10) LIMIT ?', [3])).rowCount).toBe(3);
    const empty = await lake.query('SELECT 1 AS a WHERE false');
    expect([empty.rowCount, [...empty.columns.keys()]]).toEqual([0, ['a']]);
  });

  it('names what is wrong with a query', async () => {
    const { lake, folder } = await open();
    await expect(lake.query('SELECT nonsense')).rejects.toMatchObject({
      code: 'LAKE_QUERY_FAILED',
      message: expect.stringContaining('nonsense'),
    });
    const absent = join(folder, 'absent.parquet');
    await expect(lake.readParquet([absent])).rejects.toMatchObject({ code: 'LAKE_FILE_UNREADABLE' });
    writeFileSync(absent, 'no parquet at all');
    await expect(lake.readParquet([absent])).rejects.toMatchObject({ status: 422 });
  });

  it('keeps temporary tables within a session and rejects of a CSV readable there', async () => {
    const { lake, folder } = await open();
    const path = join(folder, 'dirty.csv');
    writeFileSync(path, 'day,rain\n2012-01-01,1.5\n2012-01-02,wet\n2012-01-03,0\n');
    const outcome = await lake.session(async (session) => {
      await session.execute(
        `CREATE TEMP TABLE good AS FROM read_csv(${quoteLiteral(path)}, header=true, columns={'day':'DATE','rain':'DOUBLE'},
         store_rejects=true, rejects_limit=0)`,
      );
      const good = await session.query('SELECT rain FROM good ORDER BY day');
      return {
        good,
        rejects: await session.query('SELECT line, column_name, error_type, csv_line FROM reject_errors'),
      };
    });
    expect(toRows(outcome.good)).toEqual([{ rain: 1.5 }, { rain: 0 }]);
    expect(toRows(outcome.rejects)).toEqual([
      { line: 3, column_name: 'rain', error_type: 'CAST', csv_line: '2012-01-02,wet' },
    ]);
    await expect(lake.query('SELECT * FROM good')).rejects.toMatchObject({ code: 'LAKE_QUERY_FAILED' });
  });

  it('runs more queries than it has connections', async () => {
    const { lake } = await open({ connections: 2 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => lake.query('SELECT sum(i) + ? AS s FROM range(100000) t(i)', [i])),
    );
    expect(answers.map((table) => toRows(table)[0]?.s)).toEqual(
      Array.from({ length: 20 }, (_, i) => 4_999_950_000 + i),
    );
  });

  it('interrupts a running query and takes out a waiting one', async () => {
    const { lake } = await open({ connections: 1 });
    const running = new AbortController();
    const waiting = new AbortController();
    const endless = lake.query(
      'SELECT count(*) AS n FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 77',
      [],
      { signal: running.signal },
    );
    const behind = lake.query('SELECT 1 AS one', [], { signal: waiting.signal });
    const last = lake.query('SELECT 2 AS two');
    waiting.abort(new Error('second gone'));
    await expect(behind).rejects.toThrow('second gone');
    setTimeout(() => running.abort(new Error('first gone')), 50);
    await expect(endless).rejects.toThrow('first gone');
    expect(toRows(await last)).toEqual([{ two: 2 }]);
  });

  it('refuses everything after its end', async () => {
    const { lake } = await open();
    const last = lake.query('SELECT 1 AS a');
    await last;
    await lake.close();
    await expect(lake.query('SELECT 1')).rejects.toMatchObject({ code: 'LAKE_CLOSED' });
  });

  it('does not load the engine before the first query', () => {
    const code = `
      const { createLake } = await import(${JSON.stringify(workerEntry(import.meta.url, 'index.js').href)});
      const lake = await createLake({ tempFolder: '/nonexistent', allowedFolders: [] });
      const { createRequire } = await import('node:module');
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('duckdb'));
      await lake.close();
      console.log(JSON.stringify(loaded));`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(child.stderr).toBe('');
    expect(JSON.parse(child.stdout)).toEqual([]);
  });
});

describe('what SQL may touch', () => {
  it('is only what lies under the allowed folders', async () => {
    const { lake, folder } = await open();
    const beside = `${folder}-beside`;
    mkdirSync(beside);
    writeFileSync(join(beside, 'secret.csv'), 'a\n1\n');
    writeFileSync(join(folder, 'open.csv'), 'a\n1\n');
    expect((await lake.query(`FROM read_csv(${quoteLiteral(join(folder, 'open.csv'))})`)).rowCount).toBe(1);
    for (const path of [join(beside, 'secret.csv'), `${folder}/../data-beside/secret.csv`, '/etc/passwd']) {
      await expect(lake.query(`FROM read_csv(${quoteLiteral(path)})`), path).rejects.toMatchObject({
        code: 'LAKE_PATH_REFUSED',
      });
    }
    const out = join(beside, 'out.parquet');
    await expect(lake.writeParquet(mixed(3), out)).rejects.toMatchObject({ code: 'LAKE_PATH_REFUSED' });
    await expect(lake.execute(`ATTACH ${quoteLiteral(join(beside, 'x.db'))} AS x`)).rejects.toMatchObject({
      code: 'LAKE_PATH_REFUSED',
    });
  });

  it('contains no address, no extension and no setting', async () => {
    const { lake } = await open();
    for (const sql of [
      "FROM read_parquet('s3://bucket/file.parquet')",
      "FROM read_csv('http://127.0.0.1:9/x.csv')",
      'INSTALL httpfs',
      'LOAD httpfs',
      'SET enable_external_access = true',
      "SET allowed_directories = ['/']",
      "SET memory_limit = '100GB'",
      'RESET lock_configuration',
    ]) {
      await expect(lake.execute(sql), sql).rejects.toMatchObject({ fault: 'user' });
    }
  });

  it('still lets large work spill to the temporary folder', async () => {
    const { lake } = await open({ memoryLimitBytes: 60_000_000, threads: 1 });
    const table = await lake.query(
      'SELECT count(*) AS n FROM (SELECT i, hash(i) AS h FROM range(6000000) t(i) ORDER BY h LIMIT 5999999 OFFSET 1)',
    );
    expect(toRows(table)).toEqual([{ n: 5_999_999 }]);
  });

  it('does not follow a symbolic link out of an allowed folder, but takes one as an allowed folder', async () => {
    const { lake, folder } = await open();
    const target = `${folder}-target`;
    mkdirSync(target);
    writeFileSync(join(target, 'a.csv'), 'a\n1\n');
    const link = join(folder, 'link');
    symlinkSync(target, link);
    const sql = `FROM read_csv(${quoteLiteral(join(link, 'a.csv'))})`;
    await expect(lake.query(sql)).rejects.toMatchObject({ code: 'LAKE_PATH_REFUSED' });
    const other = await open({ allowedFolders: [link] });
    expect((await other.lake.query(sql)).rowCount).toBe(1);
  });
});

describe('Parquet', () => {
  it('gives back every column, gap, NaN and name', async () => {
    const { lake, folder } = await open();
    const table = mixed(5000);
    const path = join(folder, 'mixed.parquet');
    const written = await lake.writeParquet(table, path, { metadata: { version: 'v1', "it's": 'q"d' } });
    expect(written).toEqual({ rows: 5000, sizeBytes: readFileSync(path).byteLength });
    expect(toRows(await lake.readParquet([path]))).toEqual(toRows(table));

    const part = await lake.readParquet([path, path], { columns: ['flag', 'odd "name"'], where: 'value < 3' });
    expect([...part.columns.keys()]).toEqual(['flag', 'odd "name"']);
    expect(part.rowCount).toBeGreaterThan(10);
    const metadata = await lake.query(
      `SELECT decode(key) AS k, decode(value) AS v FROM parquet_kv_metadata(${quoteLiteral(path)}) ORDER BY k`,
    );
    expect(toRows(metadata)).toEqual([
      { k: "it's", v: 'q"d' },
      { k: 'version', v: 'v1' },
    ]);
    expect((await lake.readParquet([])).rowCount).toBe(0);
  });

  it('holds tables without rows and refuses tables without columns', async () => {
    const { lake, folder } = await open();
    const path = join(folder, 'empty.parquet');
    await lake.writeParquet(mixed(0), path);
    const back = await lake.readParquet([path]);
    expect([back.rowCount, [...back.columns.values()].map((column) => column.kind)]).toEqual([
      0,
      ['float64', 'string', 'boolean', 'timestamp'],
    ]);
    await expect(lake.writeParquet(createTable([]), path)).rejects.toMatchObject({ code: 'LAKE_QUERY_FAILED' });
  });

  it('has the same bytes for the same table, whatever the number of threads and whoever else is at work', async () => {
    const one = await open({ threads: 1 });
    const many = await open({ threads: 4 });
    const table = mixed(400_000);
    const digests: string[] = [];
    for (const { lake, folder } of [one, many, many]) {
      const path = join(folder, 'table.parquet');
      const noise = lake.query('SELECT sum(hash(i) % 100) AS s FROM range(5000000) t(i)');
      await lake.writeParquet(table, path, {
        metadata: digests.length % 2 ? { b: '2', a: '1' } : { a: '1', b: '2' },
      });
      await noise;
      digests.push(sha256(path));
    }
    expect(new Set(digests).size).toBe(1);
  });
});

describe('an exported query', () => {
  it('has the same bytes whatever the number of threads, where a plain COPY has not', async () => {
    const digests = new Set<string>();
    let csv = 'i,x,t,d\n';
    for (let i = 0; i < 600_000; i++) csv += `${i},${i / 7},text ${i % 977},2012-01-${10 + (i % 18)}\n`;
    for (const threads of [1, 2, 3, 8]) {
      const { lake, folder } = await open({ threads, memoryLimitBytes: 500_000_000 });
      writeFileSync(join(folder, 'a.csv'), csv);
      const sql = `SELECT *, (i % 100)::DECIMAL(9,2) AS price FROM read_csv(${quoteLiteral(join(folder, 'a.csv'))}, header=true,
        columns={'i':'BIGINT','x':'DOUBLE','t':'VARCHAR','d':'DATE'}, store_rejects=true, rejects_limit=0)`;
      const path = join(folder, 'a.parquet');
      expect((await lake.exportParquet(sql, path, { metadata: { from: 'csv' } })).rows).toBe(600_000);
      digests.add(sha256(path));
      const again = join(folder, 'again.parquet'); // the same rows from another format, cut into other chunks
      await lake.exportParquet(`SELECT * FROM read_parquet(${quoteLiteral(path)})`, again, {
        metadata: { from: 'csv' },
      });
      digests.add(sha256(again));
      const order = await lake.query(
        `SELECT count(*) AS wrong FROM (SELECT i, row_number() OVER () - 1 AS n FROM read_parquet(${quoteLiteral(path)})) WHERE i <> n`,
      );
      expect(toRows(order)).toEqual([{ wrong: 0 }]);
    }
    expect(digests.size).toBe(1);
  });

  it('sees the temporary tables of its session, takes parameters and keeps the types', async () => {
    const { lake, folder } = await open();
    const path = join(folder, 'part.parquet');
    const written = await lake.session(async (session) => {
      await session.execute(
        "CREATE TEMP TABLE kept AS SELECT i, DATE '2012-01-01' + i::INTEGER AS day, [i] AS list FROM range(5) t(i)",
      );
      return session.exportParquet('SELECT * FROM kept WHERE i > ? ORDER BY i', path, { params: [2] });
    });
    expect(written.rows).toBe(2);
    expect(
      toRows(
        await lake.query(`SELECT typeof(day) AS day, typeof(list) AS list, i FROM read_parquet(${quoteLiteral(path)})`),
      ),
    ).toEqual([
      { day: 'DATE', list: 'BIGINT[]', i: 3 },
      { day: 'DATE', list: 'BIGINT[]', i: 4 },
    ]);
  });

  it('can be aborted and names what is wrong', async () => {
    const { lake, folder } = await open();
    const path = join(folder, 'never.parquet');
    const abort = new AbortController();
    const endless = lake.exportParquet('SELECT a.range AS x FROM range(10000000) a, range(10000000) b', path, {
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(new Error('no longer wanted')), 50);
    await expect(endless).rejects.toThrow('no longer wanted');
    expect(existsSync(path)).toBe(false);
    await expect(lake.exportParquet('SELECT nonsense', path)).rejects.toMatchObject({ code: 'LAKE_QUERY_FAILED' });
    await expect(lake.exportParquet('SELECT 1 AS a', '/etc/x.parquet')).rejects.toMatchObject({
      code: 'LAKE_PATH_REFUSED',
    });
  });
});

describe('SQL text', () => {
  it('is quoted so that any name and any string stand for themselves', async () => {
    const { lake } = await open();
    for (const text of ['plain', `a"b'c`, '"; DROP TABLE x; --', "'; --", 'snow ❄\nnext line']) {
      const table = await lake.query(`SELECT ${quoteLiteral(text)} AS ${quoteIdentifier(text)}`);
      expect(toRows(table)).toEqual([{ [text]: text }]);
    }
  });
});
