import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RoomMigrations, rawQuery } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createTracking } from './create-tracking.js';
import { thinOut } from './thin-out-rules.js';
import { trackingMigrations } from './tracking-migrations.js';
import type { MetricPoint, TrackingService } from './tracking-types.js';

const me = { actor: systemActor };
const LONG = 24_000;
const wave = (step: number): MetricPoint => ({
  key: 'm',
  value: Math.sin(step / 900) + ((step * 7919) % 1000) / 1e4,
  step,
  timestampMs: step,
});

/** Charts of long series on every engine: what was thinned out while it was written still has every peak. */
export function describeSampling(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`a chart of a long series on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-sampling-'));
    let test: TestDb;
    let tracking: TrackingService;
    let runId: string;
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      const objects = createLocalObjectStore(folder);
      tracking = createTracking({ db: test.db, objects, clock: fixedClock(0), version: '0.0.0' });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      runId = (await tracking.startRun(me, { experiment: 'charts' })).id;
    });

    const log = async (points: readonly MetricPoint[]) => {
      for (let start = 0; start < points.length; start += 1000) {
        await tracking.logBatch(me, runId, { metrics: points.slice(start, start + 1000) });
      }
    };
    const chart = (range: { fromStep?: number; toStep?: number } = {}) =>
      tracking.sampledHistory(runId, 'm', { maxPoints: 400, ...range });
    /** What reading all of it would show. */
    const expected = (points: readonly MetricPoint[], buckets: number) => {
      const inOrder = [...points].sort((a, b) => a.step - b.step || a.timestampMs - b.timestampMs || a.value - b.value);
      return { points: thinOut(inOrder, buckets), total: points.length };
    };
    const ends = (points: readonly MetricPoint[]) => {
      const values = points.map(({ value }) => value).filter(Number.isFinite);
      return [points[0]?.step, points.at(-1)?.step, Math.min(...values), Math.max(...values)];
    };

    it('keeps its ends, its peaks and every value that is no number, and counts all of it', async () => {
      const points = Array.from({ length: LONG }, (_, step) => wave(step));
      points[5000] = { ...wave(5000), value: 1e6 };
      points[5001] = { ...wave(5001), value: -1e6 };
      points[9000] = { ...wave(9000), value: Number.NaN };
      points[9001] = { ...wave(9001), value: Number.POSITIVE_INFINITY };
      points[9002] = { ...wave(9002), value: Number.NEGATIVE_INFINITY };
      await log(points);
      const whole = await chart();
      expect(whole.total).toBe(LONG);
      expect(whole.points.length).toBeLessThan(500);
      expect(ends(whole.points)).toEqual([0, LONG - 1, -1e6, 1e6]);
      expect(whole.points.map(({ value }) => value).filter((value) => !Number.isFinite(value))).toEqual([
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ]);
      const steps = whole.points.map(({ step }) => step);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
    });

    it('is exact at the ends of any part', async () => {
      const points = Array.from({ length: LONG }, (_, step) => wave(step));
      await log(points);
      for (const [fromStep, toStep] of [
        [1, LONG - 2],
        [777, 20_011],
        [100, 110],
        [LONG - 3, LONG + 5],
      ] as const) {
        const part = points.filter(({ step }) => step >= fromStep && step <= toStep);
        const shown = await chart({ fromStep, toStep });
        expect(shown.total).toBe(part.length);
        expect(ends(shown.points)).toEqual(ends(part));
      }
      expect(await chart({ fromStep: LONG })).toEqual({ points: [], total: 0 });
    });

    it('shows points that come in late, before what was thinned out already', async () => {
      const points = Array.from({ length: LONG }, (_, step) => wave(step));
      await log(points);
      const late = [
        { key: 'm', value: 99, step: 300, timestampMs: 301 },
        { key: 'm', value: -99, step: -5, timestampMs: 0 },
        ...Array.from({ length: 900 }, (_, i) => ({ ...wave(5000 + i), value: 7 + i, timestampMs: 4000 })),
      ];
      await log(late);
      await log(late);
      expect(await chart()).toEqual(expected([...points, ...late], 100));
    });

    it('keeps what was thinned out elsewhere when a point comes in late', async () => {
      const samples = async () => {
        const text =
          'select count(*) as n, sum(points) as points, level from tracking_sample group by level order by level';
        const rows = await rawQuery<{ n: number; points: number; level: number }>(test.db, text, []);
        return rows.map(({ n, points, level }) => [level, Number(n), Number(points)] as const);
      };
      await log(Array.from({ length: LONG }, (_, step) => wave(step)));
      const before = await samples();
      await log([{ key: 'm', value: 99, step: 3000, timestampMs: 2999 }]);
      const after = await samples();
      for (const [i, [level, rows, points]] of after.entries()) {
        expect([level, points]).toEqual([before[i]?.[0], (before[i]?.[2] ?? 0) + 1]);
        expect(Math.abs(rows - (before[i]?.[1] ?? 0))).toBeLessThanOrEqual(4);
      }
    });

    it('has the first, last, smallest and greatest of every bucket, wherever its edges fall', async () => {
      const points = Array.from({ length: LONG }, (_, step) => wave(step * 3 + (step % 2)));
      points[7001] = { ...wave(21_003), value: Number.NaN };
      points[20_001] = { ...wave(60_003), value: Number.NEGATIVE_INFINITY };
      points[23_900] = { ...wave(71_700), value: Number.NaN };
      await log(points);
      for (const maxPoints of [4, 28, 400, 1200]) {
        const shown = await tracking.sampledHistory(runId, 'm', { maxPoints });
        expect(shown).toEqual(expected(points, Math.ceil(maxPoints / 4)));
      }
      const part = points.filter(({ step }) => step >= 1234 && step <= 70_001);
      expect(await chart({ fromStep: 1234, toStep: 70_001 })).toEqual(expected(part, 100));
    });

    it('is paged by time whether its time rises with its steps or not', async () => {
      const points = Array.from({ length: LONG }, (_, step) => wave(step));
      await log(points);
      const late = [
        { key: 'm', value: 1, step: 23_990, timestampMs: 3 },
        { key: 'm', value: Number.NaN, step: 100, timestampMs: 100 },
        { key: 'm', value: 2, step: 200, timestampMs: 23_000 },
      ];
      const all = [...points];
      for (const point of [undefined, ...late]) {
        if (point !== undefined) {
          await log([point]);
          all.push(point);
        }
        const pages: MetricPoint[] = [];
        let pageToken: string | undefined;
        do {
          const page = await tracking.metricHistoryPage(runId, 'm', { limit: 4999, ...(pageToken && { pageToken }) });
          pages.push(...page.points);
          pageToken = page.nextPageToken ?? undefined;
        } while (pageToken !== undefined);
        const byTime = (a: MetricPoint, b: MetricPoint) =>
          a.timestampMs - b.timestampMs ||
          a.step - b.step ||
          Number(Number.isNaN(a.value)) - Number(Number.isNaN(b.value));
        expect(pages).toEqual([...all].sort(byTime));
      }
    });

    it('shows every peak of a series that was written backwards, and of one without steps by its time', async () => {
      await log(Array.from({ length: LONG }, (_, index) => wave(LONG - 1 - index)));
      const points = Array.from({ length: LONG }, (_, step) => wave(step));
      expect(ends((await chart()).points)).toEqual(ends(points));
      await log(points.map((point) => ({ ...point, key: 'flat', step: 0 })));
      const flat = await tracking.sampledHistory(runId, 'flat', { maxPoints: 400 });
      expect(flat.total).toBe(LONG);
      expect(flat.points.length).toBeGreaterThan(100);
      expect(ends(flat.points).slice(2)).toEqual(ends(points).slice(2));
    });
  });
}
