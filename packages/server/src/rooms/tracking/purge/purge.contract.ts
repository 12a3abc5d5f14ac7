import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Db, type RoomMigrations, readLedger } from '../../../platform/db/index.js';
import type { TestDb } from '../../../platform/db/testing.js';
import { createSchedules, type JobQueue, jobMigrations } from '../../../platform/jobs/index.js';
import { quickQueue } from '../../../platform/jobs/testing.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createTracking } from '../create-tracking.js';
import { trackingMigrations } from '../tracking-migrations.js';
import type { TrackingService } from '../tracking-types.js';
import { createPurge } from './create-purge.js';
import { removeRest } from './purge-steps.js';
import { sqlPurgeStore } from './purge-store.sql.js';
import type { PurgeReport, PurgeSelection, PurgeService } from './purge-types.js';
import { purge as work } from './purge-work.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const DAY_MS = 24 * 3_600_000;
const LONG = ['point', 'sample', 'series', 'param', 'tag', 'input', 'input_tag', 'model_link', 'file', 'run'] as const;
const OF_MODELS = ['logged_model', 'logged_model_param', 'logged_model_tag', 'model_metric'] as const;

/** Removing for good, on every engine. */
export function describePurge(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`purging on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-purge-'));
    const clock = fixedClock(1_700_000_000_000);
    const objects = createLocalObjectStore(folder);
    /** By the id of a run or model: which model version comes from it. */
    const uses = new Map<string, string>();
    let test: TestDb;
    let db: Db;
    let jobs: JobQueue;
    let tracking: TrackingService;
    let purge: PurgeService;
    let names = 0;
    beforeAll(async () => {
      test = await open([jobMigrations, trackingMigrations]);
      db = test.db;
      jobs = quickQueue(db, 'purge-test');
      tracking = createTracking({ db, objects, clock, version: '0.0.0' });
      purge = createPurge({ db, objects, clock, jobs, schedules: createSchedules(db, jobs), usesOf: async () => uses });
      await jobs.start();
    });
    afterAll(async () => {
      await jobs?.stop({ graceMs: 1000 });
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      uses.clear();
      await run({ dryRun: false });
      clock.advance(1000);
    });

    const newName = () => {
      names += 1;
      return `experiment ${names}`;
    };
    const run = async (request: PurgeSelection & { dryRun: boolean }): Promise<PurgeReport> => {
      const { jobId } = await purge.start(me, request);
      const job = await jobs.waitFor(jobId, { timeoutMs: 20_000 });
      expect(job).toMatchObject({ state: 'succeeded' });
      return job.result as unknown as PurgeReport;
    };
    const rows = async () => {
      const counts: Record<string, number> = {};
      for (const table of [...LONG, ...OF_MODELS, 'dataset', 'experiment', 'experiment_tag', 'edge', 'purged']) {
        const { rows: found } = await sql<{
          n: number;
        }>`select count(*) as n from ${sql.table(`tracking_${table}`)}`.execute(db.sql<unknown>());
        counts[table] = Number(found[0]?.n);
      }
      return counts;
    };
    /** A run with something in every table; 1,500 points of `loss` so that it has samples, and NaN. */
    const fullRun = async (experiment: string, id?: string) => {
      const { id: runId, experimentId } = await tracking.startRun(me, {
        experiment,
        params: { depth: 4 },
        tags: { a: 'b' },
        ...(id !== undefined && { id }),
      });
      for (let start = 0; start < 1500; start += 500) {
        const metrics = Array.from({ length: 500 }, (_, i) => ({
          key: 'loss',
          value: (start + i) % 7 === 0 ? Number.NaN : start + i,
          step: (start + i) % 5,
          timestampMs: Math.floor((start + i) / 5),
        }));
        await tracking.logBatch(me, runId, { metrics });
      }
      await tracking.logBatch(me, runId, {
        metrics: [{ key: 'auc', value: 0.5, step: 0, timestampMs: 0, dataset: { name: 'd', digest: 'x' } }],
      });
      const dataset = { name: 'd', digest: 'x', sourceType: 'local', source: '{}', schema: null, profile: null };
      await tracking.inputs.logInputs(me, runId, { datasets: [{ dataset, tags: { t: '1' } }] });
      const model = await tracking.loggedModels.createLoggedModel(me, {
        experimentId,
        sourceRunId: runId,
        params: { p: '1' },
        tags: { q: '2' },
      });
      await tracking.inputs.logOutputs(me, runId, [{ modelId: model.id, step: 0 }]);
      const point = { key: 'f1', value: 1, step: 0, timestampMs: 0, datasetName: null, datasetDigest: null };
      await tracking.logBatch(me, runId, { modelMetrics: [{ ...point, modelId: model.id }] });
      await tracking.putArtifact(me, runId, { path: 'plots/roc.txt', bytes: Buffer.from(`curve of ${runId}`) });
      const path = `${model.artifactRoot.replace('artifacts:/', '')}/MLmodel`;
      await tracking.files.putFile(me, path, Buffer.from(`model of ${runId}`));
      return { runId, experimentId, modelId: model.id, path };
    };

    it('says what would go, changes nothing by that, and then removes exactly that with everything of it', async () => {
      const name = newName();
      await fullRun(name);
      const before = await rows();
      const { runId, modelId, path } = await fullRun(name);
      await tracking.deleteRun(me, runId);
      const full = await rows();
      const dry = await run({ dryRun: true });
      const sizeBytes = `curve of ${runId}model of ${runId}`.length;
      expect(dry).toEqual({
        dryRun: true,
        ...{ runs: 1, experiments: 0, loggedModels: 1, points: 1501, files: 2, sizeBytes, keptCount: 0, kept: [] },
      });
      expect(await rows()).toEqual(full);
      expect(await run({ dryRun: false })).toEqual({ ...dry, dryRun: false });
      const purged = before.purged as number;
      expect(await rows()).toEqual({ ...before, edge: full.edge, purged: purged + 2 });
      await expect(tracking.run(runId)).rejects.toMatchObject({ code: 'TRK_RUN_NOT_FOUND' });
      await expect(tracking.restoreRun(me, runId)).rejects.toMatchObject({ code: 'TRK_RUN_NOT_FOUND' });
      await expect(tracking.files.openFile(path)).rejects.toMatchObject({ code: 'TRK_ARTIFACT_NOT_FOUND' });
      expect(await run({ dryRun: false })).toMatchObject({ runs: 0, points: 0 });
      const gone = await tracking.purged([
        { kind: 'run', id: runId },
        { kind: 'logged-model', id: modelId },
        { kind: 'experiment', id: runId },
      ]);
      expect(gone.map(({ kind }) => kind).sort()).toEqual(['logged-model', 'run']);
      const events = (await readLedger(db, { afterSeq: 0, limit: 10_000 })).filter(
        ({ type, subject }) => (type === 'tracking.run-purged' && subject.id === runId) || type === 'tracking.purged',
      );
      expect(events.slice(-2).map(({ payload }) => payload)).toEqual([
        { experimentId: expect.any(String), points: 1501, files: 2, sizeBytes, modelIds: [modelId] },
        { runs: 1, experiments: 0, loggedModels: 1, points: 1501, files: 2, sizeBytes, keptCount: 0 },
      ]);
    });

    it('gives the number of a purged run to nobody who would find its points', async () => {
      const name = newName();
      const { runId } = await fullRun(name);
      await tracking.deleteRun(me, runId);
      await run({ dryRun: false });
      const next = await tracking.startRun(me, { experiment: name });
      await tracking.logBatch(me, next.id, { metrics: [{ key: 'loss', value: 3, step: 1, timestampMs: 1 }] });
      expect(await tracking.metricHistory(next.id, 'loss')).toHaveLength(1);
      expect(await tracking.run(next.id)).toMatchObject({ params: {}, tags: {}, metrics: { loss: 3 } });
    });

    it('refuses runs that are not deleted, not known or deleted too recently, and then removes nothing', async () => {
      const { runId } = await fullRun(newName());
      const active = await tracking.startRun(me, { experiment: newName() });
      await tracking.deleteRun(me, runId);
      const refused = (selection: PurgeSelection) => purge.start(me, { dryRun: false, ...selection });
      await expect(refused({ runIds: [runId, active.id] })).rejects.toMatchObject({ code: 'TRK_NOT_PURGEABLE' });
      await expect(refused({ runIds: ['nobody'] })).rejects.toMatchObject({ code: 'TRK_RUN_NOT_FOUND' });
      const recent = { runIds: [runId], olderThanMs: DAY_MS };
      await expect(refused(recent)).rejects.toMatchObject({ code: 'TRK_NOT_PURGEABLE' });
      await expect(refused({ experiment: 'nothing' })).rejects.toMatchObject({ code: 'TRK_EXPERIMENT_NOT_FOUND' });
      expect(await run({ dryRun: false, olderThanMs: DAY_MS })).toMatchObject({ runs: 0 });
      expect((await tracking.run(runId)).lifecycle).toBe('deleted');
      clock.advance(DAY_MS);
      expect(await run({ dryRun: false, ...recent })).toMatchObject({ runs: 1 });
    });

    it('keeps a run that a model version comes from, or whose logged model an active run uses, and says why', async () => {
      const name = newName();
      const [first, second, third] = [await fullRun(name), await fullRun(name), await fullRun(name)];
      const reader = await tracking.startRun(me, { experiment: name });
      await tracking.inputs.logInputs(me, reader.id, { modelIds: [third.modelId] });
      for (const { runId } of [first, second, third]) await tracking.deleteRun(me, runId);
      uses.set(first.runId, 'model version rain/3').set(second.modelId, 'model version rain/4');
      const report = await run({ dryRun: false });
      expect(report).toMatchObject({ runs: 0, keptCount: 3 });
      expect(report.kept).toEqual([
        { kind: 'run', id: first.runId, reason: 'model version rain/3 comes from it' },
        { kind: 'run', id: second.runId, reason: `model version rain/4 comes from the logged model ${second.modelId}` },
        { kind: 'run', id: third.runId, reason: `the run ${reader.id} uses the logged model ${third.modelId}` },
      ]);
      await tracking.restoreRun(me, first.runId);
      expect(await tracking.metricHistory(first.runId, 'loss')).toHaveLength(1500);
      await tracking.deleteRun(me, reader.id);
      uses.clear();
      expect(await run({ dryRun: false })).toMatchObject({ runs: 3, keptCount: 0 });
    });

    it('removes an experiment with its runs, datasets and models; the name is free and the id is not', async () => {
      const before = await rows();
      const name = newName();
      const { experimentId } = await fullRun(name);
      await tracking.updateExperiment(me, experimentId, { tags: { team: 'x' } });
      await tracking.loggedModels.createLoggedModel(me, { experimentId, name: 'alone' });
      await tracking.deleteExperiment(me, experimentId);
      const again = await tracking.createExperiment(me, { name });
      await expect(tracking.restoreExperiment(me, experimentId)).rejects.toMatchObject({
        code: 'TRK_EXPERIMENT_EXISTS',
      });
      const dry = await run({ dryRun: true, experiment: name });
      expect(dry).toMatchObject({ runs: 1, experiments: 1, loggedModels: 2, points: 1501, files: 2 });
      expect(await run({ dryRun: false, experiment: name })).toEqual({ ...dry, dryRun: false });
      const { edge, purged, experiment, ...rest } = await rows();
      const { edge: _e, purged: _p, experiment: experiments, ...restBefore } = before;
      expect(rest).toEqual(restBefore);
      expect({ experiment, purged: (purged as number) - (before.purged as number) }).toEqual({
        experiment: (experiments as number) + 1,
        purged: 4,
      });
      expect(edge as number).toBeGreaterThan(before.edge as number);
      await expect(tracking.experiment(experimentId)).rejects.toMatchObject({ code: 'TRK_EXPERIMENT_NOT_FOUND' });
      expect((await tracking.experimentNamed(name)).id).toBe(again.id);
      const next = await tracking.createExperiment(me, { name: newName() });
      expect(Number(next.id)).toBeGreaterThan(Number(again.id));
    });

    it('keeps the experiment 0, and one that still has a run', async () => {
      const kept = await tracking.startRun(me, { experimentId: '0' });
      await tracking.deleteExperiment(me, '0');
      const { runId, experimentId } = await fullRun(newName());
      await tracking.deleteExperiment(me, experimentId);
      await tracking.restoreRun(me, runId);
      const dry = await run({ dryRun: true });
      expect(dry).toMatchObject({ runs: 1, experiments: 0, loggedModels: 0, keptCount: 2 });
      expect(dry.kept).toEqual([
        { kind: 'experiment', id: '0', reason: 'clients that name no experiment count on it' },
        { kind: 'experiment', id: experimentId, reason: 'it still has 1 run' },
      ]);
      expect(await run({ dryRun: false })).toEqual({ ...dry, dryRun: false });
      await tracking.restoreExperiment(me, '0');
      await expect(tracking.run(kept.id)).rejects.toMatchObject({ code: 'TRK_RUN_NOT_FOUND' });
      expect(await tracking.metricHistory(runId, 'loss')).toHaveLength(1500);
    });

    it('removes deleted logged models of runs that stay', async () => {
      const { runId, modelId, path } = await fullRun(newName());
      await tracking.loggedModels.deleteLoggedModel(me, modelId);
      expect(await run({ dryRun: true })).toMatchObject({ runs: 0, loggedModels: 1, files: 1 });
      expect(await run({ dryRun: false })).toMatchObject({ runs: 0, loggedModels: 1, files: 1 });
      expect(await tracking.files.file(path)).toBeUndefined();
      const deleted = tracking.loggedModels.loggedModel(modelId, { deleted: true });
      await expect(deleted).rejects.toMatchObject({ code: 'TRK_MODEL_NOT_FOUND' });
      expect((await tracking.inputs.linksOf([runId])).get(runId)?.modelOutputs).toEqual([]);
    });

    it('gives the id of a purged run to no other, and takes no file for it', async () => {
      const name = newName();
      const { runId, experimentId } = await fullRun(name, 'given-by-a-client');
      await tracking.deleteRun(me, runId);
      await run({ dryRun: false, runIds: [runId] });
      const again = tracking.startRun(me, { id: runId, experiment: name });
      await expect(again).rejects.toMatchObject({ code: 'TRK_RUN_PURGED' });
      const late = tracking.files.putFile(me, `${experimentId}/${runId}/artifacts/late.txt`, Buffer.from('x'));
      await expect(late).rejects.toMatchObject({ code: 'TRK_RUN_PURGED' });
      const record = {
        ...{ id: runId, experimentId, name: 'r', status: 'finished' as const, startedAtMs: 1, endedAtMs: 2 },
        ...{ userName: '', parentRunId: null, note: '', params: {}, tags: {} },
      };
      const verdicts = await tracking.imports.importRuns(me, [record], { check: false });
      expect(verdicts).toEqual([{ id: runId, outcome: 'refused', problems: ['it was removed for good here'] }]);
    });

    it('goes on where it was interrupted, in portions, and counts what went before', async () => {
      const before = await rows();
      const name = newName();
      const runs = [await fullRun(name), await fullRun(name)];
      const edges = (await rows()).edge;
      for (const { runId } of runs) await tracking.deleteRun(me, runId);
      const stop = new AbortController();
      let transactions = 0;
      const counting: Db = {
        ...db,
        dialect: db.dialect,
        sql: db.sql.bind(db),
        transact: (context, step) => {
          transactions += 1;
          // The runs went in the transaction before; nothing of their points has.
          if (transactions > 4) stop.abort(new Error('killed'));
          stop.signal.throwIfAborted();
          return db.transact(context, step);
        },
      };
      const deps = { db: counting, clock, objects, store: sqlPurgeStore, usesOf: async () => uses };
      const scope = { deletedBeforeMs: clock.nowMs(), runIds: null, experimentIds: null };
      const one = { id: 'purge-1', context: me, scope, dryRun: false, progress: () => undefined };
      await expect(work(deps, { ...one, signal: stop.signal })).rejects.toThrow('killed');
      const between = await rows();
      expect(between).toMatchObject({ run: before.run, param: before.param });
      expect(between.point).toBe((before.point as number) + 3002);
      const report = await work({ ...deps, db }, { ...one, signal: new AbortController().signal });
      expect(report).toMatchObject({ runs: 2, loggedModels: 2, points: 3002, files: 4 });
      const after = await rows();
      expect({ ...after, purged: 0 }).toEqual({
        ...before,
        edge: edges,
        dataset: after.dataset,
        experiment: after.experiment,
        purged: 0,
      });
    });

    it('removes a long series a few rows at a time, NaN and equal steps included', async () => {
      const before = await rows();
      const { runId } = await fullRun(newName());
      await tracking.deleteRun(me, runId);
      const scope = { deletedBeforeMs: clock.nowMs(), runIds: [runId], experimentIds: null };
      const [found] = await sqlPurgeStore.runs(db, scope, { after: { atMs: 0, no: -1 }, limit: 1 });
      if (found === undefined) throw new Error('there is a deleted run');
      await db.transact(me, (tx) => sqlPurgeStore.removeRuns(tx, [found]));
      let portions = 0;
      let points = (await rows()).point as number;
      while (await db.transact(me, (tx) => sqlPurgeStore.removeSomePoints(tx, 100))) {
        portions += 1;
        const left = (await rows()).point as number;
        expect(points - left).toBeLessThanOrEqual(100);
        points = left;
      }
      expect(portions).toBeGreaterThan(15);
      expect(await rows()).toMatchObject({ point: before.point, sample: before.sample, series: before.series });
      await removeRest(
        { db, clock, objects, store: sqlPurgeStore, usesOf: async () => uses },
        { context: me, signal: new AbortController().signal, progress: () => undefined },
      );
    });
  });
}
