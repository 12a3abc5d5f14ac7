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
import { jobMigrations } from '../../../platform/jobs/index.js';
import { createLake } from '../../../platform/lake/index.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import type { DataService, DatasetVersion, Split } from '../../data/index.js';
import { createEvaluateStep, createEvaluation } from '../../evaluation/index.js';
import type { ArtifactRef, Json, StepContext, StepHandler, StepResult } from '../../pipelines/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../../tracking/index.js';
import { createModelScorer, createTraining, createTrainStep, readTrainingRecord } from '../../training/index.js';
import {
  bundleModel,
  createPackageStep,
  createRegisterStep,
  createRegistry,
  type RegistryService,
  registryMigrations,
} from '../index.js';
import { noOutsideWorld } from '../registry-testing.js';

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

describe('the steps train, evaluate, register and package', () => {
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
    ({ db, dispose } = await openTestSqlite([jobMigrations, trackingMigrations, registryMigrations]));
    const lake = await createLake({ tempFolder: join(folder, 'tmp'), allowedFolders: [folder] });
    tracking = createTracking({ db, objects, clock, version: '0.0.0' });
    const scorer = createModelScorer({ inference, objects });
    const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
    const evaluation = createEvaluation({ db, objects, lake, clock, tracking, scorer, data });
    registry = createRegistry({ ...noOutsideWorld(db), objects, clock, tracking, evaluation }).service;
    const steps = [
      createTrainStep({ training, data, tracking, objects }),
      createEvaluateStep({ evaluation, objects }),
      createRegisterStep({ registry, evaluation, data, tracking, objects }),
      createPackageStep({ registry, tracking, objects }),
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
    expect(handler.check(params, Object.keys(inputs))).toEqual([]);
    const { id: trackingRunId } = await tracking.startRun(me, { experiment: 'rain' });
    const step: StepContext = {
      ...{ context: me, pipeline: 'rain', pipelineRunId: 'p1', step: uses, params, inputs, trackingRunId },
      ...{ seed: 7, projectFolder: folder, signal: new AbortController().signal, progress: () => undefined },
      command: () => Promise.reject(new Error('this step runs no command')),
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
    const profile = JSON.parse(new TextDecoder().decode(await objects.readBytes(version.profileDigest ?? '')));
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

  it('carry a model of numbers to a version whose card tells its errors', async () => {
    const values = { ...TRAIN, target: 'humidity', features: ['calm', 'rain_ahead'], metric: 'rmse' };
    const ridge = { ...values, candidates: [{ trainer: 'ridge' }] };
    const { model, training } = (await run('train', ridge, { split: SPLIT })).outputs as Record<string, ArtifactRef> & {
      model: ArtifactRef;
      training: ArtifactRef;
    };
    const judging = { part: 'test', trainPart: 'train', baselines: [{ kind: 'median' }] };
    const judged = await run('evaluate', judging, { model, training, split: SPLIT });
    expect(judged.summary).toMatchObject({ rows: 200, strongestBaseline: expect.stringMatching('mean|median') });
    const report = judged.outputs.report as ArtifactRef;
    await run('register', { model: 'humidity' }, { training, report, split: SPLIT });
    const { fields } = await registry.card('humidity', 1);
    const of = (name: string) => fields.find((field) => field.name === name)?.value;
    expect(of('Task')).toBe('regression of humidity');
    expect(Number.parseFloat(of('RMSE') ?? '')).toBeGreaterThan(0);
    expect(of('Errors')).toMatch(/^mean .*, standard deviation .*, from .* to /);
    expect(of('Skill over the strongest baseline')).toMatch(/^MSE skill 0\.\d+ over me/);
  });

  it('make of a version, or of a model, the same folders as the command', async () => {
    const trained = (await run('train', TRAIN, { split: SPLIT })).outputs as Record<string, ArtifactRef>;
    const { model, training } = trained as { model: ArtifactRef; training: ArtifactRef };
    const judged = await run('evaluate', EVALUATE, { model, training, split: SPLIT });
    const report = judged.outputs.report as ArtifactRef;
    const { outputs } = await run('register', { model: 'Port-Rain' }, { training, report, split: SPLIT });
    const version = outputs.version as ArtifactRef;
    const packaged = await run('package', { as: ['docker', 'npm', 'serverless'] }, { version });
    expect(Object.keys(packaged.outputs)).toEqual(['docker', 'npm', 'serverless']);
    const artifacts = await tracking.artifacts(packaged.trackingRunId);
    for (const kind of ['docker', 'npm', 'serverless'] as const) {
      const outFolder = join(folder, `command-${kind}`);
      const command = await bundleModel({
        modelPath: await objects.localPath(model.digest),
        kind,
        name: 'port-rain',
        outFolder,
      });
      const manifest = JSON.parse(
        new TextDecoder().decode(await objects.readBytes(packaged.outputs[kind]?.digest ?? '')),
      );
      expect(manifest).toEqual({
        kind: 'fairlead.bundle',
        version: 1,
        as: kind,
        name: 'port-rain',
        files: command.files,
      });
      const kept = artifacts.filter(({ path }) => path.startsWith(`${kind}/`) && !path.endsWith('/manifest.json'));
      expect(Object.fromEntries(kept.map(({ path, digest }) => [path.slice(kind.length + 1), digest]))).toEqual(
        command.files,
      );
    }
    const fromModel = await run('package', { as: 'npm', name: 'port-rain' }, { model });
    const byName = await run('package', { as: 'npm', model: 'Port-Rain', version: 1 }, {});
    expect(fromModel.outputs).toEqual({ npm: packaged.outputs.npm });
    expect(byName.outputs).toEqual({ npm: packaged.outputs.npm });
    await expect(run('package', { as: 'npm', model: 'snow' }, {})).rejects.toMatchObject({
      code: 'REG_MODEL_NOT_FOUND',
    });
  });

  it('say what is wrong with their parameters, in words', () => {
    const packageProblems = (params: Readonly<Record<string, Json>>, inputs: readonly string[]) =>
      handlers.package?.check(params, inputs).join('; ');
    expect(packageProblems({ as: 'tar' }, ['version'])).toContain('as: ');
    expect(packageProblems({ as: 'npm' }, [])).toContain('connect an input');
    expect(packageProblems({ as: 'npm', model: 'rain' }, ['version'])).toContain('more than one source');
    expect(packageProblems({ as: 'npm', name: 'Rain!' }, ['version'])).toContain("name: 'Rain!' cannot be");
    expect(packageProblems({ as: 'npm' }, ['model'])).toContain('name: a model of a train step has none');
    expect(packageProblems({ as: 'npm', baseImage: 'node:22' }, ['version'])).toContain('only a container has one');
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
