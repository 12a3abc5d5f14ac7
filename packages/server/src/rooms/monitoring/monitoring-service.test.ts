import type { Row } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { type MonitoringBench, me, openMonitoringBench, rainMonitor } from './monitoring.fixture.js';

let bench: MonitoringBench;
let seattle: Row[];
beforeAll(async () => {
  bench = await openMonitoringBench({ trainer: 'logistic-regression', params: { c: 1 } });
  seattle = await bench.days('Seattle', { from: 2015, until: 2016 });
});
afterAll(() => bench.dispose());

const eventTypes = async (kind: string) =>
  (await readLedger(bench.db, { afterSeq: 0, limit: 1000 }))
    .filter(({ type, payload }) => type.startsWith('monitoring.alert') && (payload as { kind?: string }).kind === kind)
    .map(({ type }) => type);

describe('a monitor', () => {
  it('is declared once; the same again changes nothing, a contradiction is refused', async () => {
    const { monitoring } = bench;
    expect((await monitoring.declare(me, 'rain', rainMonitor)).changed).toBe(true);
    expect((await monitoring.declare(me, 'rain', { ...rainMonitor })).changed).toBe(false);
    expect((await monitoring.declare(me, 'rain', { ...rainMonitor, windowRows: 50 })).changed).toBe(true);
    expect((await monitoring.list()).map(({ name }) => name)).toEqual(['rain']);
    const refused = (change: object) => monitoring.declare(me, 'rain', { ...rainMonitor, ...change });
    await expect(refused({ minRows: 61 })).rejects.toMatchObject({ code: 'MON_SPEC_INVALID' });
    await expect(refused({ drift: { alpha: 0, minEffect: 0.1 } })).rejects.toMatchObject({ code: 'MON_SPEC_INVALID' });
    await expect(refused({ endpoint: 'snow' })).rejects.toMatchObject({ code: 'SRV_ENDPOINT_NOT_FOUND' });
    await expect(monitoring.get('snow')).rejects.toMatchObject({ code: 'MON_NOT_FOUND' });
    await monitoring.declare(me, 'elsewhere', { ...rainMonitor, environment: 'test' });
    await expect(monitoring.check(me, 'elsewhere')).rejects.toMatchObject({ code: 'MON_NOT_ROUTED' });
  });

  it('says insufficient below its rows and opens nothing', async () => {
    await bench.monitoring.declare(me, 'rain', rainMonitor);
    await bench.send(seattle.slice(100, 120), (day) => ({ ...day, temp_max: 60 }));
    const report = await bench.monitoring.check(me, 'rain');
    expect(report).toMatchObject({ driftVerdict: 'insufficient', integrity: 'insufficient', windowRows: 20 });
    expect(report.columns.every(({ drift }) => drift.verdict === 'insufficient')).toBe(true);
    expect(report.columns[0]?.drift.evidence).toContain('20 of the 30 rows that are needed');
    expect(await bench.monitoring.alerts({ limit: 10 })).toEqual([]);
    const stored = await bench.monitoring.report(report.id);
    expect(stored).toEqual(report);
    expect(stored.columns[0]?.drift.pValue).toBeNaN();
  });

  it('counts what is missing, unseen and out of range, and opens one alert however often it looks', async () => {
    const damage = (day: Row): Row => ({
      ...day,
      weather: (day.date as number) % (4 * 86_400_000) === 0 ? 'hail' : (day.weather ?? null),
      wind: (day.date as number) % (8 * 86_400_000) === 0 ? null : (day.wind ?? null),
      temp_max: 60,
    });
    await bench.send(seattle.slice(120, 180), damage);
    bench.clock.advance(1_000);
    const report = await bench.monitoring.check(me, 'rain');
    const column = (name: string) => report.columns.find((check) => check.column === name);
    expect(column('weather')).toMatchObject({ unseen: 15, missing: 0 });
    expect(column('temp_max')?.outOfRange).toBe(60);
    expect(column('wind')?.missing).toBeGreaterThanOrEqual(7);
    expect(report.integrity).toBe('fail');
    const open = () => bench.monitoring.alerts({ state: 'open', limit: 10 });
    const first = (await open()).find(({ kind }) => kind === 'integrity');
    expect(first).toMatchObject({ severity: 'critical', monitor: 'rain', reportId: report.id });
    expect(first?.evidence).toContain('temp_max: 100 % out of range');
    expect(first?.evidence).toContain('weather: 25 % unseen');
    bench.clock.advance(1_000);
    const again = await bench.monitoring.check(me, 'rain');
    const second = (await open()).filter(({ kind }) => kind === 'integrity');
    expect(second).toEqual([{ ...first, reportId: again.id, updatedAtMs: bench.clock.nowMs() }]);
    expect(await eventTypes('integrity')).toEqual(['monitoring.alert-opened']);
    expect((await bench.monitoring.reports('rain', 2)).map(({ id }) => id)).toEqual([again.id, report.id]);
  });

  it('keeps an acknowledged alert and resolves it when two checks running found nothing', async () => {
    const { monitoring } = bench;
    const [alert] = (await monitoring.alerts({ state: 'open', limit: 10 })).filter(({ kind }) => kind === 'integrity');
    const id = alert?.id ?? '';
    const taken = await monitoring.acknowledge({ actor: { ...me.actor, id: 'bob' } }, id);
    expect(taken).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'bob' });
    expect((await monitoring.acknowledge(me, id)).acknowledgedBy).toBe('bob');
    await bench.send(seattle.slice(180, 240));
    await monitoring.check(me, 'rain');
    expect((await monitoring.alert(id)).state).toBe('acknowledged');
    await monitoring.check(me, 'rain');
    expect(await monitoring.alert(id)).toMatchObject({ state: 'resolved', resolvedAtMs: bench.clock.nowMs() });
    expect(await eventTypes('integrity')).toEqual(['monitoring.alert-opened', 'monitoring.alert-resolved']);
    await expect(monitoring.acknowledge(me, id)).rejects.toMatchObject({ code: 'MON_ALERT_RESOLVED' });
    await expect(monitoring.alert('x')).rejects.toMatchObject({ code: 'MON_ALERT_NOT_FOUND' });
  });

  it('checks itself after so many rows, one check at a time, and leaves its numbers for Prometheus', async () => {
    const { monitoring, jobs } = bench;
    await monitoring.declare(me, 'rain', { ...rainMonitor, everyRows: 40 });
    const before = (await monitoring.reports('rain', 100)).length;
    const due = async () => (await jobs.list({ kind: 'monitoring.check' })).length;
    await bench.send(seattle.slice(240, 260));
    await monitoring.close();
    expect(await due()).toBe(0);
    // The second and third fill come before the first check ran: they become one more, not two.
    await bench.send(seattle.slice(260, 364));
    await monitoring.close();
    expect(await due()).toBe(1);
    await jobs.start();
    const [job] = await jobs.list({ kind: 'monitoring.check' });
    const done = await jobs.waitFor(job?.id ?? '', { timeoutMs: 20_000 });
    expect(done).toMatchObject({ state: 'succeeded', result: { driftVerdict: expect.any(String) } });
    await monitoring.close();
    const second = (await jobs.list({ kind: 'monitoring.check' })).find(({ id }) => id !== job?.id);
    if (second !== undefined) await jobs.waitFor(second.id, { timeoutMs: 20_000 });
    await jobs.stop({ graceMs: 5_000 });
    expect((await monitoring.reports('rain', 100)).length - before).toBe(await due());
    expect(await due()).toBeLessThanOrEqual(2);
    expect(await bench.metrics.render()).toContain(
      'fairlead_monitoring_drifted_columns{monitor="rain",endpoint="rain"}',
    );
  });

  it('reports requests and latencies of the window', async () => {
    const { service } = await bench.monitoring.check(me, 'rain');
    expect(service.requests).toBeGreaterThanOrEqual(3);
    expect(service.errorRatio).toBe(0);
    expect(service.p50Ms).toBeGreaterThan(0);
    expect(service.p99Ms).toBeGreaterThanOrEqual(service.p95Ms);
  });
});
