import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSqlite, type TestDb } from '../../../platform/db/testing.js';
import { createLake, type Lake } from '../../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../../platform/objects/index.js';
import { servingMigrations } from '../serving-migrations.js';
import type { CaptureObject } from '../serving-store.js';
import { createServingStore } from '../serving-store.sql.js';
import type { CapturedRow } from '../serving-types.js';
import type { CaptureBatch, CaptureOptions } from './capture-types.js';
import { createCaptureLog } from './create-capture-log.js';

let test: TestDb;
let lake: Lake;
let objects: ObjectStore;
const home = mkdtempSync(join(tmpdir(), 'fairlead-capture-'));
const store = createServingStore();
beforeAll(async () => {
  test = await openTestSqlite([servingMigrations]);
  objects = await createLocalObjectStore(join(home, 'objects'));
  lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [home], threads: 1 });
});
afterAll(async () => {
  await lake.close();
  await test.dispose();
  rmSync(home, { recursive: true, force: true });
});

const folder = join(home, 'capture');
const open = (options: Partial<CaptureOptions> = {}) =>
  createCaptureLog({ db: test.db, store, objects, lake }, { folder, ...options });

const row = (id: string, change: Partial<CapturedRow> = {}): CapturedRow => ({
  id,
  requestId: 'r',
  atMs: 1000,
  endpoint: 'e',
  environment: 'test',
  deploymentId: 'd1',
  model: 'm',
  version: 1,
  shadow: false,
  routeReason: 'only',
  consumer: 'c',
  latencyMs: 1.25,
  queueMs: 0.25,
  computeMs: 0.5,
  propensity: 0.2,
  status: 200,
  errorCode: null,
  label: 'yes',
  probability: 0.75,
  inputs: { wind: 3.5, sky: 'grey "☔"\n', holiday: true, gone: null },
  ...change,
});

const batch = (endpoint: string, rows: readonly CapturedRow[], change: Partial<CaptureBatch> = {}): CaptureBatch => ({
  endpoint,
  deploymentId: 'd1',
  kinds: { wind: 'float64', sky: 'string', holiday: 'boolean' },
  rows: rows.length,
  ids: rows.filter(({ shadow }) => !shadow).map(({ id }) => id),
  text: rows.map((r) => `${JSON.stringify({ ...r, endpoint })}\n`).join(''),
  ...change,
});

const query = (endpoint: string) => ({ endpoint, environment: 'test' });
const idsOf = (rows: readonly CapturedRow[]) => rows.map(({ id }) => id);
const objectsOf = (endpoint: string) => store.listCaptureObjects(test.db, { endpoint });

describe('the prediction log', () => {
  it('gives rows back exactly, before and after they are compacted', async () => {
    const log = open();
    await log.append(
      batch('exact', [row('a'), row('b', { label: null, probability: null, errorCode: 'X', status: 400 })]),
    );
    const before = await log.captured(query('exact'));
    expect(before).toEqual(
      [row('a'), row('b', { label: null, probability: null, errorCode: 'X', status: 400 })].map((r) => ({
        ...r,
        endpoint: 'exact',
      })),
    );
    await log.flush();
    expect(await log.captured(query('exact'))).toEqual(before);
    expect(await objectsOf('exact')).toMatchObject([{ rowCount: 2, tornLines: 0, fromMs: 1000, untilMs: 1000 }]);
    await log.close();
  });

  it('reads what former versions wrote, which say nothing of queue, computation and propensity', async () => {
    const {
      queueMs: _queue,
      computeMs: _compute,
      propensity: _propensity,
      ...former
    } = row('old', { endpoint: 'old' });
    const log = open();
    const text = `${JSON.stringify(former)}\n`;
    await log.append({ ...batch('old', []), rows: 1, text });
    const wanted = [{ ...former, queueMs: null, computeMs: null, propensity: null }];
    expect(await log.captured(query('old'))).toEqual(wanted);
    await log.flush();
    const [object] = await objectsOf('old');
    const without = await objects.stagingPath('.parquet');
    const from = await objects.localPath(object?.digest ?? '');
    await lake.exportParquet(
      `SELECT * EXCLUDE (queue_ms, compute_ms, propensity) FROM read_parquet('${from}')`,
      without,
    );
    const { digest, sizeBytes } = await objects.putFile(without, { move: true });
    await test.db.transact({ actor: systemActor }, (tx) =>
      store.insertCaptureObject(tx, { ...(object as CaptureObject), segment: 'former', digest, sizeBytes }),
    );
    expect(await log.captured(query('old'))).toEqual([...wanted, ...wanted]);
    await log.close();
  });

  it('has a typed column per input for SQL, empty where the cell was of another type', async () => {
    const log = open();
    const rows = [row('a'), row('b', { inputs: { wind: 'strong', sky: 'x', holiday: 1 } })];
    await log.append(batch('typed', rows));
    await log.append(
      batch('typed', [row('c', { deploymentId: 'd2' })], { deploymentId: 'd2', kinds: { wind: 'string' } }),
    );
    await log.flush();
    const [object] = await objectsOf('typed');
    const path = await objects.localPath(object?.digest ?? '');
    const table = await lake.query(`SELECT input_wind, input_holiday FROM read_parquet('${path}') ORDER BY line`);
    expect([...table.columns.values()].map(({ kind }) => kind)).toEqual(['string', 'boolean']);
    expect(toRows(table)).toEqual([
      { input_wind: '3.5', input_holiday: true },
      { input_wind: 'strong', input_holiday: null },
      { input_wind: '3.5', input_holiday: true },
    ]);
    await log.close();
  });

  it('keeps odd numbers, texts and names of columns as they were sent', async () => {
    const log = open();
    const inputs = { 'a "b".c': 1e21, "it's": -0.1, $: 5e-324, sum: 9007199254740991, '': 'true', text: '"☔"\n\\' };
    const kinds = { 'a "b".c': 'float64', "it's": 'float64', $: 'float64', sum: 'float64', text: 'float64' } as const;
    await log.append(batch('odd', [row('a', { inputs }), row('b', { inputs: { sum: true } })], { kinds }));
    await log.flush();
    expect((await log.captured(query('odd'))).map((captured) => captured.inputs)).toEqual([inputs, { sum: true }]);
    const [object] = await objectsOf('odd');
    const table = await lake.readParquet([await objects.localPath(object?.digest ?? '')]);
    expect(toRows(table)).toMatchObject([
      { 'input_a "b".c': 1e21, "input_it's": -0.1, input_$: 5e-324, input_sum: 9007199254740991, input_text: null },
      { 'input_a "b".c': null, input_sum: null },
    ]);
    await log.close();
  });

  it('filters by time, version, shadow, environment and ids, and gives the last ones oldest first', async () => {
    const log = open();
    for (let i = 0; i < 12; i += 1) {
      const facts = { atMs: 1000 + i, version: 1 + (i % 2), shadow: i === 7, environment: i === 8 ? 'x' : 'test' };
      await log.append(batch('filter', [row(`r${i}`, facts)]));
      if (i % 3 === 0) await log.flush();
    }
    const found = async (more: object) => idsOf(await log.captured({ ...query('filter'), ...more }));
    expect(await found({ fromMs: 1003, untilMs: 1006 })).toEqual(['r3', 'r4', 'r5']);
    expect(await found({ last: 3 })).toEqual(['r9', 'r10', 'r11']);
    expect(await found({ last: 0 })).toEqual([]);
    expect(await found({ version: 2, last: 2, shadow: false })).toEqual(['r9', 'r11']);
    expect(await found({ shadow: true })).toEqual(['r7']);
    expect(await found({ ids: ['r2', 'r11', 'r8'] })).toEqual(['r2', 'r11']);
    expect(await found({})).toHaveLength(11);
    expect(await log.captured({ endpoint: 'filter', environment: "x' OR 1=1 --" })).toEqual([]);
    await log.close();
  });

  it('shares one append among the rows of one turn of the event loop', async () => {
    const log = open({ mode: 'sync' });
    await Promise.all(Array.from({ length: 200 }, (_, i) => log.append(batch('burst', [row(`b${i}`)]))));
    const [file] = readdirSync(join(folder, 'burst'));
    const lines = readFileSync(join(folder, 'burst', file ?? ''), 'utf8')
      .trim()
      .split('\n');
    expect(lines).toHaveLength(201);
    expect(lines[0]).toContain('"kinds"');
    await log.close();
  });

  it('has on disk what mode sync acknowledged, and compacts it at the next start, without the torn line', async () => {
    const killed = open({ mode: 'sync' });
    await killed.append(batch('killed', [row('a'), row('b')]));
    const [file = ''] = readdirSync(join(folder, 'killed'));
    appendFileSync(join(folder, 'killed', file), '{"id":"torn","requ');
    const next = open();
    await next.recover();
    expect(idsOf(await next.captured(query('killed')))).toEqual(['a', 'b']);
    await next.flush();
    expect(readdirSync(join(folder, 'killed'))).toEqual([]);
    expect(await objectsOf('killed')).toMatchObject([{ rowCount: 2, tornLines: 1 }]);
    expect(idsOf(await next.captured(query('killed')))).toEqual(['a', 'b']);
    await next.close();
  });

  it('counts no row twice when the kill came between the index and the removal of the segment', async () => {
    const log = open({ mode: 'sync' });
    await log.append(batch('twice', [row('a')]));
    const [file = ''] = readdirSync(join(folder, 'twice'));
    const text = readFileSync(join(folder, 'twice', file), 'utf8');
    await log.close();
    writeFileSync(join(folder, 'twice', file), text);
    const next = open();
    await next.recover();
    expect(idsOf(await next.captured(query('twice')))).toEqual(['a']);
    await next.flush();
    expect(await objectsOf('twice')).toHaveLength(1);
    expect(readdirSync(join(folder, 'twice'))).toEqual([]);
    await next.close();
  });

  it('compacts by size without being asked', async () => {
    const log = open({ mode: 'sync', compactBytes: 2000 });
    for (let i = 0; i < 20; i += 1) await log.append(batch('size', [row(`s${i}`)]));
    await log.close();
    const found = await objectsOf('size');
    expect(found.length).toBeGreaterThan(2);
    expect(found.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(20);
  });

  it('drops and counts rows beyond its bound instead of eating the memory', async () => {
    let dropped = 0;
    const log = open({ maxBufferedBytes: 3000, onDropped: (_, rows) => (dropped += rows) });
    const appends = Array.from({ length: 50 }, (_, i) => log.append(batch('bound', [row(`d${i}`)])));
    await Promise.all(appends);
    const kept = await log.captured(query('bound'));
    expect(dropped).toBeGreaterThan(0);
    expect(kept.length + dropped).toBe(50);
    await log.close();
  });

  it('refuses the answer in mode sync, and retries in mode async, when the disk takes nothing', async () => {
    const blocked = join(home, 'blocked');
    // A file where the folder should be fails for every user, root too.
    writeFileSync(blocked, '');
    const sync = open({ folder: blocked, mode: 'sync' });
    await expect(sync.append(batch('x', [row('a')]))).rejects.toMatchObject({
      code: 'SRV_CAPTURE_FAILED',
      status: 503,
    });
    const errors: unknown[] = [];
    const log = open({ folder: blocked, retryMs: 5, onError: (error) => errors.push(error) });
    await log.append(batch('x', [row('b')]));
    expect(await log.captured(query('x'))).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    rmSync(blocked);
    mkdirSync(blocked);
    chmodSync(blocked, 0o755);
    expect(idsOf(await log.captured(query('x')))).toEqual(['b']);
    await log.close();
  });
});
