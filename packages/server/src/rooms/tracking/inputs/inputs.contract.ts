import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RoomMigrations, readLedger } from '../../../platform/db/index.js';
import type { TestDb } from '../../../platform/db/testing.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createTracking } from '../create-tracking.js';
import type { RunInput } from '../input-types.js';
import { trackingMigrations } from '../tracking-migrations.js';
import type { TrackingService } from '../tracking-types.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const input = (name: string, digest: string, tags: Record<string, string> = {}): RunInput => ({
  dataset: { name, digest, sourceType: 'local', source: '{"uri":"x"}', schema: null, profile: '{"rows":3}' },
  tags,
});
const context = (value: string) => ({ 'mlflow.data.context': value });

/** What inputs and outputs of runs do on every engine. */
export function describeInputs(engine: string, open: (rooms: readonly RoomMigrations[]) => Promise<TestDb>): void {
  describe(`inputs and outputs of runs on ${engine}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-inputs-'));
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
      experimentId = (await tracking.ensureExperiment(me, `inputs-${made}`)).id;
      runId = (await tracking.startRun(me, { experimentId })).id;
    });
    const linksOf = async (id: string) => (await tracking.inputs.linksOf([id])).get(id);
    const code = (work: Promise<unknown>) => work.then(() => 'accepted').catch((error) => error.code);

    it('keeps a dataset of an experiment once, whoever reads it, and the tags of each reading', async () => {
      const other = (await tracking.startRun(me, { experimentId })).id;
      await tracking.inputs.logInputs(me, runId, { datasets: [input('wine', 'd1', context('train'))] });
      const again = {
        ...input('wine', 'd1', context('eval')),
        dataset: { ...input('wine', 'd1').dataset, source: 'b' },
      };
      await tracking.inputs.logInputs(me, other, { datasets: [again] });
      await tracking.inputs.logInputs(me, runId, { datasets: [input('wine', 'd1', { ...context('test'), a: '1' })] });
      expect((await linksOf(runId))?.datasets).toEqual([input('wine', 'd1', { ...context('test'), a: '1' })]);
      expect((await linksOf(other))?.datasets).toEqual([input('wine', 'd1', context('eval'))]);
      expect(await tracking.inputs.datasetsOf([experimentId])).toEqual([
        { experimentId, name: 'wine', digest: 'd1', context: 'eval' },
        { experimentId, name: 'wine', digest: 'd1', context: 'test' },
      ]);
    });

    it('reads the links of many runs at once, and of runs without any', async () => {
      const model = await tracking.loggedModels.createLoggedModel(me, { experimentId });
      const runs = [runId];
      for (let i = 0; i < 3; i++) runs.push((await tracking.startRun(me, { experimentId })).id);
      for (const [index, id] of runs.slice(0, 3).entries()) {
        await tracking.inputs.logInputs(me, id, { datasets: [input('a', `${index}`), input('b', 'x')] });
      }
      await tracking.inputs.logInputs(me, runId, { modelIds: [model.id, model.id] });
      await tracking.inputs.logOutputs(me, runId, [{ modelId: model.id, step: 3 }]);
      await tracking.inputs.logOutputs(me, runId, [{ modelId: model.id, step: 4 }]);
      const links = await tracking.inputs.linksOf([...runs, 'nobody', runId]);
      expect([...links.keys()]).toEqual([...runs, 'nobody']);
      expect(links.get(runId)).toMatchObject({
        modelInputs: [{ modelId: model.id, step: null }],
        modelOutputs: [{ modelId: model.id, step: 4 }],
      });
      const names = runs.map((id) => links.get(id)?.datasets.map(({ dataset }) => `${dataset.name}@${dataset.digest}`));
      expect(names).toEqual([['a@0', 'b@x'], ['b@x', 'a@1'], ['b@x', 'a@2'], []]);
      expect(links.get('nobody')).toEqual({ datasets: [], modelInputs: [], modelOutputs: [] });
      expect((await tracking.inputs.linksOf([])).size).toBe(0);
    });

    it('finds runs by what they read', async () => {
      await tracking.inputs.logInputs(me, runId, { datasets: [input('wine', 'd9', context('train'))] });
      const found = async (field: 'dataset.name' | 'dataset.digest' | 'dataset.context', value: string) => {
        const where = [{ field, comparison: '=' as const, value }];
        const { items } = await tracking.searchRuns({ experimentIds: [experimentId], where, limit: 10 });
        return items.map(({ id }) => id);
      };
      expect(await found('dataset.name', 'wine')).toEqual([runId]);
      expect(await found('dataset.digest', 'd9')).toEqual([runId]);
      expect(await found('dataset.context', 'train')).toEqual([runId]);
      expect(await found('dataset.context', 'eval')).toEqual([]);
    });

    it('draws the edges of lineage and writes the ledger once, however often it is told', async () => {
      const model = await tracking.loggedModels.createLoggedModel(me, { experimentId, sourceRunId: runId });
      for (let i = 0; i < 2; i++) {
        await tracking.inputs.logInputs(me, runId, { datasets: [input('wine', 'd2')], modelIds: [model.id] });
        await tracking.inputs.logOutputs(me, runId, [{ modelId: model.id, step: 0 }]);
      }
      const graph = await tracking.lineage({ kind: 'run', id: runId }, { direction: 'both', maxNodes: 20 });
      const edges = graph.edges.map(({ from, to, relation }) => `${from.kind}:${from.id} ${relation} ${to.kind}`);
      expect(edges.sort()).toEqual([
        'dataset:wine@d2 input-of run',
        `logged-model:${model.id} input-of run`,
        `run:${runId} output-of logged-model`,
      ]);
      const events = await readLedger(test.db, {
        afterSeq: 0,
        limit: 10_000,
        types: ['tracking.inputs-logged', 'tracking.outputs-logged'],
      });
      expect(events.filter(({ subject }) => subject.id === runId).map(({ payload }) => payload)).toEqual([
        { runId, datasets: ['wine@d2'], modelIds: [model.id] },
        { runId, modelIds: [model.id] },
      ]);
    });

    it('refuses what it could not keep, and then keeps nothing of it', async () => {
      const log = (inputs: Parameters<TrackingService['inputs']['logInputs']>[2], id = runId) =>
        code(tracking.inputs.logInputs(me, id, inputs));
      const long = 'x'.repeat(501);
      expect(await log({ datasets: [input('ok', '1'), input(long, '1')] })).toBe('TRK_VALUE_INVALID');
      expect(await log({ datasets: [input('ok', '')] })).toBe('TRK_VALUE_INVALID');
      expect(await log({ datasets: [input('ok', 'x'.repeat(65))] })).toBe('TRK_VALUE_INVALID');
      expect(await log({ datasets: [input('a\0', '1')] })).toBe('TRK_VALUE_INVALID');
      expect(await log({ datasets: [input('ok', '1', { k: long })] })).toBe('TRK_VALUE_INVALID');
      expect(await log({ datasets: [input('ok', '1', { 'a/../b': '1' })] })).toBe('TRK_VALUE_INVALID');
      expect(await log({ datasets: [input('ok', '1')], modelIds: ['m-nothing'] })).toBe('TRK_MODEL_NOT_FOUND');
      expect(await log({ modelIds: Array.from({ length: 1001 }, (_, i) => `m-${i}`) })).toBe('TRK_BATCH_TOO_LARGE');
      expect(await log({ datasets: [input('ok', '1')] }, 'nobody')).toBe('TRK_RUN_NOT_FOUND');
      expect((await linksOf(runId))?.datasets).toEqual([]);
      const model = await tracking.loggedModels.createLoggedModel(me, { experimentId });
      const outputs = tracking.inputs.logOutputs(me, runId, [{ modelId: model.id, step: 0.5 }]);
      expect(await code(outputs)).toBe('TRK_VALUE_INVALID');
      await tracking.deleteRun(me, runId);
      expect(await log({ datasets: [input('ok', '1')] })).toBe('TRK_RUN_DELETED');
    });

    it('keeps a dataset once when many runs name it at the same time', async () => {
      const runs = await Promise.all(Array.from({ length: 8 }, () => tracking.startRun(me, { experimentId })));
      await Promise.all(runs.map(({ id }) => tracking.inputs.logInputs(me, id, { datasets: [input('same', 'd')] })));
      expect(await tracking.inputs.datasetsOf([experimentId])).toHaveLength(1);
      const links = await tracking.inputs.linksOf(runs.map(({ id }) => id));
      expect([...links.values()].every(({ datasets }) => datasets.length === 1)).toBe(true);
    });
  });
}
