import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { openTestServer } from '../../platform/http/http.fixture.js';
import type { App } from '../../platform/http/index.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createTracking } from './create-tracking.js';
import { trackingMigrations } from './tracking-migrations.js';
import { trackingRoutes } from './tracking-routes.js';

const scientist = { kind: 'user' as const, id: 'ada', roles: ['data-scientist' as const], authenticated: true };

describe('the API of experiments and runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-analysis-'));
  let test: TestDb;
  let app: App;
  const send = async (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) => {
    const headers = { host: '127.0.0.1' };
    const answer = await app.inject({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
  };
  const start = async (experiment: string, run: object = {}) =>
    (await send('POST', '/runs', { experiment, ...run })).body as { id: string; experimentId: string };
  const log = (runId: string, batch: object) => send('POST', `/runs/${runId}/batch`, batch);
  const point = (key: string, value: number | string, step = 0) => ({ key, value, step, timestampMs: 1000 + step });

  beforeAll(async () => {
    test = await openTestSqlite([trackingMigrations]);
    const objects = createLocalObjectStore(folder);
    const tracking = createTracking({ db: test.db, objects, clock: systemClock, version: '0.0.0' });
    ({ app } = await openTestServer({}, { identify: async () => scientist }));
    await app.register(trackingRoutes({ tracking }));
  });
  afterAll(async () => {
    await app.close();
    await test.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds runs by conditions on what was logged, in the order of a metric, with the parts that are asked for', async () => {
    for (const [loss, depth] of [
      [0.5, 4],
      [0.2, 8],
      ['NaN', 8],
      [0.1, 4],
    ] as const) {
      const run = await start('find', { params: { depth } });
      await log(run.id, { metrics: [point('loss', loss)] });
    }
    const request = {
      where: [{ field: 'metric', key: 'loss', comparison: '<', value: 0.3 }],
      orderBy: [{ field: 'metric', key: 'loss', direction: 'asc' }],
      parts: ['metrics'],
    };
    const { body } = await send('POST', '/runs/search', request);
    expect(body.items.map((run: { metrics: { loss: number } }) => run.metrics.loss)).toEqual([0.1, 0.2]);
    expect(body.items[0].params).toEqual({});
    const first = await send('POST', '/runs/search', { ...request, limit: 1 });
    const second = await send('POST', '/runs/search', { ...request, limit: 1, pageToken: first.body.nextPageToken });
    expect([first.body.items[0].metrics.loss, second.body.items[0].metrics.loss]).toEqual([0.1, 0.2]);
    expect(second.body.nextPageToken).toBeNull();
  });

  it('finds runs by what they have at all', async () => {
    const parent = await start('null', { name: 'bare' });
    const run = await start('null', { name: 'full', params: { depth: 4 }, parentRunId: parent.id });
    await log(run.id, { tags: { team: 'x' }, metrics: [point('auc', 1)] });
    const named = async (condition: object) => {
      const { body } = await send('POST', '/runs/search', {
        experimentIds: [run.experimentId],
        where: [condition],
        orderBy: [{ field: 'name', direction: 'asc' }],
      });
      return body.items.map(({ name }: { name: string }) => name);
    };
    for (const field of [
      { field: 'param', key: 'depth' },
      { field: 'tag', key: 'team' },
      { field: 'metric', key: 'auc' },
      { field: 'parent' },
    ]) {
      expect(await named({ ...field, comparison: 'is-null' }), field.field).toEqual(['bare']);
      expect(await named({ ...field, comparison: 'is-not-null' }), field.field).toEqual(['full']);
    }
    expect(await named({ field: 'endedAt', comparison: 'is-null' })).toEqual(['bare', 'full']);
    expect(await named({ field: 'dataset.name', comparison: 'is-not-null' })).toEqual([]);
  });

  it('refuses conditions that make no sense', async () => {
    for (const where of [
      [{ field: 'param', key: 'depth', comparison: 'is-null', value: 'a' }],
      [{ field: 'param', key: 'depth', comparison: '=' }],
      [{ field: 'tag', comparison: 'is-null' }],
      [{ field: 'metric', comparison: '<', value: 1 }],
      [{ field: 'metric', key: 'loss', comparison: '<', value: 'a' }],
      [{ field: 'param', key: 'depth', comparison: 'in', value: 'a' }],
      [{ field: 'startedAt', comparison: 'like', value: 'a' }],
      [{ field: 'nothing', comparison: '=', value: 'a' }],
    ]) {
      expect((await send('POST', '/runs/search', { where })).status, JSON.stringify(where)).toBe(400);
    }
  });

  it('compares runs by what differs and by nothing else', async () => {
    const runs = [
      await start('compare', { name: 'same', params: { depth: 4, seed: 1 } }),
      await start('compare', { name: 'same', params: { depth: 8, seed: 1 } }),
    ];
    await log(runs[1]?.id ?? '', { metrics: [point('loss', 'NaN')] });
    const { body } = await send('POST', '/runs/compare', { runIds: runs.map(({ id }) => id) });
    const logged = body.items.filter(({ field }: { field: string }) => field !== 'attribute');
    expect(logged).toEqual([
      { field: 'param', key: 'depth', values: ['4', '8'] },
      { field: 'metric', key: 'loss', values: [null, 'NaN'] },
    ]);
    expect((await send('POST', '/runs/compare', { runIds: [runs[0]?.id, 'none'] })).status).toBe(404);
  });

  it('gives a chart its peaks', async () => {
    const { id } = await start('chart');
    const steps = Array.from({ length: 900 }, (_, step) => step);
    await log(id, { metrics: steps.map((step) => point('loss', step === 431 ? 99 : Math.sin(step / 50), step)) });
    const { body } = await send('GET', `/runs/${id}/metric-samples?key=loss&maxPoints=40`);
    expect(body.totalPoints).toBe(900);
    expect(body.items.length).toBeLessThanOrEqual(60);
    expect(body.items).toContainEqual(point('loss', 99, 431));
    expect([body.items[0].step, body.items.at(-1).step]).toEqual([0, 899]);
  });

  it('changes, deletes and restores a run', async () => {
    const { id } = await start('changes', { tags: { a: '1', b: '2' } });
    const changed = await send('PATCH', `/runs/${id}`, { name: 'new', group: 'g', note: 'n', tags: { a: null } });
    expect(changed.body).toMatchObject({ name: 'new', group: 'g', note: 'n', tags: { b: '2' } });
    expect((await send('DELETE', `/runs/${id}`)).status).toBe(204);
    expect((await send('GET', `/runs/${id}`)).body.lifecycle).toBe('deleted');
    expect((await log(id, { tags: { c: '3' } })).status).toBeGreaterThanOrEqual(400);
    expect((await send('POST', `/runs/${id}/restore`, {})).body.lifecycle).toBe('active');
    expect((await log(id, { tags: { c: '3' } })).status).toBe(204);
  });

  it('frees the name of a deleted experiment, and brings it back with its runs', async () => {
    const run = await start('twice');
    const of = `/experiments/${run.experimentId}`;
    expect((await send('PATCH', of, { note: 'x', tags: { t: '1' } })).body).toMatchObject({
      note: 'x',
      tags: { t: '1' },
    });
    expect((await send('DELETE', of)).body.lifecycle).toBe('deleted');
    expect((await send('GET', `/runs/${run.id}`)).body.lifecycle).toBe('deleted');
    const other = await start('twice');
    expect(other.experimentId).not.toBe(run.experimentId);
    expect((await send('POST', `${of}/restore`, {})).status).toBe(409);
    await send('PATCH', `/experiments/${other.experimentId}`, { name: 'twice again' });
    expect((await send('POST', `${of}/restore`, {})).body).toMatchObject({ lifecycle: 'active', name: 'twice' });
    expect((await send('GET', `/runs/${run.id}`)).body.lifecycle).toBe('active');
  });

  it('sends the metrics of a run as they are stored', async () => {
    const { id } = await start('live');
    const address = await app.listen({ port: 0 });
    const stop = new AbortController();
    const answer = await fetch(`${address}/api/v1/runs/${id}/metric-stream`, { signal: stop.signal });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    await log(id, { metrics: [point('loss', 0.5, 1), point('loss', 'Infinity', 2)] });
    let text = '';
    for await (const chunk of answer.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('Infinity')) break;
    }
    const data = text.split('\n').find((line) => line.startsWith('data: '));
    expect(JSON.parse(data?.slice(6) ?? '')).toEqual([point('loss', 0.5, 1), point('loss', 'Infinity', 2)]);
    stop.abort();
    expect((await send('GET', '/runs/none/metric-stream')).status).toBe(404);
  });
});
