import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RoomMigrations } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { createTracking } from './create-tracking.js';
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
      await log(Array.from({ length: LONG }, (_, step) => wave(step)));
      await log([{ key: 'm', value: 99, step: 300, timestampMs: 301 }]);
      await log([{ key: 'm', value: -99, step: -5, timestampMs: 0 }]);
      const whole = await chart();
      expect(whole.total).toBe(LONG + 2);
      expect(ends(whole.points)).toEqual([-5, LONG - 1, -99, 99]);
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
