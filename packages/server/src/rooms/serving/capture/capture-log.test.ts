import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import { systemActor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import type { CaptureObject } from '../serving-store.js';
import { append, entries, idsOf, openCaptureFile, query, row } from './capture-log.fixture.js';
import type { CaptureEntry } from './capture-types.js';
import { createCaptureWriter } from './create-capture-writer.js';
import { readBlocks } from './segment-block.js';

const { deps, folder, home, lake, objectsOf, open, store } = openCaptureFile();

describe('the prediction log', () => {
  it('gives rows back exactly, before and after they are compacted', async () => {
    const log = open();
    await append(log, 'exact', [row('a'), row('b', { label: null, probability: null, errorCode: 'X', status: 400 })]);
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

  it('reads what former versions wrote: all inputs as one text, nothing of queue, computation and propensity', async () => {
    const log = open();
    await append(log, 'old', [row('old')]);
    await log.flush();
    const [object] = await objectsOf('old');
    const from = await deps().objects.localPath(object?.digest ?? '');
    const former = await deps().objects.stagingPath('.parquet');
    const { inputs } = row('old');
    const text = JSON.stringify(inputs).replaceAll("'", "''");
    await lake().exportParquet(
      `SELECT * EXCLUDE (queue_ms, compute_ms, propensity, other_inputs), '${text}' AS inputs FROM read_parquet('${from}')`,
      former,
    );
    const { digest, sizeBytes } = await deps().objects.putFile(former, { move: true });
    await deps().db.transact({ actor: systemActor }, (tx) =>
      store.insertCaptureObject(tx, { ...(object as CaptureObject), segment: 'former', digest, sizeBytes }),
    );
    const wanted = { ...row('old', { endpoint: 'old' }), queueMs: null, computeMs: null, propensity: null };
    expect(await log.captured(query('old'))).toEqual([row('old', { endpoint: 'old' }), wanted]);
    await log.close();
  });

  it('has a typed column per input for SQL, empty where the cell was of another type, and the rest as text', async () => {
    const log = open();
    const odd = { wind: 'strong', sky: 'x', holiday: 1, extra: [1] as never };
    await append(log, 'typed', [row('a'), row('b', { inputs: odd })]);
    const texts = { wind: 'string', WIND: 'float64' } as const;
    await append(log, 'typed', [row('c', { deploymentId: 'd2', inputs: { wind: '7', WIND: 8 } })], texts);
    const before = await log.captured(query('typed'));
    await log.flush();
    const [object] = await objectsOf('typed');
    const path = await deps().objects.localPath(object?.digest ?? '');
    const table = await deps().lake.query(
      `SELECT input_wind, input_holiday, other_inputs FROM read_parquet('${path}') ORDER BY line`,
    );
    expect([...table.columns.values()].map(({ kind }) => kind)).toEqual(['string', 'boolean', 'string']);
    expect(toRows(table)).toEqual([
      { input_wind: '3.5', input_holiday: true, other_inputs: '{"gone":null,"wind":3.5}' },
      { input_wind: null, input_holiday: null, other_inputs: '{"wind":"strong","holiday":1,"extra":"[1]"}' },
      { input_wind: '7', input_holiday: null, other_inputs: '{"WIND":8}' },
    ]);
    expect(before.map(({ inputs }) => inputs)).toEqual([
      row('a').inputs,
      { ...odd, extra: '[1]' },
      { wind: '7', WIND: 8 },
    ]);
    expect(await log.captured(query('typed'))).toEqual(before);
    await log.close();
  });

  it('keeps odd numbers, texts and names of columns as they were sent', async () => {
    const log = open();
    const inputs = { 'a "b".c': 1e21, "it's": -0.1, $: 5e-324, sum: 9007199254740991, '': 'true', text: '"☔"\n\\' };
    const kinds = { 'a "b".c': 'float64', "it's": 'float64', $: 'float64', sum: 'float64', text: 'float64' } as const;
    await append(log, 'odd', [row('a', { inputs }), row('b', { inputs: { sum: true } })], kinds);
    await log.flush();
    expect((await log.captured(query('odd'))).map((captured) => captured.inputs)).toEqual([inputs, { sum: true }]);
    const [object] = await objectsOf('odd');
    const table = await lake().readParquet([await deps().objects.localPath(object?.digest ?? '')]);
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
      // A deployment is of one version in one environment.
      const deploymentId = `d${facts.version}${facts.environment}`;
      await append(log, 'filter', [row(`r${i}`, { ...facts, deploymentId })]);
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
    await Promise.all(Array.from({ length: 200 }, (_, i) => append(log, 'burst', [row(`b${i}`)])));
    const [file] = readdirSync(join(folder, 'burst'));
    const { blocks } = readBlocks(readFileSync(join(folder, 'burst', file ?? '')));
    expect(blocks.map(({ header }) => header.rows)).toEqual([200]);
    await log.close();
  });

  it('has on disk what mode sync acknowledged, and compacts it at the next start, without the torn block', async () => {
    const killed = open({ mode: 'sync' });
    await append(killed, 'killed', [row('a'), row('b')]);
    const [file = ''] = readdirSync(join(folder, 'killed'));
    const path = join(folder, 'killed', file);
    appendFileSync(path, readFileSync(path).subarray(0, -1));
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
    await append(log, 'twice', [row('a')]);
    const [file = ''] = readdirSync(join(folder, 'twice'));
    const bytes = readFileSync(join(folder, 'twice', file));
    await log.close();
    writeFileSync(join(folder, 'twice', file), bytes);
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
    for (let i = 0; i < 20; i += 1) await append(log, 'size', [row(`s${i}`)]);
    await log.close();
    const found = await objectsOf('size');
    expect(found.length).toBeGreaterThan(2);
    expect(found.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(20);
  });

  it('drops and counts rows beyond its bound instead of eating the memory', async () => {
    let dropped = 0;
    const log = open({ maxBufferedBytes: 3000, onDropped: (_, rows) => (dropped += rows) });
    const appends = Array.from({ length: 50 }, (_, i) => append(log, 'bound', [row(`d${i}`)]));
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
    await expect(append(sync, 'x', [row('a')])).rejects.toMatchObject({
      code: 'SRV_CAPTURE_FAILED',
      status: 503,
    });
    const errors: unknown[] = [];
    const log = open({ folder: blocked, retryMs: 5, onError: (error) => errors.push(error) });
    await append(log, 'x', [row('b')]);
    expect(await log.captured(query('x'))).toEqual([]);
    expect(errors.length).toBeGreaterThan(0);
    rmSync(blocked);
    mkdirSync(blocked);
    chmodSync(blocked, 0o755);
    expect(idsOf(await log.captured(query('x')))).toEqual(['b']);
    await log.close();
  });

  it('finds what is whole behind a damaged place', async () => {
    const log = open({ mode: 'sync' });
    for (const id of ['a', 'b', 'c']) await append(log, 'damaged', [row(id)]);
    const [file = ''] = readdirSync(join(folder, 'damaged'));
    const bytes = readFileSync(join(folder, 'damaged', file));
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 1;
    writeFileSync(join(folder, 'damaged', file), bytes);
    expect(idsOf(await log.captured(query('damaged')))).toEqual(['a', 'c']);
    await log.flush();
    expect(await objectsOf('damaged')).toMatchObject([{ rowCount: 2, tornLines: 1 }]);
    await log.close();
  });

  it('keeps requests of tensors and of what is no row at all', async () => {
    const log = open();
    const [entry] = entries('shapes', [row('a')]) as [CaptureEntry];
    const tensor = (name: string, datatype: 'FP32' | 'INT64' | 'BYTES' | 'BOOL', data: never, width = 1) => ({
      ...{ name, datatype, data },
      shape: [2, width],
    });
    const tensors = [
      tensor('wind', 'FP32', Float32Array.of(1.5, 2.5) as never),
      tensor('sky', 'BYTES', ['x', 'y'] as never),
      tensor('holiday', 'BOOL', Uint8Array.of(1, 0) as never),
      tensor('count', 'INT64', BigInt64Array.of(7n, 9007199254740993n) as never),
      tensor('pair', 'FP32', Float32Array.of(1, 2, 3, Number.NaN) as never, 2),
    ];
    const request = { requestId: 'q', consumer: 'c', input: { kind: 'tensors', tensors } } as const;
    await log.append({ ...entry, request, rows: 2, decoded: [] });
    const refused = { requestId: 'bad', consumer: 'c', input: { kind: 'rows', rows: [7 as never] } } as const;
    await log.append({ ...entry, request: refused, facts: { ...entry.facts, status: 400 }, decoded: [] });
    const wanted = [
      { id: 'q/0', inputs: { wind: 1.5, sky: 'x', holiday: true, count: 7, pair: '[1,2]' } },
      { id: 'q/1', inputs: { wind: 2.5, sky: 'y', holiday: false, count: '9007199254740993', pair: '[3,"NaN"]' } },
      { id: 'bad/0', status: 400, label: null, inputs: { '': 7 } },
    ];
    expect(await log.captured(query('shapes'))).toMatchObject(wanted);
    await log.flush();
    expect(await log.captured(query('shapes'))).toMatchObject(wanted);
    await log.close();
  });

  it('keeps rows in which all columns stand side by side: in the order of the log or another, and with a cell that is missing', async () => {
    const log = open();
    const [entry] = entries('joined', [row('a')]) as [CaptureEntry];
    const source = { ...entry.source, kinds: { wind: 'float64', cars: 'float64' } as const };
    const ask = (requestId: string, columns: readonly string[], cells: readonly number[]) => {
      const tensor = { ...{ name: 'fl/columns', datatype: 'FP32' as const, columns }, shape: [2, 2] };
      const input = { kind: 'tensors' as const, tensors: [{ ...tensor, data: Float32Array.from(cells) }] };
      return log.append({ ...entry, source, request: { requestId, consumer: 'c', input }, rows: 2, decoded: [] });
    };
    await ask('same', ['wind', 'cars'], [1.5, 2, 3.5, 4]);
    await ask('other', ['cars', 'wind'], [2, 1.5, 4, 3.5]);
    await ask('missing', ['wind', 'cars'], [1.5, Number.NaN, 3.5, 4]);
    const [first, second] = [
      { wind: 1.5, cars: 2 },
      { wind: 3.5, cars: 4 },
    ];
    const wanted = [
      ...['same', 'other'].flatMap((id) => [
        { id: `${id}/0`, inputs: first },
        { id: `${id}/1`, inputs: second },
      ]),
      { id: 'missing/0', inputs: { wind: 1.5, cars: 'NaN' } },
      { id: 'missing/1', inputs: second },
    ];
    expect(await log.captured(query('joined'))).toMatchObject(wanted);
    await log.flush();
    expect(await log.captured(query('joined'))).toMatchObject(wanted);
    await log.close();
  });

  it('knows the ids captured last, once somebody has asked, also when their segment has become an object', async () => {
    const log = open();
    await append(log, 'recent', [row('a'), row('b', { shadow: true })]);
    const ask = async () => [...(await log.recent('recent', ['a', 'b', 'c', 'd']))];
    expect(await ask()).toEqual(['a']);
    await append(log, 'recent', [row('c')]);
    await log.flush();
    expect(await ask()).toEqual(['a', 'c']);
    expect([...(await log.recent('other', ['a']))]).toEqual([]);
    await log.close();
  });

  it('has the segments of other processes, those of a process that died too, and the last rows of all of them', async () => {
    const log = open();
    const writers = [1, 2].map((owner) =>
      createCaptureWriter({
        folder,
        onOpened: async (segment) => log.opened(owner, segment),
        onSealed: (segment) => log.sealed(owner, segment),
      }),
    );
    for (let i = 0; i < 8; i += 1) {
      const [entry] = entries('shared', [row(`p${i}`, { atMs: 1000 + i })]) as [CaptureEntry];
      await writers[i % 2]?.append(entry);
    }
    await Promise.all(writers.map((writer) => writer.flush()));
    expect(idsOf(await log.captured({ ...query('shared'), last: 3 }))).toEqual(['p5', 'p6', 'p7']);
    log.lost(2);
    await writers[0]?.seal();
    await log.flush();
    expect(await objectsOf('shared')).toHaveLength(2);
    expect(idsOf(await log.captured({ ...query('shared'), last: 3 }))).toEqual(['p5', 'p6', 'p7']);
    expect(idsOf(await log.captured(query('shared')))).toHaveLength(8);
    await log.close();
  });
});
