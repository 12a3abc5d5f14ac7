import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import { openTestServer } from '../../platform/http/http.fixture.js';
import type { App } from '../../platform/http/index.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createTracking } from './create-tracking.js';
import { trackingMigrations } from './tracking-migrations.js';
import { trackingRoutes } from './tracking-routes.js';

const scientist = { kind: 'user' as const, id: 'ada', roles: ['data-scientist' as const], authenticated: true };

describe('the tracking API', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-tracking-'));
  let test: TestDb;
  let app: App;
  let runId: string;
  const send = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: object | string) => {
    const headers = {
      host: '127.0.0.1',
      ...(typeof payload === 'string' ? { 'content-type': 'text/x-anything' } : {}),
    };
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return {
      status: answer.statusCode,
      body: answer.body === '' ? null : safeJson(answer.body),
      headers: answer.headers,
    };
  };

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
  beforeEach(async () => {
    const { body } = await send('POST', '/api/v1/runs', { experiment: 'rain', params: { depth: 4 } });
    runId = body.id;
  });

  it('carries numbers that JSON cannot by their names, both ways', async () => {
    const metrics = ['NaN', 'Infinity', '-Infinity', 0.5].map((value, step) => ({
      key: 'm',
      value,
      step,
      timestampMs: 1,
    }));
    expect((await send('POST', `/api/v1/runs/${runId}/batch`, { metrics })).status).toBe(204);
    const history = await send('GET', `/api/v1/runs/${runId}/metric-history?key=m`);
    expect(history.body.items).toEqual(metrics);
    await send('POST', `/api/v1/runs/${runId}/batch`, { metrics: [{ ...metrics[0], step: 9 }] });
    const { body } = await send('POST', `/api/v1/runs/${runId}/end`, { status: 'finished' });
    expect(body).toMatchObject({ status: 'finished', metrics: { m: 'NaN' }, params: { depth: '4' }, createdBy: 'ada' });
  });

  it('finds runs page by page', async () => {
    await send('POST', '/api/v1/runs', { experiment: 'rain' });
    const first = await send('GET', '/api/v1/runs?experiment=rain&limit=1');
    const second = await send('GET', `/api/v1/runs?experiment=rain&limit=1&pageToken=${first.body.nextPageToken}`);
    expect(second.body.items[0].id).not.toBe(first.body.items[0].id);
    const bad = await send('GET', '/api/v1/runs?pageToken=rubbish');
    expect([bad.status, bad.body.error.code]).toEqual([400, 'SEARCH_PAGE_TOKEN_INVALID']);
  });

  it('takes files as they come and gives them back as attachments that no browser opens', async () => {
    const put = await send('PUT', `/api/v1/runs/${runId}/artifacts/plots/r%C3%A9sum%C3%A9.html`, '<script>1</script>');
    expect([put.status, put.body.path, put.body.sizeBytes]).toEqual([201, 'plots/résumé.html', 18]);
    const got = await app.inject({
      url: `/api/v1/runs/${runId}/artifacts/plots/r%C3%A9sum%C3%A9.html`,
      headers: { host: '127.0.0.1' },
    });
    expect(got.body).toBe('<script>1</script>');
    expect(got.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-length': '18',
      'content-disposition': expect.stringMatching(
        /^attachment; filename="r_sum_.html"; filename\*=UTF-8''r%C3%A9sum%C3%A9.html$/,
      ),
    });
    expect((await send('GET', `/api/v1/runs/${runId}/artifacts`)).body.items).toHaveLength(1);
    expect((await send('PUT', `/api/v1/runs/${runId}/artifacts/empty`)).body.sizeBytes).toBe(0);
  });

  it.each(['..%2f..%2fx', 'a%2f..%2fb', '%2fetc%2fpasswd', 'a%5cb', 'a%0ab', 'a%00b'])(
    'refuses the path %s with a code',
    async (path) => {
      for (const method of ['PUT', 'GET'] as const) {
        const answer = await send(
          method,
          `/api/v1/runs/${runId}/artifacts/${path}`,
          method === 'PUT' ? 'x' : undefined,
        );
        expect(answer.status).toBe(400);
        expect(answer.body.error.code).toMatch(/^(TRK_ARTIFACT_PATH_INVALID|HTTP_)/);
      }
    },
  );

  it('answers mistakes with a code and a remedy', async () => {
    const cases = [
      await send('GET', '/api/v1/runs/nobody'),
      await send('GET', '/api/v1/runs?experiment=nothing'),
      await send('POST', `/api/v1/runs/${runId}/batch`, { params: { depth: 5 } }),
      await send('POST', `/api/v1/runs/${runId}/batch`, {
        metrics: [{ key: 'a//b', value: 1, step: 0, timestampMs: 0 }],
      }),
      await send('POST', '/api/v1/runs', { experiment: 'x', surprise: 1 }),
    ];
    expect(cases.map(({ status, body }) => [status, body.error.code])).toEqual([
      [404, 'TRK_RUN_NOT_FOUND'],
      [404, 'TRK_EXPERIMENT_NOT_FOUND'],
      [409, 'TRK_PARAM_CONFLICT'],
      [400, 'TRK_KEY_INVALID'],
      [400, expect.stringMatching(/^HTTP_/)],
    ]);
  });
});

function safeJson(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
