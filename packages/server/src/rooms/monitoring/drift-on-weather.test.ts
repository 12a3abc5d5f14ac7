import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MonitoringBench, me, openMonitoringBench, rainMonitor } from './monitoring.fixture.js';
import type { MonitorReport } from './monitoring-types.js';

const models = [
  { trainer: 'logistic-regression', params: { c: 1 } },
  { trainer: 'random-forest', params: { nEstimators: 60, minSamplesLeaf: 10 } },
] as const;

const WINDOW = 60;
const drifted = ({ columns, output }: MonitorReport) =>
  [...columns, ...(output === null ? [] : [output])]
    .filter(({ drift }) => drift.verdict === 'drift')
    .map(({ column }) => column);

describe.each(models)('a year of Seattle and then New York, before a $trainer', (candidate) => {
  let bench: MonitoringBench;
  beforeAll(async () => {
    bench = await openMonitoringBench(candidate);
    await bench.monitoring.declare(me, 'rain', { ...rainMonitor, windowRows: WINDOW, minRows: WINDOW });
  });
  afterAll(() => bench.dispose());

  it('finds drift in at most one window of the year on which nothing happened', async () => {
    const days = await bench.days('Seattle', { from: 2015, until: 2016 });
    const found: string[][] = [];
    for (let from = 0; from < days.length; from += 30) {
      await bench.send(days.slice(from, from + 30));
      const report = await bench.monitoring.check(me, 'rain');
      expect(report.driftVerdict === 'insufficient').toBe(from === 0);
      if (report.driftVerdict === 'drift') found.push(drifted(report));
    }
    // The one is no false alarm of the test: January 2015 has 15 days of fog, the three Januaries before it 2 together.
    expect(found.length).toBeLessThanOrEqual(1);
    expect(found.flat().every((column) => column === 'weather')).toBe(true);
  });

  it('finds New York within sixty of its days and says what moved', async () => {
    const days = await bench.days('New York', { from: 2015, until: 2016 });
    await bench.send(days.slice(0, WINDOW));
    const report = await bench.monitoring.check(me, 'rain');
    expect(report).toMatchObject({ driftVerdict: 'drift', windowRows: WINDOW, version: 1, environment: 'production' });
    expect(report.reference).toBe('271 training rows of the same season (17 Dec – 16 Mar)');
    expect(drifted(report)).toEqual(expect.arrayContaining(['temp_min', 'wind', 'weather']));
    expect(report.drifted.columns).toBe(drifted(report).length);
    const cold = report.columns.find(({ column }) => column === 'temp_min');
    expect(cold?.drift.evidence).toMatch(/^mean 3\.\d+ → -6\.\d+ \(−[23]\.\d sd\)/);
    expect(cold?.drift.effectiveRows).toBeLessThan(WINDOW / 5);
    expect(cold?.outOfRange).toBeGreaterThan(0);
    const [alert] = await bench.monitoring.alerts({ state: 'open', limit: 1 });
    expect(alert?.evidence.length).toBeGreaterThan(0);
    const drift = (await bench.monitoring.alerts({ state: 'open', limit: 10 })).find(({ kind }) => kind === 'drift');
    expect(drift).toMatchObject({ severity: 'critical', reportId: report.id });
    expect(bench.errors).toEqual([]);
  });
});

describe('the reference', () => {
  let bench: MonitoringBench;
  beforeAll(async () => {
    bench = await openMonitoringBench(models[0]);
  });
  afterAll(() => bench.dispose());

  it('of all training rows calls summer drift that the same season does not', async () => {
    const shared = { ...rainMonitor, drift: { alpha: 0.05, minEffect: 0.1 } };
    await bench.monitoring.declare(me, 'all', { ...shared, reference: 'training' });
    await bench.monitoring.declare(me, 'season', shared);
    const days = await bench.days('Seattle', { from: 2015, until: 2016 });
    await bench.send(days.slice(0, 230));
    const [all, season] = [await bench.monitoring.check(me, 'all'), await bench.monitoring.check(me, 'season')];
    expect(all.reference).toBe('all 1096 training rows');
    expect([all.driftVerdict, season.driftVerdict]).toEqual(['drift', 'no-drift']);
  });
});
