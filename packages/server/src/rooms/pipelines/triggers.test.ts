// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the references of a project file
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { versionCreated } from '../data/index.js';
import { type Bench, me, openBench, type Replica } from './pipelines-testing.js';
import type { PipelineSpec, StepHandler } from './pipelines-types.js';

let bench: Bench;
let replica: Replica;
const noop: StepHandler = {
  uses: 'noop',
  version: '1',
  title: 'Nothing',
  cacheable: false,
  check: () => [],
  run: async () => ({ outputs: {} }),
};
const steps: PipelineSpec['steps'] = { only: { uses: 'noop' } };

beforeEach(async () => {
  bench = await openBench([noop]);
  // The queue is not started: what was triggered stays active while the test looks.
  replica = bench.replica('one');
});
afterEach(() => bench.dispose());

const declare = (name: string, spec: PipelineSpec) =>
  replica.pipelines.declare(me, name, { spec, projectFolder: bench.project });
const newVersion = async (versionId: string, dataset = 'weather') => {
  const payload = { dataset, versionId, number: 1, rows: 1, deliveryId: 'd', sourceDigest: 's', parentId: null };
  await bench.db.transact(me, async (tx) => tx.record(versionCreated.of({ kind: 'dataset', id: dataset }, payload)));
  await replica.dispatcher.drain();
};
const runsOf = async (pipeline: string) => (await replica.pipelines.runs({ pipeline, limit: 10 })).reverse();
const skipsOf = async () =>
  (await readLedger(bench.db, { afterSeq: 0, limit: 1000, types: ['pipelines.trigger-skipped'] })).map(
    ({ payload }) => (payload as { reason: string }).reason,
  );

describe('a trigger', () => {
  it('starts a run for each new version of its dataset, and one only while it is active', async () => {
    await declare('p', { steps, triggers: [{ on: 'data-version', dataset: 'weather' }] });
    await newVersion('v1');
    await newVersion('v1');
    await newVersion('v2');
    await newVersion('v9', 'other');
    expect((await runsOf('p')).map(({ trigger, state, createdBy }) => [trigger.ref, state, createdBy])).toEqual([
      ['v1', 'running', 'fairlead'],
      ['v2', 'queued', 'fairlead'],
    ]);
    expect(await skipsOf()).toEqual(['equal-run']);
  });

  it('starts a run for an event, with the event as its provenance', async () => {
    await declare('p', { steps, triggers: [{ on: 'event', type: 'monitoring.alert-opened' }] });
    const alert = { type: 'monitoring.alert-opened', subject: { kind: 'alert', id: 'a' }, payload: {} };
    await bench.db.transact(me, async (tx) => {
      tx.record(alert);
      tx.record(alert);
    });
    await replica.dispatcher.drain();
    const events = await readLedger(bench.db, { afterSeq: 0, limit: 100, types: [alert.type] });
    expect((await runsOf('p')).map(({ trigger }) => trigger)).toEqual([{ kind: 'event', ref: events[0]?.id }]);
  });

  it('does nothing while another run is active when the pipeline says skip', async () => {
    const triggers = [{ on: 'data-version' as const, dataset: 'weather' }];
    await declare('p', { steps, triggers, concurrency: 'skip' });
    await newVersion('v1');
    await newVersion('v2');
    expect(await runsOf('p')).toHaveLength(1);
    expect(await skipsOf()).toEqual(['concurrency']);
  });

  it('by the end of a run starts other pipelines but never the same one again', async () => {
    const triggers = [{ on: 'event' as const, type: 'pipelines.run-finished' }];
    await declare('first', { steps, triggers });
    await declare('next', { steps, triggers });
    await replica.queue.start();
    const { id } = await replica.pipelines.start(me, { pipeline: 'first' });
    await replica.pipelines.waitFor(id, { timeoutMs: 10_000 });
    await replica.dispatcher.drain();
    expect([await runsOf('first'), await runsOf('next')].map((runs) => runs.length)).toEqual([1, 1]);
  });

  it('by schedule starts one run per firing, and goes away with its declaration', async () => {
    await declare('p', { steps, triggers: [{ on: 'schedule', cron: '* * * * * *' }] });
    await replica.queue.start();
    await expect.poll(() => replica.schedules.tick(), { timeout: 10_000 }).toBe(1);
    await expect.poll(async () => (await runsOf('p')).map(({ trigger }) => trigger.kind)).toEqual(['schedule']);
    await declare('p', { steps });
    expect(await replica.schedules.list()).toEqual([]);
    const bad = declare('q', { steps, triggers: [{ on: 'schedule', cron: 'every day' }] });
    await expect(bad).rejects.toMatchObject({ code: 'JOB_SCHEDULE_INVALID' });
  });
});
