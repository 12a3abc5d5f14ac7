import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../../platform/db/index.js';
import { openTestSqlite } from '../../../platform/db/testing.js';
import { createInferenceHost } from '../../../platform/inference/index.js';
import { createLake, type Lake } from '../../../platform/lake/index.js';
import { createLocalObjectStore } from '../../../platform/objects/index.js';
import { createData, type DataService, type DatasetSpec, dataMigrations } from '../../data/index.js';
import type { ArtifactRef, Json, StepContext, StepHandler } from '../../pipelines/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../../tracking/index.js';
import {
  createIngestStep,
  createModelScorer,
  createSplitStep,
  createTraining,
  createTrainStep,
} from '../../training/index.js';
import { classReport, createEvaluateStep, createEvaluation, type EvaluationService } from '../index.js';

const me = { actor: { ...systemActor, id: 'ada' } };

const seattle: DatasetSpec = {
  source: {
    path: 'weather.csv',
    columns: {
      location: { type: 'string' },
      date: { type: 'timestamp' },
      precipitation: { type: 'number', required: true, min: 0, max: 500 },
      temp_max: { type: 'number', required: true, min: -60, max: 60 },
      temp_min: { type: 'number', required: true, min: -60, max: 60 },
      wind: { type: 'number', required: true, min: 0 },
      weather: { type: 'string' },
    },
    where: `location = 'Seattle'`,
    derive: { rain: 'precipitation > 0' },
  },
  time: 'date',
  entity: ['location'],
  label: { name: 'rain_ahead', of: 'rain', horizonMs: 86_400_000 },
};

describe('the steps from a raw file to a report', () => {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-steps-'));
  const project = join(home, 'project');
  const objects = createLocalObjectStore(join(home, 'objects'));
  const inference = createInferenceHost({ workers: 1 });
  const clock = fixedClock(1_700_000_000_000);
  const handlers = new Map<string, StepHandler>();
  let db: Db;
  let lake: Lake;
  let data: DataService;
  let tracking: TrackingService;
  let evaluation: EvaluationService;
  let dispose: () => Promise<void>;

  beforeAll(async () => {
    mkdirSync(project);
    const vega = dirname(createRequire(import.meta.url).resolve('vega-datasets'));
    copyFileSync(join(vega, '../data/weather.csv'), join(project, 'weather.csv'));
    ({ db, dispose } = await openTestSqlite([dataMigrations, trackingMigrations]));
    lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [join(home, 'objects')] });
    data = createData({ db, objects, lake, clock, dataRoots: () => [project] });
    tracking = createTracking({ db, objects, clock, version: '0.0.0' });
    const scorer = createModelScorer({ inference, objects });
    const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
    evaluation = createEvaluation({ db, objects, lake, clock, data, tracking, scorer });
    const steps = [
      createIngestStep(data),
      createSplitStep(data),
      createTrainStep({ training, data, tracking, objects }),
      createEvaluateStep({ evaluation, objects }),
    ];
    for (const step of steps) handlers.set(step.uses, step);
    await data.declare(me, 'weather', seattle);
  });
  afterAll(async () => {
    await inference.close();
    await lake.close();
    await dispose();
    rmSync(home, { recursive: true, force: true });
  });

  async function run(
    uses: string,
    params: Readonly<Record<string, Json>>,
    inputs: Readonly<Record<string, ArtifactRef>> = {},
  ): Promise<Readonly<Record<string, ArtifactRef>>> {
    const handler = handlers.get(uses) as StepHandler;
    expect(handler.check(params)).toEqual([]);
    const { id: trackingRunId } = await tracking.startRun(me, { experiment: 'rain' });
    const step: StepContext = {
      ...{ context: me, pipeline: 'rain', pipelineRunId: 'p1', step: uses, params, inputs, trackingRunId },
      ...{ seed: 7, projectFolder: project, signal: new AbortController().signal, progress: () => undefined },
      command: () => Promise.reject(new Error('this step runs no command')),
    };
    const { outputs, commit } = await handler.run(step);
    if (commit) await db.transact(me, commit);
    return outputs;
  }

  const SPLIT = {
    by: 'time',
    parts: { train: { until: '2015-01-01' }, test: { from: '2015-01-01', until: '2016-01-01' } },
  };

  it('take Seattle from the file to a skill over persistence that lies above zero', async () => {
    const { version } = await run('ingest', { dataset: 'weather', where: null });
    const { split } = await run('split', SPLIT, { version: version as ArtifactRef });
    // The last day of 2014 is in no part: its label is a fact of 2015.
    expect((await data.splitById(split?.id ?? '')).parts.map(({ rows }) => rows)).toEqual([1095, 364]);
    const { model, training } = await run(
      'train',
      {
        part: 'train',
        exclude: ['rain'],
        candidates: [
          { trainer: 'logistic-regression', params: { c: [0.1, 1] } },
          { trainer: 'random-forest', params: { nEstimators: 100, minSamplesLeaf: [5, 15] } },
        ],
        validation: { kind: 'time-series', folds: 4 },
        metric: 'brier',
      },
      { split: split as ArtifactRef },
    );
    const { report } = await run(
      'evaluate',
      { part: 'test', trainPart: 'train', baselines: [{ kind: 'majority' }, { kind: 'persistence', column: 'rain' }] },
      { model: model as ArtifactRef, training: training as ArtifactRef, split: split as ArtifactRef },
    );
    const { rows, baselines, strongestBaseline, bootstrap } = classReport(
      await evaluation.report(report?.digest ?? ''),
    );
    expect([rows, strongestBaseline, bootstrap.blockRows]).toEqual([364, 'persistence', 7]);
    const skill = baselines.find(({ baseline }) => baseline === 'persistence')?.brierSkill;
    expect(skill?.estimate).toBeGreaterThan(0.08);
    expect(skill?.estimate).toBeLessThan(0.13);
    expect(skill?.lower).toBeGreaterThan(0);
  });

  it('split the latest version at random when no version is given', async () => {
    const params = { dataset: 'weather', by: 'random', parts: { train: 0.7, test: 0.3 } };
    const { split } = await run('split', params);
    const again = await run('split', params);
    expect(again.split).toEqual(split);
    const other = await run('split', { ...params, seed: 8 });
    expect(other.split?.id).not.toBe(split?.id);
  });

  it('stop at a delivery that is refused as a whole', async () => {
    const header = 'location,date,precipitation,temp_max,temp_min,wind,weather';
    const rows = Array.from({ length: 20 }, (_, day) => `Seattle,2016-01-${day + 10},-5,10,5,2,rain`);
    writeFileSync(join(project, 'damaged.csv'), [header, ...rows, ''].join('\n'));
    await expect(run('ingest', { dataset: 'weather', path: 'damaged.csv' })).rejects.toMatchObject({
      code: 'TRN_DELIVERY_REFUSED',
    });
  });

  it('say what is wrong with their parameters, in words', () => {
    const problems = (uses: string, params: Readonly<Record<string, Json>>) =>
      handlers.get(uses)?.check(params).join('; ');
    expect(problems('ingest', { data: 'weather' })).toContain("unknown key 'data'");
    expect(problems('ingest', { dataset: 'weather', mode: 'merge' })).toContain('mode');
    expect(problems('split', { by: 'moon', parts: {} })).toContain("'moon' is no known by");
    expect(problems('split', { by: 'random', parts: { a: 0.7, b: 0.7 } })).toContain('more than 1');
    expect(problems('split', { by: 'time', parts: {} })).toContain('names no part');
  });
});
