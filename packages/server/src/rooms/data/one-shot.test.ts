import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { context, openTestHome, seattle, TURKU_CSV, WEATHER_CSV } from './data.fixture.js';
import { profileFile, validateFile } from './one-shot.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-one-shot-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file without a server', () => {
  it('is profiled under its inferred schema', async () => {
    const { profile, outcome, columns, format } = await profileFile(WEATHER_CSV);
    expect({ outcome, format, rows: profile.rowCount }).toEqual({ outcome: 'accepted', format: 'csv', rows: 2922 });
    expect(columns[1]).toEqual({ name: 'date', type: 'timestamp' });
    expect(profile.columns.find((column) => column.name === 'weather')).toMatchObject({
      kind: 'category',
      missing: 0,
      categories: expect.arrayContaining([['rain', expect.any(Number)]]),
    });
    expect(profile.columns.find((column) => column.name === 'temp_max')).toMatchObject({ kind: 'numeric', max: 37.8 });
  });

  it('is validated by a contract, with the first faulty rows, and leaves nothing behind', async () => {
    vi.stubEnv('TMPDIR', mkdtempSync(join(folder, 'tmp-'))); // other tests leave and take folders beside
    const before = readdirSync(tmpdir());
    const good = await validateFile(WEATHER_CSV, seattle);
    expect(good).toMatchObject({ outcome: 'accepted', receivedRows: 1096, faultyRows: 0, failedChecks: [] });
    const path = join(folder, 'bad.csv');
    writeFileSync(
      path,
      'location,date,precipitation,temp_max,temp_min,wind,weather\nSeattle,2012-01-01,wet,1,0,1,rain\nSeattle,2012-01-02,1,1,0,1,rain\n',
    );
    const bad = await validateFile(path, seattle);
    expect(bad.outcome).toBe('refused');
    expect(bad.failedChecks).toEqual(['rejected-ratio', 'enough']);
    expect(bad.sample).toMatchObject([{ line: 2, reasons: [{ code: 'CAST', column: 'precipitation' }] }]);
    expect(readdirSync(tmpdir())).toEqual(before);
    vi.unstubAllEnvs();
  });

  it('fails with a code when it is not there or the contract is not sound', async () => {
    await expect(profileFile(join(folder, 'nothing.csv'))).rejects.toMatchObject({ code: 'DATA_SOURCE_NOT_FOUND' });
    const spec = { source: { columns: { a: { type: 'number' as const, min: 2, max: 1 } } } };
    await expect(validateFile(WEATHER_CSV, spec)).rejects.toMatchObject({ code: 'DATA_SPEC_INVALID' });
  });
});

describe.skipIf(!existsSync(TURKU_CSV))('the hourly weather of Turku (skipped where its file is absent)', () => {
  it('gets its label from four hours later, while the published future column holds four rows earlier', async () => {
    const home = await openTestHome({ dataRoots: () => [join(TURKU_CSV, '..')] });
    await home.data.declare(context, 'turku', {
      source: {
        path: 'turku-weather.csv',
        columns: {
          at: { type: 'timestamp', from: 'Timestamp' },
          place: { type: 'string', from: 'Location', required: true },
          temperature: { type: 'number', from: 'Temperature_C', min: -60, max: 60 },
          humidity: { type: 'number', from: 'Humidity', min: 0, max: 1 },
          rain: { type: 'boolean', from: 'Current_weather_condition', required: true },
          published: { type: 'boolean', from: 'Future_weather_condition', required: true },
        },
      },
      time: 'at',
      entity: ['place'],
      label: { name: 'rain_in_4h', of: 'rain', horizonMs: 4 * 3_600_000 },
    });
    const { delivery, version } = await home.data.ingest(context, { dataset: 'turku' });
    expect(delivery).toMatchObject({ outcome: 'accepted', receivedRows: 15_000, rejectedRows: 0 });
    expect(delivery.ignoredColumns).toHaveLength(4);
    const table = await home.data.readVersion(version?.id ?? '');
    const rows = toRows(table);
    const rainAt = new Map(rows.map((row) => [row.at, row.rain]));
    for (const row of rows) expect(row.rain_in_4h).toBe(rainAt.get(Number(row.at) + 4 * 3_600_000) ?? null);
    expect(rows.filter((row) => row.rain_in_4h === null)).toHaveLength(208);
    // A label that was shifted the wrong way: trained on, it would predict the past.
    for (let i = 4; i < rows.length; i += 1) expect(rows[i]?.published).toBe(rows[i - 4]?.rain);
    await home.dispose();
  });
});
