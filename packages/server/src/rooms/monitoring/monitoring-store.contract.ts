import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Reader, RoomMigrations, Tx } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import type { KeptAlert } from './alerts/alert-rules.js';
import { monitoringMigrations } from './monitoring-migrations.js';
import type { MonitoringStore } from './monitoring-store.js';
import type { Monitor, MonitorReport } from './monitoring-types.js';

const monitor = (name: string, change: Partial<Monitor['spec']> = {}): Monitor => ({
  name,
  spec: {
    ...{ endpoint: 'rain', windowRows: 60, minRows: 30, reference: 'training', everyRows: 0 },
    drift: { alpha: 0.01, minEffect: 0.1 },
    ...change,
  },
  updatedAtMs: 1,
});

const report = (id: string, createdAtMs: number, pValue = 0.5): MonitorReport => ({
  ...{ id, monitor: 'a', endpoint: 'rain', environment: 'production', version: 1, windowRows: 60 },
  ...{ fromMs: null, untilMs: null, reference: 'all', integrity: 'pass', driftVerdict: 'no-drift' },
  drifted: { columns: 0, judged: 1 },
  columns: [
    {
      ...{ column: 'wind', rows: 60, missing: 0, unseen: 0, outOfRange: 0 },
      drift: {
        ...{
          test: 'chi-square',
          statistic: 1,
          pValue,
          pValueAdjusted: pValue,
          effect: 0,
          effectName: 'jensen-shannon',
        },
        ...{ verdict: 'no-drift', evidence: '', effectiveRows: 20 },
      },
    },
  ],
  output: null,
  performance: null,
  service: { requests: 1, errorRatio: 0, p50Ms: 1, p95Ms: 1, p99Ms: 1 },
  createdAtMs,
});

const alert = (id: string, change: Partial<KeptAlert> = {}): KeptAlert => ({
  ...{ id, monitor: 'a', endpoint: 'rain', kind: 'drift', severity: 'warning', state: 'open', title: 't' },
  ...{ evidence: 'e', reportId: 'r', openedAtMs: 1, updatedAtMs: 1, resolvedAtMs: null, acknowledgedBy: null },
  cleanChecks: 0,
  ...change,
});

/** What every store of monitoring must do, whichever database it stands on. */
export function describeMonitoringStore(
  engine: string,
  { open, store }: { open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>; store: MonitoringStore },
): void {
  describe(`the monitoring store on ${engine}`, () => {
    let test: TestDb;
    beforeAll(async () => {
      test = await open([monitoringMigrations]);
    });
    afterAll(() => test.dispose());
    const write = <T>(work: (tx: Tx & Reader) => Promise<T>) => test.db.transact({ actor: systemActor }, work);

    it('keeps monitors by name and the last spec of each', async () => {
      await write((tx) => store.saveMonitor(tx, monitor('b')));
      await write((tx) => store.saveMonitor(tx, monitor('a')));
      await write((tx) => store.saveMonitor(tx, { ...monitor('a', { windowRows: 99 }), updatedAtMs: 2 }));
      await write((tx) => store.beginCheck(tx, 'a'));
      expect((await store.monitors(test.db)).map(({ name }) => name)).toEqual(['a', 'b']);
      expect(await store.monitor(test.db, 'a')).toEqual({ ...monitor('a', { windowRows: 99 }), updatedAtMs: 2 });
      expect(await store.monitor(test.db, 'c')).toBeUndefined();
    });

    it('gives reports back newest first, with NaN for what was not tested', async () => {
      for (const [id, at] of [
        ['r1', 1],
        ['r3', 3],
        ['r2', 2],
      ] as const) {
        await write((tx) => store.insertReport(tx, report(id, at, Number.NaN)));
      }
      expect((await store.reports(test.db, 'a', 2)).map(({ id }) => id)).toEqual(['r3', 'r2']);
      expect(await store.report(test.db, 'r2')).toEqual(report('r2', 2, Number.NaN));
      expect(await store.report(test.db, 'r9')).toBeUndefined();
    });

    it('lets one alert per monitor and kind be open, and any number be resolved', async () => {
      await write((tx) => store.saveAlert(tx, alert('x1')));
      await expect(write((tx) => store.saveAlert(tx, alert('x2')))).rejects.toThrow();
      await write((tx) => store.saveAlert(tx, alert('y1', { kind: 'errors', openedAtMs: 2 })));
      expect(await store.countActive(test.db)).toEqual([{ monitor: 'a', alerts: 2 }]);
      await write((tx) => store.saveAlert(tx, alert('x1', { state: 'resolved', resolvedAtMs: 3 })));
      expect(await store.activeAlert(test.db, 'a', 'drift')).toBeUndefined();
      await write((tx) => store.saveAlert(tx, alert('x2', { openedAtMs: 3, cleanChecks: 1 })));
      expect(await store.activeAlert(test.db, 'a', 'drift')).toEqual(alert('x2', { openedAtMs: 3, cleanChecks: 1 }));
      const ids = async (filter: Parameters<MonitoringStore['alerts']>[1]) =>
        (await store.alerts(test.db, filter)).map(({ id }) => id);
      expect(await ids({ limit: 10 })).toEqual(['x2', 'y1', 'x1']);
      expect(await ids({ limit: 10, state: 'resolved', endpoint: 'rain' })).toEqual(['x1']);
      expect(await ids({ limit: 10, endpoint: 'snow' })).toEqual([]);
    });

    it('replaces truth and keeps what it was, for more ids than one statement takes', async () => {
      const truth = (i: number, revision = 1) => ({
        ...{ id: `p${i}`, label: revision === 1 ? 'true' : 'false', observedAtMs: 1, postedAtMs: revision, revision },
      });
      const inserted = Array.from({ length: 1_200 }, (_, i) => truth(i));
      await write((tx) => store.saveTruth(tx, 'rain', { inserted, corrected: [], superseded: [], unchanged: 0 }));
      const change = { inserted: [], corrected: [truth(5, 2)], superseded: [truth(5)], unchanged: 0 };
      await write((tx) => store.saveTruth(tx, 'rain', change));
      const ids = [...inserted.map(({ id }) => id), 'unknown'];
      const found = await store.truths(test.db, 'rain', ids);
      expect(found.size).toBe(1_200);
      expect(found.get('p5')).toEqual(truth(5, 2));
      expect(await store.truthHistory(test.db, 'rain', 'p5')).toEqual([truth(5)]);
      expect((await store.truths(test.db, 'snow', ids)).size).toBe(0);
    });

    it('keeps thousands of rewards, and the last value of each', async () => {
      const reward = (i: number, value = i / 7) => ({ id: `p${i}`, value, observedAtMs: i, postedAtMs: 9 });
      const rewards = Array.from({ length: 1_200 }, (_, i) => reward(i));
      await write((tx) => store.saveRewards(tx, 'rain', rewards));
      await write((tx) => store.saveRewards(tx, 'rain', [reward(5, -2.5)]));
      const found = await store.rewards(
        test.db,
        'rain',
        rewards.map(({ id }) => id),
      );
      expect(found.size).toBe(1_200);
      expect(found.get('p5')).toEqual(reward(5, -2.5));
      expect(found.get('p6')).toEqual(reward(6));
      expect((await store.rewards(test.db, 'snow', ['p5'])).size).toBe(0);
    });
  });
}
