import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { columnOf, toRows } from '@fairlead/frame';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { context, openTestHome, type TestHome, WEATHER_CSV } from './data.fixture.js';
import type { DatasetSpec, IngestResult } from './data-types.js';

let home: TestHome;
beforeEach(async () => {
  home = await openTestHome();
});
afterEach(() => home.dispose());

async function ingest(spec: DatasetSpec): Promise<IngestResult> {
  await home.data.declare(context, 'd', spec);
  return home.data.ingest(context, { dataset: 'd' });
}
const rowsOf = async (result: IngestResult) => toRows(await home.data.readVersion(result.version?.id ?? ''));

describe('JSON lines', () => {
  const columns: DatasetSpec['source']['columns'] = {
    id: { type: 'integer', required: true },
    wind: { type: 'number', from: 'w/s' },
    wet: { type: 'boolean' },
    at: { type: 'timestamp' },
    city: { type: 'string' },
  };

  it('are read with the types of JSON: nothing in quotes is a number, times are ISO text or epoch milliseconds', async () => {
    const lines = [
      '{"id": 1, "w/s": 2.5, "wet": true, "at": "2020-01-01T00:00:00+02:00", "city": "Turku"}',
      '',
      '{"id": 2, "at": 1577836800000}',
      '{"id": "3"}',
      '{"id": 4.5}',
      '{"id": 5, "wet": 1, "city": ["x"]}',
      'not json',
      '[1]',
      '{"w/s": 1}',
    ];
    home.write('a.jsonl', lines.join('\n'));
    const result = await ingest({ source: { path: 'a.jsonl', columns }, maxRejectedRatio: 1 });
    expect(result.delivery).toMatchObject({ receivedRows: 8, acceptedRows: 2, rejectedRows: 6 });
    expect(await rowsOf(result)).toEqual([
      { id: 1, wind: 2.5, wet: true, at: Date.UTC(2019, 11, 31, 22), city: 'Turku' },
      { id: 2, wind: null, wet: null, at: 1_577_836_800_000, city: null },
    ]);
    const bad = await home.data.quarantine(result.delivery.id, { limit: 10, offset: 0 });
    expect(bad.map((row) => [row.line, row.reasons.map((reason) => reason.code).join()])).toEqual([
      [4, 'CAST'],
      [5, 'CAST'],
      [6, 'CAST,CAST'],
      [7, 'BAD_JSON'],
      [8, 'BAD_JSON'],
      [9, 'MISSING_REQUIRED'],
    ]);
    expect(bad[0]).toMatchObject({ raw: '{"id": "3"}', reasons: [{ message: 'id "3" is not an integer' }] });
  });
});

describe('Parquet', () => {
  it('is read with its own types, and its bad rows are kept as JSON', async () => {
    const path = await home.objects.stagingPath('.parquet');
    await home.deps.lake.exportParquet(
      `select i::int as id, i / 2.0 as half, timestamptz '2020-01-01 00:00:00+00' + to_hours(i) as at, case when i = 3 then 'nan'::float else i end as x from range(5) t(i)`,
      path,
    );
    home.write('a.parquet', readFileSync(path));
    const columns: DatasetSpec['source']['columns'] = {
      id: { type: 'integer', max: 3 },
      at: { type: 'timestamp' },
      x: { type: 'number' },
    };
    const result = await ingest({ source: { path: 'a.parquet', columns }, maxRejectedRatio: 0.5 });
    expect(result.delivery).toMatchObject({ acceptedRows: 3, rejectedRows: 2, ignoredColumns: ['half'] });
    expect((await rowsOf(result))[2]).toEqual({ id: 2, at: Date.UTC(2020, 0, 1, 2), x: 2 });
    const bad = await home.data.quarantine(result.delivery.id, { limit: 10, offset: 0 });
    expect(bad.map((row) => [row.line, row.reasons[0]?.code])).toEqual([
      [4, 'CAST'],
      [5, 'ABOVE_MAX'],
    ]);
    expect(JSON.parse(bad[1]?.raw ?? '')).toMatchObject({ id: 4, half: 2 });
  });

  it('that is cut off is refused with a code', async () => {
    home.write('broken.parquet', 'PAR1 and no more');
    await expect(ingest({ source: { path: 'broken.parquet' } })).rejects.toMatchObject({
      code: 'DATA_SOURCE_UNREADABLE',
    });
  });
});

describe('a folder', () => {
  it('is all its files of one format in the order of their names, columns found by name', async () => {
    mkdirSync(join(home.folder, 'days'));
    home.write('days/b.csv', 'y,x\nfour,4\n');
    home.write('days/a.csv', 'x,y\n1,one\n2,two\nbad\n');
    home.write('days/notes.txt', 'not data');
    const result = await ingest({
      source: { path: 'days', columns: { x: { type: 'integer' }, y: { type: 'string' } } },
      maxRejectedRatio: 0.3,
    });
    expect(await rowsOf(result)).toEqual([
      { x: 1, y: 'one' },
      { x: 2, y: 'two' },
      { x: 4, y: 'four' },
    ]);
    expect(result.delivery.sourceFiles.map((file) => file.name)).toEqual(['a.csv', 'b.csv']);
    expect(await home.data.quarantine(result.delivery.id, { limit: 1, offset: 0 })).toMatchObject([
      { file: 'a.csv', line: 4 },
    ]);
  });
});

describe('an inferred schema', () => {
  it('is proposed from the values, fixed by the first delivery, and binds the next', async () => {
    const lines = readFileSync(WEATHER_CSV, 'utf8').split('\n');
    lines[5] = 'Seattle,2012-01-05,dry,8.9,2.8,6.1,rain';
    home.write('w.csv', lines.join('\n'));
    const result = await ingest({ source: { path: 'w.csv' }, time: 'date' });
    expect(result.version?.columns).toEqual([
      { name: 'location', type: 'string' },
      { name: 'date', type: 'timestamp' },
      { name: 'precipitation', type: 'number' },
      { name: 'temp_max', type: 'number' },
      { name: 'temp_min', type: 'number' },
      { name: 'wind', type: 'number' },
      { name: 'weather', type: 'string' },
    ]);
    expect(result.delivery.reasons).toEqual({ CAST: 1 });
    const dataset = await home.data.get('d');
    expect(dataset.inferredColumns?.wind).toEqual({ type: 'number' });
    expect(dataset.contractDigest).toBe(result.version?.contractDigest);
    home.write('x.csv', `${lines[0]}\nOslo,2012-01-01,1,2,3,strong,rain\n`);
    const next = await home.data.ingest(context, { dataset: 'd', source: { path: 'x.csv' } });
    expect(next.delivery).toMatchObject({ outcome: 'refused', reasons: { CAST: 1 } });
    expect((await home.data.ingest(context, { dataset: 'd' })).delivery.outcome).toBe('unchanged');
  });

  it('keeps codes with leading zeros as text and whole numbers as integers', async () => {
    home.write('c.csv', 'code;n;flag;none\n007;1;true;\n010;2;false;\n');
    const result = await ingest({ source: { path: 'c.csv' } });
    expect(result.version?.columns.map((column) => column.type)).toEqual(['string', 'integer', 'boolean', 'string']);
    expect((await rowsOf(result))[0]).toEqual({ code: '007', n: 1, flag: true, none: null });
  });

  it.each([
    ['a header without the delimiters of its rows', 'everything\n1,2,3\n4,5,6\n7,8,9\n'],
    ['a name twice', 'a,b,A\n1,2,3\n'],
    ['a column without a name', 'a,,c\n1,2,3\n'],
    ['numbers where the names should be', '1,2,3\n4,5,6\n'],
  ])('is refused when it looks wrong: %s', async (_what, text) => {
    home.write('odd.csv', text);
    await expect(ingest({ source: { path: 'odd.csv' } })).rejects.toMatchObject({ code: 'DATA_SCHEMA_SUSPICIOUS' });
    expect(await home.data.deliveries('d')).toEqual([]);
  });
});

/** Pieces of CSV on which readers disagree. */
const NASTY = [
  '',
  'x',
  '1.5',
  '-2',
  '"q"',
  '"a,b"',
  '"two\nlines"',
  '"d""q"',
  'é',
  '"',
  'a"b',
  '""',
  ' ',
  '\\',
  "'",
].concat(['"x" ', ' "y"', '\r', '"a\rb"', '\t', '""""', '#c', '"\\"', '\0', '"\r\n"', '\u2028']);

describe('values of a CSV file', () => {
  it('mean what they say: zones count, numbers are finite and written plainly', async () => {
    const text = [
      'at,x,n',
      '2020-01-01T10:00:00+02:00,1e3,3',
      '2020-01-01,1_000,3',
      '2020-01-01,inf,3.5',
      'epoch,nan,1e20',
      '20200101,0x10,x',
    ];
    home.write('v.csv', `${text.join('\r\n')}\r\n`);
    const columns: DatasetSpec['source']['columns'] = {
      at: { type: 'timestamp' },
      x: { type: 'number' },
      n: { type: 'integer' },
    };
    const result = await ingest({ source: { path: 'v.csv', columns }, maxRejectedRatio: 1 });
    expect(await rowsOf(result)).toEqual([{ at: Date.UTC(2020, 0, 1, 8), x: 1000, n: 3 }]);
    const bad = await home.data.quarantine(result.delivery.id, { limit: 10, offset: 0 });
    expect(bad.map((row) => row.reasons.map((reason) => reason.column).join())).toEqual([
      'x',
      'x,n',
      'at,x,n',
      'at,x,n',
    ]);
  });

  it('are all accounted for, whatever the file looks like', async () => {
    await home.data.declare(context, 'd', {
      source: { path: 'r.csv', columns: { a: { type: 'string' }, b: { type: 'number' } } },
      maxRejectedRatio: 1,
    });
    const cell = fc.constantFrom(...NASTY);
    const line = fc.array(cell, { minLength: 0, maxLength: 3 }).map((cells) => cells.join(','));
    const file = fc.tuple(fc.array(line, { minLength: 1, maxLength: 12 }), fc.constantFrom('\n', '\r\n'), fc.boolean());
    let run = 0;
    await fc.assert(
      fc.asyncProperty(file, async ([lines, end, closed]) => {
        run += 1;
        home.write('r.csv', `a,b${end}${lines.join(end)}${closed ? end : ''}`);
        const { delivery, version } = await home.data.ingest(context, { dataset: 'd' });
        expect(delivery.receivedRows).toBe(delivery.acceptedRows + delivery.rejectedRows);
        if (version !== null) expect(columnOf(await home.data.readVersion(version.id), 'a')).toBeDefined();
      }),
      { numRuns: 100 },
    );
    expect(run).toBeGreaterThanOrEqual(100);
  });
});
