import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RoomMigrations, readLedger } from '../../../platform/db/index.js';
import type { TestDb } from '../../../platform/db/testing.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createTracking } from '../create-tracking.js';
import { trackingMigrations } from '../tracking-migrations.js';
import type { TrackingService } from '../tracking-types.js';
import type { ImportedExperiment, ImportedLoggedModel, ImportedRun } from './import-types.js';
import { pointsDigest } from './points-digest-rules.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const write = { check: false };
const check = { check: true };
const MODEL = `m-${'a'.repeat(32)}`;

/** Taking over what other servers recorded, on every engine. */
export function describeImports(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`imports on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-imports-'));
    const clock = fixedClock(1_800_000_000_000);
    let test: TestDb;
    let tracking: TrackingService;
    beforeAll(async () => {
      test = await open([trackingMigrations]);
      tracking = createTracking({ db: test.db, objects: createLocalObjectStore(folder), clock, version: '0.0.0' });
    });
    afterAll(async () => {
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    const experiment = (name: string, more: Partial<ImportedExperiment> = {}): ImportedExperiment => ({
      name,
      lifecycle: 'active',
      tags: {},
      note: '',
      createdAtMs: 1_600_000_000_000,
      updatedAtMs: 1_600_000_000_001,
      ...more,
    });
    const place = async (name: string, more: Partial<ImportedExperiment> = {}) =>
      tracking.imports.importExperiment(me, experiment(name, more), write);
    const run = (id: string, experimentId: string, more: Partial<ImportedRun> = {}): ImportedRun => ({
      id,
      experimentId,
      name: 'first',
      status: 'finished',
      startedAtMs: 1_700_000_000_000,
      endedAtMs: 1_700_000_001_000,
      userName: 'bob',
      parentRunId: 'not-here',
      note: 'why',
      params: { depth: '4' },
      tags: { colour: 'blue' },
      ...more,
    });

    it('keeps names, times and states of experiments, deleted ones too, and finds them again', async () => {
      const active = await place('rain', { tags: { team: 'north' }, note: 'about' });
      const deleted = await place('rain', { lifecycle: 'deleted', createdAtMs: 1_500_000_000_000 });
      expect([active.outcome, deleted.outcome]).toEqual(['made', 'made']);
      expect(await tracking.experiment(deleted.id)).toMatchObject({
        lifecycle: 'deleted',
        createdAtMs: 1_500_000_000_000,
        updatedAtMs: 1_600_000_000_001,
      });
      const again = await place('rain', { tags: { team: 'south', more: '1' }, note: 'about' });
      expect(again).toMatchObject({ id: active.id, outcome: 'found' });
      expect(again.problems).toEqual(['tag "team" is "north" here and "south" there']);
      expect((await tracking.experiment(active.id)).tags).toEqual({ team: 'north', more: '1' });
      expect((await place('rain', { lifecycle: 'deleted', createdAtMs: 1_500_000_000_000 })).id).toBe(deleted.id);
      expect(await tracking.imports.importExperiment(me, experiment('absent'), check)).toMatchObject({
        outcome: 'absent',
      });
    });

    it('keeps runs whole under their ids; what is here is compared and never overwritten', async () => {
      const { id } = await place('runs');
      const [made] = await tracking.imports.importRuns(me, [run('r1', id)], write);
      expect(made).toEqual({ id: 'r1', outcome: 'made', problems: [] });
      expect(await tracking.run('r1')).toMatchObject({
        name: 'first',
        status: 'finished',
        startedAtMs: 1_700_000_000_000,
        endedAtMs: 1_700_000_001_000,
        userName: 'bob',
        createdBy: 'ada',
        parentRunId: 'not-here',
        note: 'why',
        params: { depth: '4' },
        tags: { colour: 'blue' },
      });
      const other = run('r1', id, { params: { depth: '5', fresh: 'x' }, name: 'second' });
      const [told] = await tracking.imports.importRuns(me, [other], write);
      expect(told?.problems).toEqual([
        'param "depth" is "4" here and "5" there',
        'name is "first" here and "second" there',
      ]);
      expect(await tracking.run('r1')).toMatchObject({ name: 'first', params: { depth: '4', fresh: 'x' } });
      const same = run('r1', id, { params: { depth: '4', fresh: 'x' } });
      expect(await tracking.imports.importRuns(me, [same], check)).toEqual([
        { id: 'r1', outcome: 'found', problems: [] },
      ]);
    });

    it('brings a run up to date that was still going', async () => {
      const { id } = await place('going');
      await tracking.imports.importRuns(me, [run('g1', id, { status: 'running', endedAtMs: null })], write);
      const [found] = await tracking.imports.importRuns(me, [run('g1', id)], write);
      expect(found).toEqual({ id: 'g1', outcome: 'found', problems: [] });
      expect(await tracking.run('g1')).toMatchObject({ status: 'finished', endedAtMs: 1_700_000_001_000 });
    });

    it('tells what of a run cannot be kept, and keeps the rest', async () => {
      const { id } = await place('sifted');
      const verdicts = await tracking.imports.importRuns(
        me,
        [run('s1', id, { params: { long: 'x'.repeat(6001), ok: '1' }, tags: { '../up': 'x' } }), run('../s2', id)],
        write,
      );
      expect(verdicts.map(({ outcome, problems }) => [outcome, problems.length])).toEqual([
        ['made', 2],
        ['refused', 1],
      ]);
      expect(await tracking.run('s1')).toMatchObject({ params: { ok: '1' }, tags: {} });
    });

    it('adds points once, however often they come, and counts and digests what is here', async () => {
      const { id } = await place('points');
      await tracking.imports.importRuns(me, [run('p1', id)], write);
      const values = [0.5, Number.NaN, Number.POSITIVE_INFINITY, -1];
      const series = { runId: 'p1', key: 'loss', steps: [0, 1, 2, -3], timestampsMs: [1, 2, 3, 4], values };
      await tracking.imports.importPoints(me, [series]);
      await tracking.imports.importPoints(me, [series, { ...series, key: 'other' }]);
      const digest = pointsDigest();
      digest.add([3, 2, 1, 0].map((i) => ({ step: series.steps[i] ?? 0, timestampMs: i + 1, value: values[i] ?? 0 })));
      const expected = { points: 4, digest: digest.digest() };
      expect(await tracking.imports.inventory(['p1', 'absent'], { digests: true })).toEqual([
        {
          runId: 'p1',
          series: [
            { key: 'loss', ...expected },
            { key: 'other', ...expected },
          ],
          files: [],
        },
      ]);
      expect((await tracking.run('p1')).latest[0]).toMatchObject({
        key: 'loss',
        step: 2,
        value: Number.POSITIVE_INFINITY,
      });
      expect((await tracking.sampledHistory('p1', 'loss', { maxPoints: 10 })).total).toBe(4);
      await expect(tracking.imports.importPoints(me, [{ ...series, steps: [1] }])).rejects.toMatchObject({
        code: 'TRK_VALUE_INVALID',
      });
      await expect(tracking.imports.importPoints(me, [{ ...series, runId: 'nobody' }])).rejects.toMatchObject({
        code: 'TRK_RUN_NOT_FOUND',
      });
    });

    it('keeps logged models and links, and deletes at the end what was deleted', async () => {
      const { id, artifactRoot } = await place('models');
      await tracking.imports.importRuns(me, [run('m1', id), run('m2', id)], write);
      const model: ImportedLoggedModel = {
        id: MODEL,
        experimentId: id,
        name: 'forest',
        modelType: 'classifier',
        sourceRunId: 'm1',
        status: 'ready',
        lifecycle: 'active',
        params: { trees: '10' },
        tags: {},
        metrics: [
          { key: 'acc', value: 0.5, step: 1, timestampMs: 2, runId: 'm1', datasetName: null, datasetDigest: null },
        ],
        createdAtMs: 5,
        updatedAtMs: 6,
      };
      expect(await tracking.imports.importLoggedModel(me, model, write)).toMatchObject({
        outcome: 'made',
        artifactRoot: `${artifactRoot}/models/${MODEL}/artifacts`,
      });
      expect(await tracking.loggedModels.loggedModel(MODEL)).toMatchObject({
        status: 'ready',
        createdAtMs: 5,
        params: { trees: '10' },
        metrics: [{ key: 'acc', value: 0.5 }],
      });
      const dataset = { name: 'w', digest: 'd', sourceType: 'http', source: '{}', schema: null, profile: null };
      const links = {
        runId: 'm1',
        datasets: [{ dataset, tags: { context: 'train' } }],
        modelInputs: ['m-absent'],
        modelOutputs: [{ modelId: MODEL, step: 5 }],
      };
      const sent = await tracking.imports.importLinks(me, links, write);
      expect(sent).toMatchObject({ outcome: 'made', problems: ['model "m-absent" is not here'] });
      expect((await tracking.imports.importLinks(me, { ...links, modelInputs: [] }, check)).problems).toEqual([]);
      await tracking.files.putFile(
        me,
        `${artifactRoot.slice('artifacts:/'.length)}/m2/artifacts/a.txt`,
        Buffer.from('a'),
      );
      await tracking.imports.settle(me, id, { runIds: ['m2'], modelIds: [MODEL] });
      expect((await tracking.run('m2')).lifecycle).toBe('deleted');
      expect((await tracking.run('m1')).lifecycle).toBe('active');
      const [inventory] = await tracking.imports.inventory(['m2'], { digests: false });
      expect(inventory?.files.map(({ path }) => path)).toEqual(['a.txt']);
      const events = await readLedger(test.db, { afterSeq: 0, limit: 1000, types: ['tracking.import-settled'] });
      expect(events).toHaveLength(1);
    });

    it('brings runs of a deleted experiment back with it', async () => {
      const { id } = await place('gone', { lifecycle: 'deleted' });
      await tracking.imports.importRuns(me, [run('d1', id)], write);
      await tracking.imports.settle(me, id, { runIds: ['d1'], modelIds: [] });
      expect((await tracking.run('d1')).lifecycle).toBe('deleted');
      await tracking.restoreExperiment(me, id);
      expect((await tracking.run('d1')).lifecycle).toBe('active');
    });
  });
}
