import { readFileSync } from 'node:fs';
import type { DeliveryJobView, DeliveryView, QuarantinedRowSchema, Wire } from '@fairlead/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { openTestServer, type TestServer } from '../../platform/http/http.fixture.js';
import { localActor } from '../../platform/identity/index.js';
import { type JobQueue, jobMigrations } from '../../platform/jobs/index.js';
import { quickQueue } from '../../platform/jobs/testing.js';
import { openTestHome, seattle, type TestHome, WEATHER_CSV } from './data.fixture.js';
import { handleIngestJobs } from './data-jobs.js';
import { dataRoutes } from './data-routes.js';

let home: TestHome;
let server: TestServer;
let jobs: JobQueue;
beforeAll(async () => {
  home = await openTestHome({ rooms: [jobMigrations] });
  jobs = quickQueue(home.db, 'test', { exclusive: true });
  handleIngestJobs({ data: home.data, jobs });
  await jobs.start();
  server = await openTestServer({}, { identify: async () => localActor });
  await server.app.register(dataRoutes({ data: home.data, db: home.db, jobs }));
  await server.app.ready();
});
afterAll(async () => {
  await jobs.stop({ graceMs: 1000 });
  await server.app.close();
  await home.dispose();
});

async function call<T>(
  method: 'GET' | 'PUT' | 'POST',
  url: string,
  payload?: unknown,
): Promise<{ status: number; body: T }> {
  const options = payload === undefined ? {} : { payload: payload as object };
  const response = await server.app.inject({
    method,
    url: `/api/v1${url}`,
    headers: { host: '127.0.0.1' },
    ...options,
  });
  return { status: response.statusCode, body: response.json() as T };
}

describe('the data API', () => {
  it('declares a dataset and refuses unknown members, bad SQL and contradictions', async () => {
    expect(await call('PUT', '/datasets/weather', seattle)).toMatchObject({
      status: 200,
      body: { name: 'weather', latestVersionId: null },
    });
    expect((await call('PUT', '/datasets/weather', { ...seattle, colour: 'red' })).status).toBe(400);
    const sql = {
      ...seattle,
      source: {
        ...seattle.source,
        derive: { ...seattle.source.derive, x: `(select max(a) from read_csv('/etc/passwd'))` },
      },
    };
    expect(await call('PUT', '/datasets/weather', sql)).toMatchObject({
      status: 400,
      body: { error: { code: 'DATA_EXPRESSION_INVALID', data: { key: 'source.derive.x' } } },
    });
    expect(await call('PUT', '/datasets/weather', { ...seattle, time: 'wind' })).toMatchObject({
      status: 400,
      body: { error: { code: 'DATA_SPEC_INVALID', data: { key: 'time' } } },
    });
    expect(await call('GET', '/datasets')).toMatchObject({
      body: { items: [{ name: 'weather' }], nextPageToken: null },
    });
    expect((await call('GET', '/datasets/nothing')).status).toBe(404);
  });

  it('takes an uploaded file through a durable job and shows what became of it', async () => {
    const csv = Buffer.concat([readFileSync(WEATHER_CSV), Buffer.from('Seattle,2014-05-05,wet,1,0,1,rain\n')]);
    const upload = await server.app.inject({
      method: 'POST',
      url: '/api/v1/datasets/weather/uploads',
      headers: { host: '127.0.0.1', 'content-type': 'text/csv' },
      payload: csv,
    });
    expect(upload.statusCode).toBe(201);
    const { digest, sizeBytes } = upload.json() as { digest: string; sizeBytes: number };
    expect(sizeBytes).toBe(csv.length);
    const ingest = { source: { path: `object:${digest}` } };
    const taken = await call<DeliveryJobView>('POST', '/datasets/weather/deliveries?waitMs=30000', ingest);
    expect(taken).toMatchObject({
      status: 202,
      body: {
        state: 'succeeded',
        error: null,
        delivery: { outcome: 'accepted', acceptedRows: 1096, rejectedRows: 1 },
        version: { number: 1, rows: 1096 },
      },
    });
    const { deliveryId } = taken.body;
    const list = await call<{ items: DeliveryView[] }>('GET', '/datasets/weather/deliveries');
    expect(list.body.items.map((one) => one.id)).toEqual([deliveryId]);
    const bad = await call<{ items: Wire<typeof QuarantinedRowSchema>[] }>(
      'GET',
      `/deliveries/${deliveryId}/quarantine?limit=1`,
    );
    expect(bad.body).toMatchObject({
      items: [{ line: 2924, reasons: [{ code: 'CAST' }, { code: 'DUPLICATE_KEY' }] }],
      nextPageToken: null,
    });
    const created = (await readLedger(home.db, { afterSeq: 0, limit: 100 })).find(
      (e) => e.type === 'data.version-created',
    );
    expect(created?.actor.id).toBe(localActor.id);
  });

  it('pages through quarantine', async () => {
    const lines = ['location,date,precipitation,temp_max,temp_min,wind,weather'];
    for (let day = 1; day <= 5; day += 1) lines.push(`Seattle,2012-01-0${day},wet,1,0,1,rain`);
    home.write('bad.csv', lines.join('\n'));
    const { body } = await call<DeliveryJobView>('POST', '/datasets/weather/deliveries?waitMs=30000', {
      source: { path: 'bad.csv' },
    });
    expect(body.delivery?.outcome).toBe('refused');
    const seen: number[] = [];
    for (let token: string | null = ''; token !== null; ) {
      const page: { body: { items: { line: number }[]; nextPageToken: string | null } } = await call(
        'GET',
        `/deliveries/${body.deliveryId}/quarantine?limit=2&pageToken=${token}`,
      );
      seen.push(...page.body.items.map((row) => row.line));
      token = page.body.nextPageToken;
    }
    expect(seen).toEqual([2, 3, 4, 5, 6]);
  });

  it('refuses a source that cannot be had before any job is queued', async () => {
    const post = (path: string) =>
      call<{ error: { code: string } }>('POST', '/datasets/weather/deliveries', { source: { path, format: 'csv' } });
    expect(await post('/etc/passwd')).toMatchObject({ status: 403, body: { error: { code: 'DATA_PATH_FORBIDDEN' } } });
    expect(await post('http://127.0.0.1/x.csv')).toMatchObject({
      status: 403,
      body: { error: { code: 'DATA_URL_FORBIDDEN' } },
    });
    expect(await post('object:nonsense')).toMatchObject({ status: 404 });
    expect(await post('missing.csv')).toMatchObject({
      status: 404,
      body: { error: { code: 'DATA_SOURCE_NOT_FOUND' } },
    });
  });

  it('reports the error of a job that failed', async () => {
    home.write('broken.parquet', 'PAR1');
    const { status, body } = await call<DeliveryJobView>('POST', '/datasets/weather/deliveries?waitMs=30000', {
      source: { path: 'broken.parquet' },
    });
    expect(status).toBe(202);
    expect(body).toMatchObject({ state: 'failed', delivery: null, error: { code: 'DATA_SOURCE_UNREADABLE' } });
  });

  it('shows versions, rows, profiles and splits', async () => {
    expect(await call('GET', '/datasets/weather/versions')).toMatchObject({ body: { items: [{ number: 1 }] } });
    const rows = await call('GET', '/datasets/weather/versions/latest/rows?limit=2&columns=date&columns=rain_tomorrow');
    expect(rows.body).toEqual({
      columns: ['date', 'rain_tomorrow'],
      items: [
        { date: Date.UTC(2012, 0, 1), rain_tomorrow: true },
        { date: Date.UTC(2012, 0, 2), rain_tomorrow: true },
      ],
    });
    expect((await call('GET', '/datasets/weather/versions/latest/rows?limit=1001')).status).toBe(400);
    const profile = await call<{ columns: { name: string }[] }>('GET', '/datasets/weather/versions/1/profile');
    expect(profile.body.columns.map((column) => column.name)).toContain('rain_tomorrow');
    const spec = { by: 'time', parts: { train: { until: '2014-01-01' }, test: { from: '2014-01-01' } } };
    const made = await call<{ id: string }>('POST', '/datasets/weather/versions/latest/splits', spec);
    expect(made).toMatchObject({ status: 201, body: { unused: { noLabel: 1, outside: 0, labelOverlap: 1 } } });
    expect((await call('GET', `/splits/${made.body.id}`)).body).toEqual(made.body);
    expect(await call('GET', '/datasets/weather/versions/1/splits')).toMatchObject({ body: { items: [made.body] } });
    expect((await call('GET', `/splits/${made.body.id}/parts/test/profile`)).body).toMatchObject({ rowCount: 364 });
    expect((await call('POST', '/datasets/weather/versions/latest/splits', { by: 'time', parts: {} })).status).toBe(
      400,
    );
    expect((await call('GET', '/datasets/weather/versions/9')).status).toBe(404);
  });
});
