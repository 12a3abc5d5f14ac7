import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer } from '../../platform/http/http.fixture.js';
import type { App } from '../../platform/http/index.js';
import { pipelinesRoutes } from './pipelines-routes.js';
import { type Bench, me, openBench, type Replica } from './pipelines-testing.js';

const scientist = { kind: 'user' as const, id: 'ada', roles: ['data-scientist' as const], authenticated: true };
const noop = {
  ...{ uses: 'noop', version: '1', title: 'Nothing', cacheable: true, check: () => [] },
  run: async () => ({ outputs: {}, summary: { rows: 3 } }),
};
const spec = { params: { depth: 4 }, steps: { only: { uses: 'noop' } } };

describe('the pipelines API', () => {
  let bench: Bench;
  let replica: Replica;
  let app: App;
  const send = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) => {
    const headers = { host: '127.0.0.1' };
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };

  beforeAll(async () => {
    bench = await openBench([noop]);
    replica = bench.replica('one');
    await replica.queue.start();
    ({ app } = await openTestServer({}, { identify: async () => scientist }));
    await app.register(pipelinesRoutes({ pipelines: replica.pipelines }));
    await replica.pipelines.declare(me, 'p', { spec, projectFolder: bench.project });
  });
  afterAll(async () => {
    await app.close();
    await bench.dispose();
  });

  it('runs a pipeline and waits for its end when asked to', async () => {
    const { status, body } = await send('POST', '/api/v1/pipelines/p/runs?waitMs=20000', { params: { depth: 8 } });
    expect(status).toBe(202);
    expect(body.run).toMatchObject({
      id: body.runId,
      state: 'succeeded',
      params: { depth: 8 },
      trigger: { kind: 'manual', ref: null },
      steps: [{ name: 'only', state: 'succeeded', summary: { rows: 3 }, whyNotCached: ['first run of this step'] }],
    });
    expect((await send('GET', `/api/v1/pipeline-runs/${body.runId}`)).body).toEqual(body.run);
  });

  it('lists pipelines, built-in steps and runs page by page', async () => {
    await send('POST', '/api/v1/pipelines/p/runs?waitMs=20000', {});
    await send('POST', '/api/v1/pipelines/p/runs?waitMs=20000', {});
    expect((await send('GET', '/api/v1/pipelines')).body.items).toMatchObject([{ name: 'p', spec }]);
    expect((await send('GET', '/api/v1/pipeline-steps')).body.items[0].uses).toBe('noop');
    const first = (await send('GET', '/api/v1/pipeline-runs?pipeline=p&limit=1')).body;
    const second = (await send('GET', `/api/v1/pipeline-runs?pipeline=p&limit=1&pageToken=${first.nextPageToken}`))
      .body;
    expect(second.items[0].createdAtMs).toBeLessThanOrEqual(first.items[0].createdAtMs);
    expect(second.items[0].id).not.toBe(first.items[0].id);
  });

  it('changes a pipeline but takes no folder from a caller', async () => {
    const changed = await send('PUT', '/api/v1/pipelines/p', { spec: { ...spec, params: { depth: 5 } } });
    expect([changed.status, changed.body.spec.params]).toEqual([200, { depth: 5 }]);
    const foreign = await send('PUT', '/api/v1/pipelines/p', { spec, projectFolder: '/etc' });
    expect([foreign.status, foreign.body.error.code]).toEqual([403, 'PIP_FOLDER_FORBIDDEN']);
  });

  it('answers mistakes with a code and a remedy', async () => {
    const ended = (await send('GET', '/api/v1/pipeline-runs?limit=1')).body.items[0].id;
    const cases = [
      await send('GET', '/api/v1/pipelines/nothing'),
      await send('GET', '/api/v1/pipeline-runs/nobody'),
      await send('POST', '/api/v1/pipelines/p/runs', { params: { dpeth: 1 } }),
      await send('PUT', '/api/v1/pipelines/p', { spec: { steps: { a: { uses: 'unknown' } } } }),
      await send('POST', `/api/v1/pipeline-runs/${ended}/cancel`),
      await send('POST', `/api/v1/pipeline-runs/${ended}/resume`),
    ];
    expect(cases.map(({ status, body }) => [status, body.error.code])).toEqual([
      [404, 'PIP_NOT_FOUND'],
      [404, 'PIP_RUN_NOT_FOUND'],
      [400, 'PIP_PARAM_INVALID'],
      [400, 'PIP_SPEC_INVALID'],
      [409, 'PIP_RUN_STATE'],
      [409, 'PIP_RUN_STATE'],
    ]);
  });
});
