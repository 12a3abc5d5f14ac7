import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellAt, columnOf, countMissing, toRows } from '@fairlead/frame';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { context, openTestHome, seattle, type TestHome, WEATHER_CSV } from './data.fixture.js';

let home: TestHome;
beforeEach(async () => {
  home = await openTestHome();
  copyFileSync(WEATHER_CSV, join(home.folder, 'weather.csv'));
  await home.data.declare(context, 'weather', seattle);
});
afterEach(() => home.dispose());

const ingest = (source?: { path?: string; where?: string }, mode?: 'append' | 'replace') =>
  home.data.ingest(context, {
    dataset: 'weather',
    ...(source === undefined ? {} : { source }),
    ...(mode === undefined ? {} : { mode }),
  });

/** Seattle's rows 2012–2014 as they come, header first. */
function seattleLines(): string[] {
  const lines = readFileSync(WEATHER_CSV, 'utf8').trimEnd().split('\n');
  return [lines[0] as string, ...lines.filter((line) => /^Seattle,201[234]/.test(line))];
}

/** Seven damaged rows among them, each at a known line. */
function damaged(): Buffer {
  const lines = seattleLines();
  const edit = (line: number, change: (fields: string[]) => string[]) => {
    lines[line - 1] = change((lines[line - 1] as string).split(',')).join(',');
  };
  edit(10, (f) => f.with(2, ''));
  edit(20, (f) => f.with(5, 'windy'));
  edit(30, (f) => f.with(3, '-99').with(4, '999'));
  edit(40, (f) => [...f, 'extra']);
  lines[49] = 'Seattle,2012-02-19';
  lines[59] = lines[58] as string;
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const at = bytes.indexOf('rain', bytes.indexOf('Seattle,2012-03-20'));
  bytes[at] = 0xff;
  return bytes;
}

describe('a delivery of real weather', () => {
  it('becomes version 1 with the 1,096 days of Seattle up to 2014 and their label', async () => {
    const { delivery, version } = await ingest();
    expect(delivery).toMatchObject({
      outcome: 'accepted',
      receivedRows: 1461 - 365,
      acceptedRows: 1096,
      rejectedRows: 0,
      skippedRows: 2922 - 1096,
      quarantineDigest: null,
    });
    expect(version).toMatchObject({ number: 1, rows: 1096, parentId: null });
    const table = await home.data.readVersion(version?.id ?? '');
    expect([...table.columns.keys()].slice(-3)).toEqual(['rain', 'month', 'rain_tomorrow']);
    const label = columnOf(table, 'rain_tomorrow');
    expect(label.kind).toBe('boolean');
    expect(countMissing(label.validity, table.rowCount)).toBe(1);
    const rain = columnOf(table, 'rain');
    for (let row = 0; row < 1095; row++) expect(cellAt(label, row)).toBe(cellAt(rain, row + 1));
    expect(cellAt(columnOf(table, 'date'), 0)).toBe(Date.UTC(2012, 0, 1));
  });

  it('keeps the raw bytes and can be traced to them', async () => {
    const { delivery } = await ingest();
    const [file] = delivery.sourceFiles;
    expect(delivery.sourceDigest).toBe(file?.digest);
    expect(Buffer.from(await home.objects.readBytes(file?.digest ?? ''))).toEqual(readFileSync(WEATHER_CSV));
    const events = await readLedger(home.db, { afterSeq: 0, limit: 10 });
    expect(events.map((event) => event.type)).toEqual(['data.dataset-declared', 'data.version-created']);
    expect(events[1]?.payload).toMatchObject({ deliveryId: delivery.id, sourceDigest: file?.digest, rows: 1096 });
  });

  it('gives the same version when the same bytes come again', async () => {
    const first = await ingest();
    const second = await ingest();
    expect(second.delivery).toMatchObject({ outcome: 'unchanged', versionId: first.version?.id, acceptedRows: 1096 });
    expect(second.delivery.id).not.toBe(first.delivery.id);
    expect(await home.data.versions('weather')).toHaveLength(1);
    expect(await home.data.deliveries('weather')).toHaveLength(2);
  });

  it('has the same id in another home', async () => {
    const { version } = await ingest();
    const other = await openTestHome();
    copyFileSync(WEATHER_CSV, join(other.folder, 'elsewhere.csv'));
    const moved = { ...seattle, source: { ...seattle.source, path: 'elsewhere.csv' }, description: 'moved' };
    await other.data.declare(context, 'weather', moved);
    const there = await other.data.ingest(context, { dataset: 'weather' });
    expect(there.version?.id).toBe(version?.id);
    await other.dispose();
  });

  it('appends New York to Seattle and knows when it has done so', async () => {
    const first = await ingest();
    const where = `location = 'New York' and date < '2015-01-01'`;
    const { version, delivery } = await ingest({ where }, 'append');
    expect(version).toMatchObject({ number: 2, rows: 2192, parentId: first.version?.id });
    expect(version?.files).toHaveLength(2);
    expect(await ingest({ where }, 'append')).toMatchObject({
      delivery: { outcome: 'unchanged', versionId: version?.id },
    });
    const label = columnOf(await home.data.readVersion(version?.id ?? ''), 'rain_tomorrow');
    expect(countMissing(label.validity, 2192)).toBe(2);
    expect(delivery.receivedRows).toBe(1096);
  });

  it('finds rows that the version it is appended to has already', async () => {
    await ingest();
    home.write('again.csv', `${seattleLines().slice(0, 400).join('\n')}\nSeattle,2014-12-31,0,1,0,1,sun\n`);
    const { delivery, version } = await ingest({ path: 'again.csv', where: 'true' }, 'append');
    expect(delivery).toMatchObject({ outcome: 'refused', reasons: { DUPLICATE_KEY: 400 } });
    expect(version).toBeNull();
  });
});

describe('a damaged delivery', () => {
  it('puts each bad row into quarantine with its line, its reasons and its raw text', async () => {
    home.write('damaged.csv', damaged());
    const { delivery, version } = await ingest({ path: 'damaged.csv' });
    expect(delivery).toMatchObject({ outcome: 'accepted', receivedRows: 1096, acceptedRows: 1089, rejectedRows: 7 });
    expect(delivery.reasons).toEqual({
      ABOVE_MAX: 1,
      BELOW_MIN: 1,
      CAST: 1,
      DUPLICATE_KEY: 1,
      INVALID_ENCODING: 1,
      MISSING_REQUIRED: 1,
      ROW_CHECK: 1,
      TOO_FEW_COLUMNS: 1,
      TOO_MANY_COLUMNS: 1,
    });
    expect(version?.rows).toBe(1089);
    const rows = await home.data.quarantine(delivery.id, { limit: 100, offset: 0 });
    const lines = damaged().toString('utf8').split('\n');
    for (const row of rows) expect(row.raw).toBe(lines[row.line - 1]);
    const at = (line: number) => rows.find((row) => row.line === line)?.reasons;
    expect(at(10)).toEqual([
      { code: 'MISSING_REQUIRED', column: 'precipitation', message: 'precipitation is missing' },
    ]);
    expect(at(20)).toEqual([{ code: 'CAST', column: 'wind', message: 'wind "windy" is not a number' }]);
    expect(at(30)?.map((reason) => reason.code)).toEqual(['BELOW_MIN', 'ABOVE_MAX', 'ROW_CHECK']);
    expect(at(30)?.[0]?.message).toBe('temp_max "-99" is below -60');
    expect(at(40)).toMatchObject([{ code: 'TOO_MANY_COLUMNS', message: 'the row has 8 fields' }]);
    expect(at(50)).toMatchObject([{ code: 'TOO_FEW_COLUMNS' }]);
    expect(at(60)).toMatchObject([{ code: 'DUPLICATE_KEY' }]);
    expect(rows.map((row) => row.line).sort((a, b) => a - b)).toEqual([10, 20, 30, 40, 50, 60, 81]);
    expect(await home.data.quarantine(delivery.id, { limit: 2, offset: 6 })).toEqual(rows.slice(6));
  });

  it('is refused as a whole beyond the allowed share, and all its rows are in quarantine', async () => {
    const lines = seattleLines().map((line, i) => (i > 0 && i % 10 === 0 ? line.replace(/,\d+\.\d,/, ',wet,') : line));
    home.write('worse.csv', lines.join('\n'));
    const { delivery, version } = await ingest({ path: 'worse.csv' });
    expect(version).toBeNull();
    expect(delivery).toMatchObject({
      outcome: 'refused',
      receivedRows: 1096,
      acceptedRows: 0,
      rejectedRows: 1096,
      faultyRows: 109,
      reasons: { CAST: 109, DELIVERY_REFUSED: 987 },
    });
    expect(delivery.checks.find((check) => check.name === 'rejected-ratio')).toMatchObject({ verdict: 'fail' });
    expect(await home.data.quarantine(delivery.id, { limit: 2000, offset: 0 })).toHaveLength(1096);
    await expect(home.data.version('weather', 'latest')).rejects.toMatchObject({ code: 'DATA_VERSION_NOT_FOUND' });
    const events = await readLedger(home.db, { afterSeq: 1, limit: 10 });
    expect(events).toMatchObject([{ type: 'data.delivery-refused', payload: { failedChecks: ['rejected-ratio'] } }]);
  });

  it('is refused when a rule about the whole table fails, a column is gone or nothing came', async () => {
    const lines = seattleLines();
    home.write('few.csv', lines.slice(0, 100).join('\n'));
    expect((await ingest({ path: 'few.csv' })).delivery).toMatchObject({
      outcome: 'refused',
      faultyRows: 0,
      checks: expect.arrayContaining([
        expect.objectContaining({ name: 'enough', verdict: 'fail', observed: '99 rows' }),
      ]),
    });
    home.write(
      'cold.csv',
      lines.map((line) => line.replace(/^(Seattle,[^,]+,[^,]+),[^,]+,[^,]+/, '$1,-20,-30')).join('\n'),
    );
    expect((await ingest({ path: 'cold.csv' })).delivery).toMatchObject({
      checks: expect.arrayContaining([expect.objectContaining({ name: 'plausible-year', verdict: 'fail' })]),
    });
    home.write('narrow.csv', lines.map((line) => line.replace(/,[^,]*$/, '')).join('\n'));
    expect((await ingest({ path: 'narrow.csv' })).delivery).toMatchObject({
      outcome: 'refused',
      rejectedRows: 1096,
      checks: expect.arrayContaining([expect.objectContaining({ name: 'columns', observed: 'without weather' })]),
    });
    home.write('none.csv', `${lines[0]}\n`);
    expect((await ingest({ path: 'none.csv' })).delivery).toMatchObject({ outcome: 'refused', receivedRows: 0 });
  });
});

describe('ingestion', () => {
  it('stops when it is aborted and leaves neither version nor delivery', async () => {
    const abort = new AbortController();
    const ratios: number[] = [];
    const progress = (ratio: number) => {
      ratios.push(ratio);
      if (ratio >= 0.5) abort.abort(new Error('enough'));
    };
    const work = home.data.ingest(context, { dataset: 'weather' }, { signal: abort.signal, progress });
    await expect(work).rejects.toThrow('enough');
    expect(await home.data.deliveries('weather')).toEqual([]);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
  });

  it('leaves only unreferenced objects when the process dies before its transaction', async () => {
    const dying = {
      ...home.db,
      transact: () => Promise.reject(new Error('killed')),
    };
    const { createData } = await import('./create-data.js');
    const doomed = createData({ ...home.deps, db: dying });
    await expect(doomed.ingest(context, { dataset: 'weather' })).rejects.toThrow('killed');
    expect(await home.data.versions('weather')).toEqual([]);
    const { version } = await ingest();
    for (const file of version?.files ?? []) await home.objects.verify(file.digest);
    await home.objects.verify(version?.id ?? '');
  });

  it('returns the recorded delivery when a retry brings its id again', async () => {
    const request = { dataset: 'weather', deliveryId: 'd-1' };
    const first = await home.data.ingest(context, request);
    expect(await home.data.ingest(context, request)).toEqual(first);
    expect(await home.data.deliveries('weather')).toHaveLength(1);
  });

  it('never builds two appends on the same parent', async () => {
    await ingest();
    const lines = readFileSync(WEATHER_CSV, 'utf8').split('\n');
    home.write('a.csv', [lines[0], ...lines.filter((line) => /^New York,2012/.test(line))].join('\n'));
    home.write('b.csv', [lines[0], ...lines.filter((line) => /^New York,2013/.test(line))].join('\n'));
    await Promise.all(['a.csv', 'b.csv'].map((path) => ingest({ path, where: 'true' }, 'append')));
    const latest = await home.data.version('weather', 'latest');
    expect(latest).toMatchObject({ number: 3, rows: 1096 + 366 + 365 });
  });

  it('filters and previews rows, and refuses what is not a column', async () => {
    const { version } = await ingest();
    const id = version?.id ?? '';
    const table = await home.data.readVersion(id, {
      columns: ['date', 'rain_tomorrow'],
      where: `weather = 'snow' and rain_tomorrow`,
      limit: 3,
    });
    expect(toRows(table)).toHaveLength(3);
    await expect(home.data.readVersion(id, { columns: ['nothing'] })).rejects.toMatchObject({
      code: 'DATA_COLUMN_NOT_FOUND',
    });
    await expect(home.data.readVersion(id, { where: `(select 1) = 1` })).rejects.toMatchObject({
      code: 'DATA_EXPRESSION_INVALID',
    });
  });
});
