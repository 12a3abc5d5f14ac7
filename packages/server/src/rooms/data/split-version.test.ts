import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, cellAt, columnOf, type Table, toRows } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { context, openTestHome, seattle, type TestHome, WEATHER_CSV } from './data.fixture.js';
import type { DatasetVersion, SplitSpec } from './data-types.js';
import { parseTime } from './split-rules.js';

let home: TestHome;
let version: DatasetVersion;
beforeAll(async () => {
  home = await openTestHome();
  copyFileSync(WEATHER_CSV, join(home.folder, 'weather.csv'));
  await home.data.declare(context, 'weather', {
    ...seattle,
    source: { ...seattle.source, where: `date >= '2012-01-01'` },
  });
  const result = await home.data.ingest(context, { dataset: 'weather' });
  version = result.version as DatasetVersion;
});
afterAll(() => home.dispose());

const split = (spec: SplitSpec) => home.data.split(context, version.id, spec);
const values = (table: Table, name: string): Cell[] => {
  const column = columnOf(table, name);
  return Array.from({ length: table.rowCount }, (_, row) => cellAt(column, row));
};

describe('a split by time', () => {
  const spec: SplitSpec = {
    by: 'time',
    parts: {
      train: { until: '2014-01-01' },
      validation: { from: '2014-01-01', until: '2015-01-01' },
      test: { from: '2015-01-01', until: '2015-12-01' },
    },
  };

  it('has half-open ranges, in time order, without the days whose label lies in the next part', async () => {
    const made = await split(spec);
    expect(version.rows).toBe(2922);
    const [train, validation, test] = made.parts;
    expect([train?.rows, validation?.rows, test?.rows]).toEqual([2 * 730, 2 * 364, 2 * 334]);
    expect(made.unused).toEqual({ noLabel: 2, outside: 2 * 30, labelOverlap: 4 });
    expect(made.unusedRows).toBe(66);
    const dates = values(await home.data.readPart(made.id, 'validation'), 'date') as number[];
    expect(dates[0]).toBe(Date.UTC(2014, 0, 1));
    expect(dates.at(-1)).toBe(Date.UTC(2014, 11, 30));
    expect(dates).toEqual([...dates].sort((a, b) => a - b));
  });

  it('keeps those days when that is asked for', async () => {
    const made = await split({ ...spec, labelOverlap: 'allow' });
    expect(made.parts.map((part) => part.rows)).toEqual([2 * 731, 2 * 365, 2 * 334]);
    expect(made.unused.labelOverlap).toBe(0);
  });

  it('has rows with a label only, which is what the day after shows', async () => {
    const made = await split(spec);
    const part = await home.data.readPart(made.id, 'test');
    expect([...part.columns.keys()]).not.toContain('__row_id');
    const whole = toRows(await home.data.readVersion(version.id));
    const rainOn = new Map(whole.map((row) => [`${row.location} ${row.date}`, row.rain]));
    for (const row of toRows(part)) {
      expect(row.rain_tomorrow).toBe(rainOn.get(`${row.location} ${Number(row.date) + 86_400_000}`));
    }
  });

  it('is made once, with one event', async () => {
    const first = await split({ ...spec, labelOverlap: 'exclude' });
    const again = await split({ ...spec, labelOverlap: 'exclude' });
    expect(again).toEqual(first);
    const events = await readLedger(home.db, { afterSeq: 0, limit: 100 });
    expect(events.filter((event) => event.subject.id === first.id)).toHaveLength(1);
    expect(await home.data.splitById(first.id)).toEqual(first);
  });
});

describe('a split at random', () => {
  const spec: SplitSpec = { by: 'random', parts: { train: 0.7, test: 0.3 }, seed: 0 };

  it('gives every labelled row to exactly one part, always the same', async () => {
    const made = await split(spec);
    expect(made.parts.map((part) => part.rows)).toEqual([2044, 876]);
    const other = await split({ ...spec, seed: 1 });
    expect(other.parts[0]?.rowIdDigest).not.toBe(made.parts[0]?.rowIdDigest);
    const elsewhere = await openTestHome();
    copyFileSync(WEATHER_CSV, join(elsewhere.folder, 'weather.csv'));
    await elsewhere.data.declare(context, 'weather', {
      ...seattle,
      source: { ...seattle.source, where: `date >= '2012-01-01'` },
    });
    const there = await elsewhere.data.ingest(context, { dataset: 'weather' });
    expect(there.version?.id).toBe(version.id);
    const repeated = await elsewhere.data.split(context, version.id, spec);
    expect(repeated.parts).toEqual(made.parts);
    await elsewhere.dispose();
  });
});

describe('a split by group', () => {
  it('never has a group in two parts', async () => {
    const made = await split({ by: 'group', column: 'weather', parts: { a: 0.6, b: 0.4 }, seed: 3 });
    const [a, b] = await Promise.all(['a', 'b'].map((part) => home.data.readPart(made.id, part)));
    const groups = [a, b].map((table) => new Set(values(table as Table, 'weather')));
    expect([...(groups[0] ?? [])].filter((group) => groups[1]?.has(group))).toEqual([]);
    expect((groups[0]?.size ?? 0) + (groups[1]?.size ?? 0)).toBe(5);
    expect((a?.rowCount ?? 0) + (b?.rowCount ?? 0)).toBe(2920);
  });
});

describe('a split that cannot be made', () => {
  it.each([
    [{ by: 'time', parts: { a: { until: '2014-01-02' }, b: { from: '2014-01-01' } } }, 'overlap'],
    [{ by: 'time', parts: { a: { from: 'yesterday' } } }, 'ISO 8601'],
    [{ by: 'time', parts: { a: { from: '2014-01-01', until: '2013-01-01' } } }, 'ends before'],
    [{ by: 'time', parts: { a: { from: '2033-01-01' } } }, 'no rows'],
    [{ by: 'random', parts: { a: 0.5, b: 0.4 }, seed: 0 }, 'sum to'],
    [{ by: 'random', parts: {}, seed: 0 }, 'no part'],
    [{ by: 'group', column: 'nothing', parts: { a: 1 }, seed: 0 }, 'no column nothing'],
    [{ by: 'random', parts: { 'a/b': 1 }, seed: 0 }, 'not a name'],
    [{ by: 'random', parts: { a: 1 }, seed: -1 }, 'seed'],
  ] as [SplitSpec, string][])('says why: %o', async (spec, word) => {
    await expect(split(spec)).rejects.toMatchObject({
      code: 'DATA_SPLIT_INVALID',
      message: expect.stringContaining(word),
    });
  });
});

describe('a profile', () => {
  it('describes a version and is computed once', async () => {
    const first = await home.data.profile({ versionId: version.id });
    expect(first).toMatchObject({ rowCount: 2922 });
    expect(await home.data.profile({ versionId: version.id })).toEqual(first);
    const made = await split({ by: 'random', parts: { all: 1 }, seed: 0 });
    expect(await home.data.profile({ splitId: made.id, part: 'all' })).toMatchObject({ rowCount: 2920 });
    await expect(home.data.profile({ splitId: made.id, part: 'no' })).rejects.toMatchObject({
      code: 'DATA_SPLIT_NOT_FOUND',
    });
  });
});

describe('a time in a split', () => {
  it('is UTC unless it says otherwise, whatever the zone of the machine', () => {
    expect(parseTime('2014-01-01')).toBe(Date.UTC(2014, 0, 1));
    expect(parseTime('2014-01-01T12:00')).toBe(Date.UTC(2014, 0, 1, 12));
    expect(parseTime('2014-01-01 12:00:00+02:00')).toBe(Date.UTC(2014, 0, 1, 10));
    expect(parseTime('1388534400000')).toBe(1_388_534_400_000);
    expect(parseTime('2014')).toBe(Date.UTC(2014, 0, 1));
    expect(parseTime('soon')).toBeNaN();
  });
});
