import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Table, tableFromRows } from '@fairlead/frame';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { createRng } from '@fairlead/num';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../../platform/db/index.js';
import { openTestSqlite } from '../../../platform/db/testing.js';
import { createInferenceHost } from '../../../platform/inference/index.js';
import { createLake } from '../../../platform/lake/index.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import type { DataService, DatasetVersion, Split } from '../../data/index.js';
import { createEvaluateStep, createEvaluation } from '../../evaluation/index.js';
import type { ArtifactRef, Json, StepContext, StepHandler, StepResult } from '../../pipelines/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../../tracking/index.js';
import { createModelScorer, createTraining, createTrainStep, readTrainingRecord } from '../../training/index.js';
import { createRegisterStep, createRegistry, type RegistryService, registryMigrations } from '../index.js';

const me = { actor: { ...systemActor, id: 'ada' } };
const SPLIT: ArtifactRef = { kind: 'split', id: 's1', digest: 's1' };

/** Hours of a made-up port: it rains after high humidity, not always. */
function hours(count: number, seed: number): Table {
  const rng = createRng(seed);
  const rows = Array.from({ length: count }, (_, hour) => {
    const humidity = rng.next() * 100;
    return { at: hour * 3_600_000, humidity, calm: rng.int(2) === 1, rain_ahead: rng.next() * 100 < humidity };
  });
  return tableFromRows(rows, [
    { name: 'at', kind: 'timestamp' },
    { name: 'humidity', kind: 'float64' },
    { name: 'calm', kind: 'boolean' },
    { name: 'rain_ahead', kind: 'boolean' },
  ]);
}

const parts: Readonly<Record<string, Table>> = { train: hours(400, 1), test: hours(200, 2) };
const data: Pick<DataService, 'readPart' | 'splitById' | 'versionById' | 'profile'> = {
  readPart: async (_, part) => parts[part] as Table,
  splitById: async (id) => ({ id, versionId: 'v1' }) as Split,
  versionById: async (id) =>
    ({
      id,
      dataset: 'port',
      time: 'at',
      entity: [],
      label: { name: 'rain_ahead', of: 'rain', horizonMs: 3_600_000 },
      columns: [{ name: 'humidity', type: 'integer' }],
    }) as unknown as DatasetVersion,
  profile: async () => ({ columns: { humidity: { mean: 50, undefinedShare: Number.NaN } } }),
};

describe('the steps train, evaluate and register', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-steps-'));
  const objects = createLocalObjectStore(folder);
  const inference = createInferenceHost({ workers: 1 });
  const clock = fixedClock(1_700_000_000_000);
  const handlers: Record<string, StepHandler> = {};
  let db: Db;
  let dispose: () => Promise<void>;
  let tracking: TrackingService;
  let registry: RegistryService;
  beforeAll(async () => {
    ({ db, dispose } = await openTestSqlite([trackingMigrations, registryMigrations]));
    const lake = await createLake({ tempFolder: join(folder, 'tmp'), allowedFolders: [folder] });
    tracking = createTracking({ db, objects, clock, version: '0.0.0' });
    const scorer = createModelScorer({ inference, objects });
    const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
    const evaluation = createEvaluation({ db, objects, lake, clock, tracking, scorer, data });
    registry = createRegistry({ db, objects, clock, tracking, evaluation });
    const steps = [
      createTrainStep({ training, data, tracking, objects }),
      createEvaluateStep({ evaluation, objects }),
      createRegisterStep({ registry, evaluation, data, tracking, objects }),
    ];
    for (const step of steps) handlers[step.uses] = step;
  });
  afterAll(async () => {
    await inference.close();
    await dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  async function run(
    uses: string,
    params: Readonly<Record<string, Json>>,
    inputs: Readonly<Record<string, ArtifactRef>>,
  ): Promise<StepResult & { trackingRunId: string }> {
    const handler = handlers[uses] as StepHandler;
    expect(handler.check(params)).toEqual([]);
    const { id: trackingRunId } = await tracking.startRun(me, { experiment: 'rain' });
    const step: StepContext = {
      ...{ context: me, pipeline: 'rain', pipelineRunId: 'p1', step: uses, params, inputs, trackingRunId },
      ...{ seed: 7, projectFolder: folder, signal: new AbortController().signal, progress: () => undefined },
    };
    const result = await handler.run(step);
    if (result.commit) await db.transact(me, result.commit);
    return { ...result, trackingRunId };
  }

  const TRAIN = {
    part: 'train',
    candidates: [{ trainer: 'logistic-regression', params: { c: [0.1, 1] } }],
    validation: { kind: 'time-series', folds: 3 },
    metric: 'brier',
  };
  const EVALUATE = { part: 'test', trainPart: 'train', baselines: [{ kind: 'persistence', column: 'calm' }] };

  it('carry a model from a split to a registered version with its files and its lineage', async () => {
    const trained = await run('train', TRAIN, { split: SPLIT });
    const model = trained.outputs.model as ArtifactRef;
    const training = trained.outputs.training as ArtifactRef;
    const judged = await run('evaluate', EVALUATE, { model, training, split: SPLIT });
    const report = judged.outputs.report as ArtifactRef;
    const registered = await run('register', { model: 'rain' }, { training, report, split: SPLIT });
    expect(registered.outputs.version).toEqual({ kind: 'model-version', id: 'rain/1', digest: model.digest });
    const version = await registry.version('rain', 'latest');
    expect(version.files.map(({ path }) => path)).toEqual([
      'model.onnx',
      'training.json',
      'report.json',
      'profile.json',
    ]);
    expect(version.signature.inputs[0]).toMatchObject({ name: 'humidity', type: 'integer' });
    expect(version.source).toMatchObject({ splitId: 's1', datasetVersionId: 'v1', trainPart: 'train' });
    expect(version.source.trackingRunId).toBe(trained.trackingRunId);
    const profile = JSON.parse(new TextDecoder().decode(await objects.readBytes(version.profileDigest)));
    expect(profile.columns.humidity).toEqual({ mean: 50, undefinedShare: null });
    const again = await run('register', { model: 'rain' }, { training, report, split: SPLIT });
    expect(again.outputs).toEqual(registered.outputs);
    const { edges } = await tracking.lineage(
      { kind: 'model-version', id: 'rain/1' },
      { direction: 'up', maxNodes: 50 },
    );
    const relations = edges.map(({ from, relation, to }) => `${from.kind} ${relation} ${to.kind}`);
    expect(relations).toEqual(
      expect.arrayContaining(['split used-by run', 'run produced-by model-version', 'report judged-by model-version']),
    );
    const { source, result } = await readTrainingRecord(objects, training.digest);
    expect(source).toMatchObject({ pipeline: 'rain', pipelineRunId: 'p1', part: 'train' });
    expect(result.leaderboard).toHaveLength(2);
  });

  it('say what is wrong with their parameters, in words', () => {
    const problems = (uses: string, params: Readonly<Record<string, Json>>) => handlers[uses]?.check(params).join('; ');
    expect(problems('register', { model: '../rain' })).toBe("model: '../rain' cannot be a model's name");
    expect(problems('register', { model: 'rain' })).toBe('');
    expect(problems('train', { ...TRAIN, metrik: 'brier' })).toContain("unknown key 'metrik'");
    expect(problems('train', { part: 'train' })).toContain("'candidates' is missing");
    const odd = [{ trainer: 'random-forest', params: { depth: 3 } }];
    expect(problems('train', { ...TRAIN, candidates: odd })).toContain('random-forest has no such parameter');
    const many = { nEstimators: Array.from({ length: 1001 }, (_, i) => i + 1) };
    const grid = [{ trainer: 'random-forest', params: many }];
    expect(problems('train', { ...TRAIN, candidates: grid })).toContain('1001 candidates');
    expect(problems('evaluate', { ...EVALUATE, baselines: [{ kind: 'luck' }] })).toContain("'luck' is no known kind");
    const twice = [{ kind: 'majority' }, { kind: 'majority' }];
    expect(problems('evaluate', { ...EVALUATE, baselines: twice })).toContain('Two baselines are named majority');
    expect(problems('register', { modell: 'rain' })).toContain("unknown key 'modell'");
  });

  it('refuse inputs that do not belong together', async () => {
    const first = (await run('train', TRAIN, { split: SPLIT })).outputs;
    const second = (await run('train', { ...TRAIN, exclude: ['calm'] }, { split: SPLIT })).outputs;
    const model = first.model as ArtifactRef;
    const training = second.training as ArtifactRef;
    const mixed = run('evaluate', EVALUATE, { model, training, split: SPLIT });
    await expect(mixed).rejects.toMatchObject({ code: 'EVAL_REPORT_OTHER_MODEL' });
    await expect(run('train', TRAIN, { split: model })).rejects.toMatchObject({ code: 'TRN_INPUT_MISSING' });
    const wrong = run('evaluate', EVALUATE, { model, training: { ...training, digest: model.digest }, split: SPLIT });
    await expect(wrong).rejects.toMatchObject({ code: 'TRN_RECORD_INVALID' });
  });
});
