import type { Row } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classReport } from '../../evaluation/index.js';
import { idOf, type MonitoringBench, me, openMonitoringBench, rainMonitor, truthOf } from '../monitoring.fixture.js';
import { sqlMonitoringStore } from '../monitoring-store.sql.js';

let bench: MonitoringBench;
let days: Row[];
beforeAll(async () => {
  bench = await openMonitoringBench({ trainer: 'logistic-regression', params: { c: 1 } });
  days = await bench.days('Seattle', { from: 2015, until: 2016 });
});
afterAll(() => bench.dispose());

const post = (rows: ReturnType<typeof truthOf>) => bench.monitoring.postTruth(me, 'rain', rows);
const flip = (rows: ReturnType<typeof truthOf>) =>
  rows.map(({ id, label }) => ({ id, label: String(label !== 'true') }));

describe('ground truth', () => {
  it('may come before its prediction, in parts, again and corrected', async () => {
    const truth = truthOf(days);
    expect(await post(truth.slice(0, 10))).toEqual({ accepted: 10, corrected: 0, unchanged: 0, unmatched: 10 });
    expect(await bench.monitoring.performance('rain', { rows: 60 })).toEqual([]);
    await bench.send(days.slice(0, 180));
    expect(await post(truth.slice(0, 30))).toEqual({ accepted: 20, corrected: 0, unchanged: 10, unmatched: 0 });
    const wrong = flip(truth.slice(30, 32));
    expect(await post([...truth.slice(32, 60), ...wrong])).toMatchObject({ accepted: 30, unmatched: 0 });
    expect(await post(truth.slice(30, 33))).toEqual({ accepted: 0, corrected: 2, unchanged: 1, unmatched: 0 });
    const history = await sqlMonitoringStore.truthHistory(bench.db, 'rain', wrong[0]?.id ?? '');
    expect(history).toMatchObject([{ label: wrong[0]?.label, revision: 1 }]);
    const [window, ...rest] = await bench.monitoring.performance('rain', { rows: 60 });
    expect(rest).toEqual([]);
    expect(window).toMatchObject({ version: 1, rows: 60, withTruth: 60, fromMs: Date.parse('2015-01-01') });
  });

  it('is refused when it is no label of the model', async () => {
    const refused = post([{ id: 'Seattle/2015-01-01', label: 'True' }]);
    await expect(refused).rejects.toMatchObject({ code: 'MON_TRUTH_LABEL', data: { labels: ['false', 'true'] } });
    await expect(bench.monitoring.postTruth(me, 'snow', [])).rejects.toMatchObject({ code: 'SRV_ENDPOINT_NOT_FOUND' });
  });

  it('gives the accuracy and Brier score that the evaluation found on the same days', async () => {
    await bench.send(days.slice(180));
    await post(truthOf(days));
    const [all, ...rest] = await bench.monitoring.performance('rain', { rows: 1_000 });
    expect(rest).toEqual([]);
    const { accuracy, brier } = classReport(bench.report).scores;
    expect(all).toMatchObject({ withTruth: days.length, expectedAccuracy: accuracy, verdict: 'pass' });
    expect(all?.accuracy?.estimate).toBeCloseTo(accuracy, 9);
    expect(all?.brier).toBeCloseTo(brier, 6);
    expect(all?.accuracy?.lower).toBeLessThan(accuracy);
    const windows = await bench.monitoring.performance('rain', { rows: 60 });
    expect(windows.map(({ rows }) => rows)).toEqual([60, 60, 60, 60, 60, 60, 4]);
    expect(windows.at(-1)?.verdict).toBe('insufficient');
    expect(windows[1]?.fromMs).toBe(windows[0]?.untilMs === undefined ? 0 : windows[0].untilMs - 1 + 86_400_000);
    expect(await bench.monitoring.performance('rain', { rows: 60, environment: 'test' })).toEqual([]);
    const single = (await bench.monitoring.performance('rain', { rows: 33 })).at(-1);
    expect(single).toMatchObject({ rows: 1, brier: null, verdict: 'insufficient' });
  });

  it('that contradicts the model opens a performance alert, by accuracy and by Brier score', async () => {
    const last = truthOf(days).slice(-60);
    for (const metric of ['accuracy', 'brier'] as const) {
      await bench.monitoring.declare(me, metric, { ...rainMonitor, performance: { metric, worseBy: 0.05 } });
      expect((await bench.monitoring.check(me, metric)).performance).toMatchObject({ verdict: 'pass', withTruth: 60 });
    }
    expect(await post(flip(last))).toMatchObject({ corrected: 60 });
    for (const metric of ['accuracy', 'brier'] as const) {
      expect((await bench.monitoring.check(me, metric)).performance?.verdict).toBe('fail');
    }
    const alerts = await bench.monitoring.alerts({ state: 'open', endpoint: 'rain', limit: 10 });
    const evidence = alerts.filter(({ kind }) => kind === 'performance').map((alert) => alert.evidence);
    expect(evidence.sort()).toEqual([
      expect.stringMatching(/^Brier score 0\.\d+, expected 0\.\d+, on 60 predictions with truth$/),
      expect.stringMatching(/^accuracy 0\.\d+ \[0\.\d+, 0\.\d+\], expected 0\.\d+, on 60 predictions with truth$/),
    ]);
    expect(await bench.metrics.render()).toMatch(
      /fairlead_monitoring_accuracy_ratio\{monitor="accuracy",endpoint="rain"\} 0\.\d/,
    );
  });

  it('counts a prediction once, with its later answer, when its id was asked twice', async () => {
    const before = await bench.monitoring.performance('rain', { rows: 1_000 });
    expect(await bench.send(days.slice(-5))).toContain(idOf(days.at(-1) as Row));
    const after = await bench.monitoring.performance('rain', { rows: 1_000 });
    expect(after[0]?.withTruth).toBe(before[0]?.withTruth);
  });
});
