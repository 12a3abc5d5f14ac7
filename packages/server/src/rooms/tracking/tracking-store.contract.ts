import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEventDispatcher, type Db, type RoomMigrations, readLedger } from '../../platform/db/index.js';
import type { TestDb } from '../../platform/db/testing.js';
import { createLocalObjectStore } from '../../platform/objects/index.js';
import { splitCreated, versionCreated } from '../data/index.js';
import { createTracking } from './create-tracking.js';
import { createLineageConsumer } from './lineage-consumer.js';
import { trackingMigrations } from './tracking-migrations.js';
import type { LineageEdge, MetricPoint, TrackingService } from './tracking-types.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const point = (key: string, value: number, step = 0, timestampMs = 0): MetricPoint => ({
  key,
  value,
  step,
  timestampMs,
});
const edge = (from: string, to: string): LineageEdge => ({
  from: { kind: 'run', id: from },
  to: { kind: 'run', id: to },
  relation: 'then',
});

/** What the room does on every engine; run on SQLite by `npm test` and on PostgreSQL by the integration suite. */
export function describeTracking(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`tracking on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-tracking-'));
    const clock = fixedClock(1_700_000_000_000);
    let test: TestDb;
    let db: Db;
    let tracking: TrackingService;
    let runId: string;
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      db = test.db;
      tracking = createTracking({ db, objects: createLocalObjectStore(folder), clock, version: '0.0.0' });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      clock.advance(1000);
      runId = (await tracking.startRun(me, { experiment: 'rain', params: { depth: 4 } })).id;
    });

    it('creates an experiment once, however often it is asked for', async () => {
      const made = await Promise.all(Array.from({ length: 5 }, () => tracking.ensureExperiment(me, 'once')));
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
      const events = await readLedger(db, { afterSeq: 0, limit: 1000, types: ['tracking.experiment-created'] });
      expect(events.filter((event) => (event.payload as { name: string }).name === 'once')).toHaveLength(1);
    });

    it('records the start and the end of a run with who asked', async () => {
      const ended = await tracking.endRun(me, runId, 'finished');
      expect(ended).toMatchObject({ status: 'finished', createdBy: 'ada', endedAtMs: clock.nowMs() });
      await tracking.endRun(me, runId, 'finished');
      const events = await readLedger(db, { afterSeq: 0, limit: 1000 });
      const types = events.filter((event) => event.subject.id === runId).map((event) => event.type);
      expect(types).toEqual(['tracking.run-started', 'tracking.run-ended']);
      await expect(tracking.endRun(me, runId, 'failed')).rejects.toMatchObject({ code: 'TRK_RUN_ENDED' });
    });

    it('keeps apart what many runs are started with and get at the same time', async () => {
      const { id: experimentId } = await tracking.ensureExperiment(me, 'together');
      const started = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          tracking.startRun(me, { experimentId, name: `run ${i}`, params: { depth: i }, tags: { kind: `${i % 2}` } }),
        ),
      );
      const batch = (i: number) => ({
        params: { depth: i === 5 ? 'other' : `${i}`, eta: `${i / 10}` },
        tags: { place: `${i}` },
        metrics: [point('loss', i), point(`own ${i}`, i + 100), { ...point('loss', i + 1), step: 1 }],
      });
      const told = await Promise.allSettled(started.map(({ id }, i) => tracking.logBatch(me, id, batch(i))));
      expect(told.flatMap((one, i) => (one.status === 'rejected' ? [[i, one.reason.code]] : []))).toEqual([
        [5, 'TRK_PARAM_CONFLICT'],
      ]);
      for (const [i, { id }] of started.entries()) {
        const { name, params, tags, metrics } = await tracking.run(id);
        const before = { name: `run ${i}`, params: { depth: `${i}` }, tags: { kind: `${i % 2}` }, metrics: {} };
        const after = {
          params: { depth: `${i}`, eta: `${i / 10}` },
          tags: { kind: `${i % 2}`, place: `${i}` },
          metrics: { loss: i + 1, [`own ${i}`]: i + 100 },
        };
        expect({ name, params, tags, metrics }).toEqual(i === 5 ? before : { ...before, ...after });
        expect((await tracking.metricHistory(id, 'loss')).map(({ value }) => value)).toEqual(i === 5 ? [] : [i, i + 1]);
      }
    });

    it('counts the metrics and the parameters of a run when new ones come, and only then', async () => {
      const names = (from: number, count: number) => Array.from({ length: count }, (_, i) => `name ${from + i}`);
      for (let from = 0; from < 20_000; from += 1000) {
        await tracking.logBatch(me, runId, { metrics: names(from, 1000).map((key) => point(key, from)) });
      }
      const more = { metrics: [{ ...point('name 7', 1), step: 1 }, point('one more', 1)] };
      await expect(tracking.logBatch(me, runId, more)).rejects.toMatchObject({ code: 'TRK_SERIES_LIMIT' });
      await tracking.logBatch(me, runId, { metrics: [{ ...point('name 7', 2), step: 1 }] });
      expect((await tracking.metricHistory(runId, 'name 7')).map(({ value }) => value)).toEqual([0, 2]);
      // With "depth", which every run here has.
      for (let from = 0; from < 19_900; from += 100) {
        await tracking.logBatch(me, runId, { params: Object.fromEntries(names(from, 100).map((key) => [key, '1'])) });
      }
      await tracking.logBatch(me, runId, { params: Object.fromEntries(names(19_900, 99).map((key) => [key, '1'])) });
      const params = { 'name 8': '1', 'name 19998': '1' };
      await tracking.logBatch(me, runId, { params });
      const refused = tracking.logBatch(me, runId, { params: { ...params, more: '1' } });
      await expect(refused).rejects.toMatchObject({ code: 'TRK_SERIES_LIMIT', data: { count: 20_001 } });
    });

    it('accepts the same parameter again and refuses another value, and then logs nothing of the batch', async () => {
      await tracking.logBatch(me, runId, { params: { depth: '4', eta: 0.1 } });
      const bad = tracking.logBatch(me, runId, { params: { depth: 8 }, tags: { a: 'b' }, metrics: [point('loss', 1)] });
      await expect(bad).rejects.toMatchObject({ code: 'TRK_PARAM_CONFLICT', data: { stored: '4', given: '8' } });
      const run = await tracking.run(runId);
      expect(run).toMatchObject({ params: { depth: '4', eta: '0.1' }, tags: {}, metrics: {} });
    });

    it('gives params, tags and metrics by their keys, in whatever order they were logged', async () => {
      const keys = ['c', 'a', '__proto__', 'é', 'b', 'a b'];
      const entries = Object.fromEntries(keys.map((key) => [key, `value of ${key}`]));
      await tracking.logBatch(me, runId, { params: entries, tags: entries, metrics: keys.map((key) => point(key, 1)) });
      const alone = await tracking.run(runId);
      const { items } = await tracking.searchRuns({ experimentIds: [alone.experimentId], limit: 1 });
      const sorted = ['__proto__', 'a', 'a b', 'b', 'c', 'é'];
      for (const run of [alone, items[0]]) {
        expect(run?.id).toBe(runId);
        expect(Object.keys(run?.params ?? {})).toEqual([...sorted.slice(0, 5), 'depth', 'é']);
        expect(Object.entries(run?.tags ?? {})).toEqual(sorted.map((key) => [key, `value of ${key}`]));
        expect(run?.latest.map(({ key }) => key)).toEqual(sorted);
        expect(Object.keys(run?.metrics ?? {})).toEqual(sorted);
      }
    });

    it('keeps the history and takes the greatest step, time and value as the latest', async () => {
      await tracking.logBatch(me, runId, { metrics: [point('loss', 3, 1, 5), point('loss', 1, 2, 9)] });
      await tracking.logBatch(me, runId, { metrics: [point('loss', 2, 2, 9), point('loss', 7, 0, 99)] });
      await tracking.logBatch(me, runId, { metrics: [point('loss', 2, 2, 9)] });
      expect((await tracking.run(runId)).metrics).toEqual({ loss: 2 });
      const history = await tracking.metricHistory(runId, 'loss');
      expect(history.map(({ value }) => value)).toEqual([7, 3, 1, 2]);
    });

    it('gives back numbers that are not finite exactly as they came', async () => {
      const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MAX_VALUE, 5e-324];
      await tracking.logBatch(me, runId, { metrics: odd.map((value, step) => point('odd', value, step)) });
      await tracking.logBatch(me, runId, {
        metrics: [point('nan', Number.NaN), point('inf', Number.NEGATIVE_INFINITY)],
      });
      expect((await tracking.metricHistory(runId, 'odd')).map(({ value }) => value)).toEqual(odd);
      expect((await tracking.run(runId)).metrics).toEqual({
        odd: 5e-324,
        nan: Number.NaN,
        inf: Number.NEGATIVE_INFINITY,
      });
    });

    it('stores a batch of a thousand metrics and refuses one more', async () => {
      const metrics = Array.from({ length: 1000 }, (_, step) => point('m', step / 7, step));
      await tracking.logBatch(me, runId, { metrics });
      expect(await tracking.metricHistory(runId, 'm')).toHaveLength(1000);
      const tooMany = tracking.logBatch(me, runId, { metrics: [...metrics, point('m', 0, 1000)] });
      await expect(tooMany).rejects.toMatchObject({ code: 'TRK_BATCH_TOO_LARGE' });
    });

    it('samples a long history by its steps, whatever its length, with its ends', async () => {
      const log = async (points: readonly MetricPoint[]) => {
        for (let start = 0; start < points.length; start += 1000) {
          await tracking.logBatch(me, runId, { metrics: points.slice(start, start + 1000) });
        }
      };
      await log(Array.from({ length: 21_000 }, (_, i) => point('loss', i / 7, i * 3 - 50, i)));
      const runs = [runId];
      const whole = await tracking.intervalHistory(runs, 'loss', { maxSteps: 100 });
      expect(whole.length).toBeGreaterThan(90);
      expect(whole.length).toBeLessThanOrEqual(101);
      expect([whole[0]?.step, whole.at(-1)?.step]).toEqual([-50, 62_947]);
      const gaps = whole.slice(1).map(({ step }, i) => step - (whole[i]?.step ?? 0));
      expect(Math.max(...gaps.slice(0, -1)) - Math.min(...gaps.slice(0, -1))).toBeLessThanOrEqual(6);
      for (const { step, value, timestampMs } of whole) {
        expect({ value, timestampMs }).toEqual({ value: (step + 50) / 3 / 7, timestampMs: (step + 50) / 3 });
      }
      const part = await tracking.intervalHistory(runs, 'loss', { maxSteps: 50, fromStep: 1000, toStep: 2000 });
      expect([part[0]?.step, part.at(-1)?.step]).toEqual([1000, 1999]);
      expect(await tracking.intervalHistory(runs, 'loss', { maxSteps: 50, fromStep: 90_000 })).toEqual([]);

      // All at one step but the last: points are counted instead of steps.
      await log(Array.from({ length: 21_000 }, (_, i) => point('flat', i, i === 20_999 ? 1e9 : 0, i)));
      const flat = await tracking.intervalHistory(runs, 'flat', { maxSteps: 100 });
      expect(flat.length).toBeGreaterThan(90);
      expect(flat.length).toBeLessThanOrEqual(101);
      expect([flat[0]?.value, flat.at(-1)?.value]).toEqual([0, 20_999]);
      expect(flat.map(({ value }) => value)).toEqual(flat.map(({ value }) => value).sort((a, b) => a - b));
    });

    it('loses no metric when many writers log to one run', async () => {
      const write = (step: number) => tracking.logBatch(me, runId, { metrics: [point('w', step, step)] });
      await Promise.all(Array.from({ length: 20 }, (_, step) => write(step)));
      expect((await tracking.run(runId)).metrics.w).toBe(19);
      expect(await tracking.metricHistory(runId, 'w')).toHaveLength(20);
    });

    it('refuses names and values it could not keep, and says why', async () => {
      const refused = (batch: Parameters<TrackingService['logBatch']>[2]) =>
        tracking.logBatch(me, runId, batch).then(
          () => 'accepted',
          (error: { code: string }) => error.code,
        );
      expect(await refused({ tags: { 'a/../b': '1' } })).toBe('TRK_KEY_INVALID');
      expect(await refused({ tags: { ['k'.repeat(251)]: '1' } })).toBe('TRK_KEY_INVALID');
      expect(await refused({ params: { long: 'x'.repeat(6001) } })).toBe('TRK_VALUE_INVALID');
      expect(await refused({ tags: { nul: 'a\0b' } })).toBe('TRK_VALUE_INVALID');
      expect(await refused({ metrics: [point('m', 1, 0.5)] })).toBe('TRK_VALUE_INVALID');
      expect(await refused({ tags: { 'Größe/å b.c:d': 'ü', __proto__x: '1' } })).toBe('accepted');
    });

    it('pages through runs in the order of a metric: numbers first, then NaN, then without', async () => {
      const values = [3, Number.NaN, 1, Number.POSITIVE_INFINITY, 2, undefined, 2];
      for (const value of values) {
        const { id } = await tracking.startRun(me, { experiment: 'ordered' });
        if (value !== undefined) await tracking.logBatch(me, id, { metrics: [point('loss', value)] });
      }
      const experimentIds = [(await tracking.experimentNamed('ordered')).id];
      const seen = await allPages({ experimentIds, orderBy: [{ field: 'metric', key: 'loss', direction: 'asc' }] });
      expect(seen).toEqual([1, 2, 2, 3, Number.POSITIVE_INFINITY, Number.NaN, undefined]);
      const down = await allPages({ experimentIds, orderBy: [{ field: 'metric', key: 'loss', direction: 'desc' }] });
      expect(down).toEqual([Number.POSITIVE_INFINITY, 3, 2, 2, 1, Number.NaN, undefined]);
      const first = await tracking.searchRuns({ experimentIds, limit: 2 });
      const newest = await tracking.searchRuns({ experimentIds, limit: 7 });
      expect(newest.nextPageToken).toBeNull();
      const rest = await tracking.searchRuns({ experimentIds, limit: 5, pageToken: first.nextPageToken ?? '' });
      expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(newest.items.map(({ id }) => id));
    });

    async function allPages(query: Omit<Parameters<TrackingService['searchRuns']>[0], 'limit'>) {
      const seen: (number | undefined)[] = [];
      let pageToken: string | null = null;
      do {
        const page: Awaited<ReturnType<TrackingService['searchRuns']>> = await tracking.searchRuns({
          ...query,
          limit: 2,
          ...(pageToken === null ? {} : { pageToken }),
        });
        seen.push(...page.items.map((run) => run.metrics.loss));
        pageToken = page.nextPageToken;
      } while (pageToken !== null);
      return seen;
    }

    it('refuses a page token of another search', async () => {
      await tracking.startRun(me, { experiment: 'rain' });
      const { experimentId } = await tracking.run(runId);
      const { nextPageToken } = await tracking.searchRuns({ experimentIds: [experimentId], limit: 1 });
      const other = tracking.searchRuns({ limit: 1, pageToken: nextPageToken ?? '' });
      await expect(other).rejects.toMatchObject({ code: 'SEARCH_PAGE_TOKEN_INVALID' });
    });

    it('starts a run with a given id once', async () => {
      const first = await tracking.startRun(me, { id: 'given-1', experiment: 'rain', tags: { a: '1' } });
      const second = await tracking.startRun(me, { id: 'given-1', experiment: 'rain', tags: { a: '2' } });
      expect(second).toEqual(first);
      const bad = tracking.startRun(me, { id: '../x', experiment: 'rain' });
      await expect(bad).rejects.toMatchObject({ code: 'TRK_VALUE_INVALID' });
    });

    it('finds the children of a run', async () => {
      const child = await tracking.startRun(me, { experiment: 'rain', parentRunId: runId });
      const { items: runs } = await tracking.searchRuns({
        where: [{ field: 'parent', comparison: '=', value: runId }],
        limit: 10,
      });
      expect(runs.map(({ id }) => id)).toEqual([child.id]);
      const orphan = tracking.startRun(me, { experiment: 'rain', parentRunId: 'nobody' });
      await expect(orphan).rejects.toMatchObject({ code: 'TRK_RUN_NOT_FOUND' });
    });

    it('keeps files under relative paths and gives their bytes back', async () => {
      const put = await tracking.putArtifact(me, runId, { path: 'plots/roc.txt', bytes: Buffer.from('curve') });
      expect(put.sizeBytes).toBe(5);
      const linked = await tracking.linkArtifact(me, runId, { path: 'copy.txt', digest: put.digest });
      expect(await tracking.artifacts(runId)).toEqual([linked, put]);
      const { stream } = await tracking.openArtifact(runId, 'plots/roc.txt');
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe('curve');
      const taken = tracking.putArtifact(me, runId, { path: 'plots', bytes: Buffer.from('x') });
      await expect(taken).rejects.toMatchObject({ code: 'TRK_ARTIFACT_PATH_TAKEN' });
      await expect(tracking.openArtifact(runId, 'nothing')).rejects.toMatchObject({ code: 'TRK_ARTIFACT_NOT_FOUND' });
    });

    it('walks lineage both ways, through cycles, and says when it had to stop', async () => {
      const edges = [edge('a', 'b'), edge('b', 'c'), edge('c', 'a'), edge('b', 'd'), edge('x', 'd')];
      await db.transact(me, (tx) => tracking.link(tx, edges));
      await db.transact(me, (tx) => tracking.link(tx, edges));
      const at = (id: string) => ({ kind: 'run', id });
      const walked = async (id: string, direction: 'up' | 'down' | 'both', maxNodes = 100) => {
        const graph = await tracking.lineage(at(id), { direction, maxNodes });
        return { ids: graph.nodes.map((node) => node.id).sort(), edges: graph.edges.length, more: graph.truncated };
      };
      expect(await walked('b', 'down')).toEqual({ ids: ['a', 'b', 'c', 'd'], edges: 4, more: false });
      expect(await walked('d', 'up')).toEqual({ ids: ['a', 'b', 'c', 'd', 'x'], edges: 5, more: false });
      expect(await walked('x', 'both')).toEqual({ ids: ['d', 'x'], edges: 1, more: false });
      expect(await walked('d', 'up', 2)).toMatchObject({ edges: 1, more: true });
      expect(await walked('unknown', 'both')).toEqual({ ids: ['unknown'], edges: 0, more: false });
    });

    it('learns the lineage of data from the events of the data room', async () => {
      const dispatcher = createEventDispatcher(db, { clock });
      dispatcher.add(createLineageConsumer(tracking));
      const version = { dataset: 'w', number: 2, rows: 1, deliveryId: 'd1', sourceDigest: 's', parentId: 'v1' };
      await db.transact(me, async (tx) => {
        tx.record(versionCreated.of({ kind: 'dataset', id: 'w' }, { ...version, versionId: 'v2' }));
        tx.record(splitCreated.of({ kind: 'split', id: 'sp' }, { splitId: 'sp', versionId: 'v2' }));
      });
      await dispatcher.drain();
      const graph = await tracking.lineage({ kind: 'split', id: 'sp' }, { direction: 'up', maxNodes: 10 });
      const names = graph.nodes.map(({ kind, id }) => `${kind}:${id}`).sort();
      expect(names).toEqual(['dataset-version:v1', 'dataset-version:v2', 'source:s', 'split:sp']);
    });
  });
}
