import type { Row } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../../platform/http/http.fixture.js';
import { localActor } from '../../platform/identity/index.js';
import { monitoringRoutes } from './index.js';
import { type MonitoringBench, openMonitoringBench, rainMonitor, truthOf } from './monitoring.fixture.js';

let bench: MonitoringBench;
let server: TestServer;
let days: Row[];
beforeAll(async () => {
  bench = await openMonitoringBench({ trainer: 'logistic-regression', params: { c: 1 } });
  server = await openTestServer({}, { identify: async () => localActor });
  await monitoringRoutes({ monitoring: bench.monitoring })(server.app);
  days = await bench.days('New York', { from: 2015, until: 2016 });
  await bench.send(days.slice(0, 60));
});
afterAll(async () => {
  await server.app.close();
  await bench.dispose();
});

async function call(method: 'GET' | 'PUT' | 'POST', url: string, body?: object) {
  const headers = { host: '127.0.0.1', ...(body !== undefined && { 'content-type': 'application/json' }) };
  const payload = body === undefined ? {} : { payload: JSON.stringify(body) };
  const response = await server.app.inject({ method, url: `/api/v1${url}`, headers, ...payload });
  return { status: response.statusCode, body: response.json() };
}

describe('the routes of monitoring', () => {
  it('declare, check and show reports, with null for what was not tested', async () => {
    expect((await call('PUT', '/monitors/rain', rainMonitor)).body.spec).toEqual(rainMonitor);
    expect((await call('PUT', '/monitors/rain', { ...rainMonitor, extra: 1 })).status).toBe(400);
    expect((await call('PUT', '/monitors/rain', { ...rainMonitor, minRows: 61 })).body.error.code).toBe(
      'MON_SPEC_INVALID',
    );
    expect((await call('GET', '/monitors')).body.items).toHaveLength(1);
    expect((await call('GET', '/monitors/rain')).body.name).toBe('rain');
    expect((await call('GET', '/monitors/snow')).status).toBe(404);
    const { status, body } = await call('POST', '/monitors/rain/checks');
    expect(status).toBe(201);
    expect(body).toMatchObject({ driftVerdict: 'drift', version: 1, performance: null });
    expect((await call('GET', `/monitor-reports/${body.id}`)).body).toEqual(body);
    expect((await call('GET', '/monitors/rain/reports?limit=1')).body.items).toEqual([body]);
    expect((await call('GET', '/monitor-reports/x')).body.error.code).toBe('MON_REPORT_NOT_FOUND');
    await call('PUT', '/monitors/large', { ...rainMonitor, windowRows: 100, minRows: 100 });
    const few = (await call('POST', '/monitors/large/checks')).body;
    expect(few.columns[0].drift).toMatchObject({ verdict: 'insufficient', pValue: null, pValueAdjusted: null });
  });

  it('take truth and show performance', async () => {
    const post = await call('POST', '/endpoints/rain/truths', { rows: truthOf(days.slice(0, 60)) });
    expect(post).toEqual({ status: 200, body: { accepted: 60, corrected: 0, unchanged: 0, unmatched: 0 } });
    expect((await call('POST', '/endpoints/rain/truths', { rows: [] })).status).toBe(400);
    expect((await call('POST', '/endpoints/rain/truths', { rows: [{ id: 'x', label: '?' }] })).status).toBe(400);
    const { items } = (await call('GET', '/endpoints/rain/performance?rows=30')).body;
    expect(items).toHaveLength(2);
    expect(items[0]).toMatchObject({ version: 1, rows: 30, accuracy: { confidence: 0.95 } });
    expect((await call('GET', '/endpoints/snow/performance')).status).toBe(404);
  });

  it('take rewards: new ones, corrections and repeats, and refuse what is no number', async () => {
    const [known] = truthOf(days.slice(0, 1));
    const rows = [
      { id: known?.id, value: 12.5 },
      { id: 'not-yet', value: -1 },
    ];
    const post = (body: object) => call('POST', '/endpoints/rain/rewards', body);
    expect(await post({ rows })).toEqual({
      status: 200,
      body: { accepted: 2, corrected: 0, unchanged: 0, unmatched: 1 },
    });
    const again = [
      { id: known?.id, value: 12.5 },
      { id: 'not-yet', value: 2 },
    ];
    expect((await post({ rows: again })).body).toMatchObject({ accepted: 0, corrected: 1, unchanged: 1 });
    expect((await post({ rows: [{ id: 'x', value: 'much' }] })).status).toBe(400);
    expect((await post({ rows: [] })).status).toBe(400);
    expect((await call('POST', '/endpoints/snow/rewards', { rows })).status).toBe(404);
  });

  it('list alerts and let them be taken', async () => {
    const { items } = (await call('GET', '/alerts?state=open&endpoint=rain')).body;
    const drift = items.find((alert: { kind: string }) => alert.kind === 'drift');
    expect((await call('GET', `/alerts/${drift.id}`)).body).toEqual(drift);
    expect((await call('POST', `/alerts/${drift.id}/acknowledge`)).body).toMatchObject({
      ...{ state: 'acknowledged', acknowledgedBy: 'local' },
    });
    expect((await call('POST', '/alerts/x/acknowledge')).body.error.code).toBe('MON_ALERT_NOT_FOUND');
    expect((await call('GET', '/alerts?state=closed')).status).toBe(400);
  });
});
