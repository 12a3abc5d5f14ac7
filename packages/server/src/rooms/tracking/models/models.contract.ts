import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RoomMigrations, readLedger } from '../../../platform/db/index.js';
import type { TestDb } from '../../../platform/db/testing.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createTracking } from '../create-tracking.js';
import type { LoggedModelSearch, ModelMetric } from '../logged-model-types.js';
import { trackingMigrations } from '../tracking-migrations.js';
import type { TrackingService } from '../tracking-types.js';

const me = { actor: { ...systemActor, id: 'ada' } };

/** What logged models do on every engine. */
export function describeModels(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`logged models on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-models-'));
    const clock = fixedClock(1_700_000_000_000);
    let test: TestDb;
    let tracking: TrackingService;
    let experimentId: string;
    let runId: string;
    let made = 0;
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      const objects = createLocalObjectStore(folder);
      tracking = createTracking({ db: test.db, objects, clock, version: '0.0.0' });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      made += 1;
      experimentId = (await tracking.ensureExperiment(me, `models-${made}`)).id;
      runId = (await tracking.startRun(me, { experimentId })).id;
    });
    type Request = Parameters<TrackingService['loggedModels']['createLoggedModel']>[1];
    const create = (request: Partial<Request> = {}) => {
      clock.advance(1);
      return tracking.loggedModels.createLoggedModel(me, { experimentId, ...request });
    };
    const metric = (key: string, value: number, more: Partial<ModelMetric> = {}): ModelMetric => ({
      key,
      value,
      step: 0,
      timestampMs: 0,
      runId,
      datasetName: null,
      datasetDigest: null,
      ...more,
    });
    const log = (modelId: string, ...metrics: ModelMetric[]) =>
      tracking.logBatch(me, runId, { modelMetrics: metrics.map((one) => ({ ...one, modelId })) });
    const find = async (request: Partial<LoggedModelSearch>) => {
      const names: string[] = [];
      for (let pageToken: string | null | undefined; pageToken !== null; ) {
        const page: Awaited<ReturnType<TrackingService['loggedModels']['searchLoggedModels']>> =
          await tracking.loggedModels.searchLoggedModels({
            experimentIds: [experimentId],
            limit: 2,
            ...request,
            ...(pageToken !== undefined && { pageToken }),
          });
        names.push(...page.items.map(({ name }) => name));
        pageToken = page.nextPageToken;
      }
      return names;
    };
    const code = (work: Promise<unknown>) => work.then(() => 'accepted').catch((error) => error.code);

    it('leaves metrics on datasets without a model to the run, which keeps and shows the dataset', async () => {
      const on = (digest: string) => ({ name: 'harbour', digest });
      const point = (key: string, value: number, step: number, digest?: string) => ({
        ...{ key, value, step, timestampMs: 5 },
        ...(digest !== undefined && { dataset: on(digest) }),
      });
      const metrics = [point('auc', 0.5, 0), point('auc', Number.NaN, 1, 'd1'), point('rmse', 2, 0, 'd2')];
      await tracking.logBatch(me, runId, { metrics });
      await tracking.logBatch(me, runId, { metrics });
      await tracking.logBatch(me, runId, { metrics: [point('rmse', 2, 0, 'd1')] });
      expect(await tracking.metricHistory(runId, 'auc')).toEqual(metrics.slice(0, 2));
      const both = [point('rmse', 2, 0, 'd1'), point('rmse', 2, 0, 'd2')];
      expect((await tracking.metricHistoryPage(runId, 'rmse', { limit: 10 })).points).toEqual(both);
      expect((await tracking.run(runId)).latest).toEqual([metrics[1], both[0]]);
      const { items } = await tracking.searchRuns({ experimentIds: [experimentId], limit: 10 });
      expect(items.map(({ latest }) => latest)).toEqual([[metrics[1], both[0]]]);
      const long = { ...point('auc', 1, 2), dataset: on('d'.repeat(100)) };
      expect(await code(tracking.logBatch(me, runId, { metrics: [long] }))).toBe('TRK_VALUE_INVALID');
    });

    it('is made pending with a place for its files, and gets ready', async () => {
      const model = await create({ name: 'rain', modelType: 'sklearn', sourceRunId: runId, params: { a: '1' } });
      expect(model.id).toMatch(/^m-[0-9a-f]{32}$/);
      expect(model).toMatchObject({ status: 'pending', lifecycle: 'active', sourceRunId: runId, params: { a: '1' } });
      expect(model.artifactRoot).toBe(`artifacts:/${experimentId}/models/${model.id}/artifacts`);
      expect(await tracking.loggedModels.loggedModel(model.id)).toEqual(model);
      clock.advance(5);
      const ready = await tracking.loggedModels.updateLoggedModel(me, model.id, { status: 'ready', tags: { t: 'x' } });
      expect(ready).toEqual({ ...model, status: 'ready', tags: { t: 'x' }, updatedAtMs: clock.nowMs() });
      expect((await create()).name).toMatch(/^model-[0-9a-f]{8}$/);
      const events = await readLedger(test.db, { afterSeq: 0, limit: 10_000 });
      expect(events.filter(({ subject }) => subject.id === model.id).map(({ type }) => type)).toEqual([
        'tracking.logged-model-created',
        'tracking.logged-model-updated',
      ]);
    });

    it('changes tags but never parameters', async () => {
      const { id } = await create({ params: { depth: '4' }, tags: { a: '1', b: '2' } });
      const change = (what: Parameters<TrackingService['loggedModels']['updateLoggedModel']>[2]) =>
        tracking.loggedModels.updateLoggedModel(me, id, what);
      expect((await change({ tags: { a: null, c: '3' }, params: { depth: '4', eta: '0.1' } })).tags).toEqual({
        b: '2',
        c: '3',
      });
      expect(await code(change({ params: { depth: '5' }, tags: { z: '1' } }))).toBe('TRK_PARAM_CONFLICT');
      expect(await code(change({ tags: { missing: null, z: '1' } }))).toBe('TRK_TAG_NOT_FOUND');
      expect(await tracking.loggedModels.loggedModel(id)).toMatchObject({
        params: { depth: '4', eta: '0.1' },
        tags: { b: '2', c: '3' },
      });
    });

    it('refuses what it could not keep', async () => {
      for (const name of ['', ' ', 'a/b', 'a:b', 'a.b', 'a%b', 'a"b', "a'b", 'x'.repeat(251), 'a\0']) {
        expect([name, await code(create({ name }))]).toEqual([name, 'TRK_VALUE_INVALID']);
      }
      expect(await code(create({ params: { ok: 'x'.repeat(6001) } }))).toBe('TRK_VALUE_INVALID');
      expect(await code(create({ tags: { 'a//b': '1' } }))).toBe('TRK_VALUE_INVALID');
      expect(await code(create({ experimentId: '999999' }))).toBe('TRK_EXPERIMENT_NOT_FOUND');
      expect(await code(create({ sourceRunId: 'nobody' }))).toBe('TRK_RUN_NOT_FOUND');
      expect(await code(tracking.loggedModels.loggedModel('m-nothing'))).toBe('TRK_MODEL_NOT_FOUND');
      await tracking.deleteExperiment(me, experimentId);
      expect(await code(create())).toBe('TRK_EXPERIMENT_DELETED');
    });

    it('is gone when it is deleted, unless one asks for the deleted, and takes no files any more', async () => {
      const { id, artifactRoot } = await create({ name: 'old' });
      const path = `${artifactRoot.replace('artifacts:/', '')}/MLmodel`;
      await tracking.files.putFile(me, path, Buffer.from('flavors: {}'));
      await tracking.loggedModels.deleteLoggedModel(me, id);
      expect(await code(tracking.loggedModels.loggedModel(id))).toBe('TRK_MODEL_NOT_FOUND');
      expect((await tracking.loggedModels.loggedModel(id, { deleted: true })).lifecycle).toBe('deleted');
      expect(await code(tracking.loggedModels.deleteLoggedModel(me, id))).toBe('TRK_MODEL_NOT_FOUND');
      expect(await code(tracking.loggedModels.updateLoggedModel(me, id, { status: 'ready' }))).toBe(
        'TRK_MODEL_NOT_FOUND',
      );
      expect(await code(log(id, metric('a', 1)))).toBe('TRK_MODEL_DELETED');
      expect(await code(tracking.files.putFile(me, path, Buffer.from('x')))).toBe('TRK_MODEL_DELETED');
      expect(await find({})).toEqual([]);
      expect(await find({ lifecycle: 'deleted' })).toEqual(['old']);
    });

    it('keeps metrics as they are, each once, and all of a call or none', async () => {
      const { id } = await create();
      const odd = [
        metric('m', Number.NaN),
        metric('m', Number.POSITIVE_INFINITY, { step: 1 }),
        metric('m', -0.5, { step: -3, timestampMs: 7, datasetName: 'wine', datasetDigest: 'd1' }),
      ];
      await log(id, ...odd);
      await log(id, ...odd);
      const { metrics } = await tracking.loggedModels.loggedModel(id);
      expect(metrics).toHaveLength(3);
      expect(metrics).toEqual(expect.arrayContaining(odd));
      expect(await code(log(id, metric('ok', 1), metric('a//b', 1)))).toBe('TRK_KEY_INVALID');
      expect(await code(log(id, metric('ok', 1), metric('a', 1, { step: 0.5 })))).toBe('TRK_VALUE_INVALID');
      expect(await code(log('m-nothing', metric('ok', 1)))).toBe('TRK_MODEL_NOT_FOUND');
      const many = Array.from({ length: 1000 }, (_, step) => metric('series', step, { step }));
      await log(id, ...many);
      expect(await code(log(id, ...many, metric('more', 1)))).toBe('TRK_BATCH_TOO_LARGE');
      expect((await tracking.loggedModels.loggedModel(id)).metrics).toHaveLength(1003);
    });

    it('finds models by every condition, newest first, page by page', async () => {
      const a = await create({ name: 'a', modelType: 'sklearn', params: { depth: '4' }, tags: { stage: 'x' } });
      const b = await create({ name: 'b', sourceRunId: runId, params: { depth: '8' } });
      const c = await create({ name: 'c', tags: { stage: 'y' } });
      await tracking.loggedModels.updateLoggedModel(me, c.id, { status: 'ready' });
      await log(a.id, metric('auc', 0.7), metric('auc', 0.9, { step: 1 }));
      await log(b.id, metric('auc', Number.NaN));
      expect(await find({})).toEqual(['c', 'b', 'a']);
      type Clauses = NonNullable<LoggedModelSearch['where']>;
      const where = (...clauses: Clauses) => find({ where: clauses });
      expect(await where({ field: 'name', comparison: 'in', value: ['a', 'c'] })).toEqual(['c', 'a']);
      expect(await where({ field: 'name', comparison: 'ilike', value: 'A%' })).toEqual(['a']);
      expect(await where({ field: 'id', comparison: '=', value: b.id })).toEqual(['b']);
      expect(await where({ field: 'status', comparison: '!=', value: 'pending' })).toEqual(['c']);
      expect(await where({ field: 'modelType', comparison: '=', value: 'sklearn' })).toEqual(['a']);
      expect(await where({ field: 'sourceRunId', comparison: '=', value: runId })).toEqual(['b']);
      expect(await where({ field: 'createdAt', comparison: '>', value: a.createdAtMs })).toEqual(['c', 'b']);
      expect(await where({ field: 'param', key: 'depth', comparison: '!=', value: '4' })).toEqual(['b']);
      expect(await where({ field: 'tag', key: 'stage', comparison: 'like', value: '%' })).toEqual(['c', 'a']);
      expect(await where({ field: 'tag', key: 'stage', comparison: '!=', value: 'x', orMissing: true })).toEqual([
        'c',
        'b',
      ]);
      expect(await where({ field: 'metric', key: 'auc', comparison: '>', value: 0.8 })).toEqual(['a']);
      expect(await where({ field: 'metric', key: 'auc', comparison: '<=', value: 0.7 })).toEqual(['a']);
      expect(
        await where(
          { field: 'metric', key: 'auc', comparison: '>', value: 0.5 },
          { field: 'param', key: 'depth', comparison: '=', value: '8' },
        ),
      ).toEqual([]);
      expect(await find({ experimentIds: [] })).toEqual([]);
      expect(await code(where({ field: 'param', comparison: '=', value: '1' }))).toBe('SEARCH_INVALID');
      expect(await code(where({ field: 'createdAt', comparison: 'like', value: '1' }))).toBe('SEARCH_INVALID');
    });

    it('orders by the latest value of a metric, then NaN, then those without, whatever the direction', async () => {
      const values: [string, number | undefined][] = [
        ['two', 2],
        ['nan', Number.NaN],
        ['one', 1],
        ['none', undefined],
        ['three', 3],
      ];
      for (const [name, value] of values) {
        const { id } = await create({ name });
        if (value === undefined) continue;
        await log(id, metric('loss', 99, { timestampMs: 1 }), metric('loss', value, { timestampMs: 2 }));
      }
      const by = (direction: 'asc' | 'desc') => find({ orderBy: [{ field: 'metric', key: 'loss', direction }] });
      expect(await by('asc')).toEqual(['one', 'two', 'three', 'nan', 'none']);
      expect(await by('desc')).toEqual(['three', 'two', 'one', 'nan', 'none']);
      expect(await find({ orderBy: [{ field: 'name', direction: 'asc' }] })).toEqual([
        'nan',
        'none',
        'one',
        'three',
        'two',
      ]);
      expect(await find({ orderBy: [{ field: 'param', key: 'none', direction: 'asc' }] })).toHaveLength(5);
      expect(await find({ orderBy: [{ field: 'sourceRunId', direction: 'desc' }] })).toHaveLength(5);
    });

    it('counts metrics only on the datasets that are asked for', async () => {
      const on = (name: string, digest: string) => ({ datasetName: name, datasetDigest: digest });
      const a = await create({ name: 'a' });
      const b = await create({ name: 'b' });
      await create({ name: 'c' });
      await log(a.id, metric('auc', 0.9, on('train', '1')), metric('auc', 0.2, { ...on('test', '1'), timestampMs: 1 }));
      await log(b.id, metric('auc', 0.5, on('train', '2')), metric('auc', 0.6, { ...on('test', '1'), timestampMs: 1 }));
      const above = (value: number) => [{ field: 'metric', key: 'auc', comparison: '>', value }] as const;
      expect(await find({ where: above(0.55), datasets: [{ name: 'train' }] })).toEqual(['a']);
      expect(await find({ where: above(0.55), datasets: [{ name: 'test', digest: '1' }] })).toEqual(['b']);
      expect(await find({ where: above(0.55), datasets: [{ name: 'train' }, { name: 'test' }] })).toEqual(['b', 'a']);
      expect(await find({ datasets: [{ name: 'train', digest: '1' }] })).toEqual(['a']);
      expect(await find({ datasets: [{ name: 'other' }] })).toEqual([]);
      const best = (dataset?: { name: string; digest?: string }) =>
        find({
          orderBy: [{ field: 'metric', key: 'auc', direction: 'desc', ...(dataset !== undefined && { dataset }) }],
        });
      expect(await best({ name: 'train' })).toEqual(['a', 'b', 'c']);
      expect(await best({ name: 'test', digest: '1' })).toEqual(['b', 'a', 'c']);
      expect(await best({ name: 'train', digest: '2' })).toEqual(['b', 'c', 'a']);
      expect(await best()).toEqual(['b', 'a', 'c']);
      const both = ['train', 'test'].map(
        (name) => ({ field: 'metric', key: 'auc', direction: 'asc', dataset: { name } }) as const,
      );
      expect(await find({ orderBy: both })).toEqual(['b', 'a', 'c']);
    });

    it('refuses a page token of another search', async () => {
      await create();
      await create();
      const first = await tracking.loggedModels.searchLoggedModels({ experimentIds: [experimentId], limit: 1 });
      const other = tracking.loggedModels.searchLoggedModels({
        experimentIds: [experimentId],
        limit: 1,
        lifecycle: 'all',
        pageToken: first.nextPageToken ?? '',
      });
      expect(await code(other)).toBe('SEARCH_PAGE_TOKEN_INVALID');
    });
  });
}
