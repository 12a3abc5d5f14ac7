import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock, systemActor } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import { openTestSqlite } from '../../platform/db/testing.js';
import { createInferenceHost } from '../../platform/inference/index.js';
import { createLake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createData, type DataService, type DatasetSpec, dataMigrations } from '../data/index.js';
import type {
  ArtifactRef,
  Json,
  StepContext,
  StepHandler,
  StepOutcome,
  StepResult,
  WorkedOut,
} from '../pipelines/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../tracking/index.js';
import {
  createIngestStep,
  createModelScorer,
  createSplitStep,
  createTraining,
  createTrainStep,
  createTuneStep,
} from './index.js';

const me = { actor: { ...systemActor, id: 'ada' } };

export interface StepBench {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly data: DataService;
  readonly tracking: TrackingService;
  handler(uses: string): StepHandler;
  /** Runs one step outside a pipeline; `trackingRunId` is the run that it logged to. */
  run(
    uses: string,
    params: Readonly<Record<string, Json>>,
    inputs?: Readonly<Record<string, ArtifactRef>>,
  ): Promise<StepResult & { readonly trackingRunId: string }>;
  /** Works the result of such a step out again. */
  repeat(uses: string, params: Readonly<Record<string, Json>>, recorded: StepOutcome): Promise<WorkedOut | undefined>;
  /** The split of a dataset's newest version. */
  split(dataset: string, parts: Readonly<Record<string, number>>): Promise<ArtifactRef>;
  dispose(): Promise<void>;
}

/** The steps of this room on a fresh database and folder, with datasets read from these CSV texts. */
export async function openStepBench(
  datasets: Readonly<Record<string, { readonly csv: string; readonly spec: DatasetSpec }>>,
): Promise<StepBench> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-steps-'));
  const project = join(home, 'project');
  mkdirSync(project);
  const { db, dispose } = await openTestSqlite([dataMigrations, trackingMigrations]);
  const objects = createLocalObjectStore(join(home, 'objects'));
  const clock = fixedClock(1_700_000_000_000);
  const lake = await createLake({ tempFolder: join(home, 'temp'), allowedFolders: [join(home, 'objects')] });
  const inference = createInferenceHost({ workers: 1 });
  const data = createData({ db, objects, lake, clock, dataRoots: () => [project] });
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const scorer = createModelScorer({ inference, objects });
  const training = createTraining({ db, objects, clock, tracking, scorer, version: '0.0.0' });
  const handlers = new Map<string, StepHandler>();
  const deps = { training, data, tracking, objects };
  for (const step of [createIngestStep(data), createSplitStep(data), createTuneStep(deps), createTrainStep(deps)]) {
    handlers.set(step.uses, step);
  }
  for (const [name, { csv, spec }] of Object.entries(datasets)) {
    writeFileSync(join(project, spec.source.path), csv);
    await data.declare(me, name, spec);
  }
  const handler = (uses: string): StepHandler => {
    const found = handlers.get(uses);
    if (found === undefined) throw new Error(`there is no step ${uses} here`);
    return found;
  };
  const contextOf = (step: string, given: Pick<StepContext, 'params' | 'inputs' | 'trackingRunId'>): StepContext => ({
    ...{ context: me, pipeline: 'steps', pipelineRunId: 'p1', step, ...given },
    ...{ seed: 7, projectFolder: project, signal: new AbortController().signal, progress: () => undefined },
    command: () => Promise.reject(new Error('this step runs no command')),
  });
  const run: StepBench['run'] = async (uses, params, inputs = {}) => {
    const { id: trackingRunId } = await tracking.startRun(me, { experiment: 'steps' });
    const step = contextOf(uses, { params, inputs, trackingRunId });
    const result = await handler(uses).run(step);
    if (result.commit) await db.transact(me, result.commit);
    return { ...result, trackingRunId };
  };
  return {
    ...{ db, objects, data, tracking, handler, run },
    repeat: async (uses, params, recorded) =>
      handler(uses).repeat?.(contextOf(uses, { params, inputs: {}, trackingRunId: 'again' }), recorded),
    split: async (dataset, parts) => {
      const { outputs } = await run('ingest', { dataset });
      const { version } = outputs;
      const parted = await run('split', { by: 'random', parts, seed: 1 }, { version: version as ArtifactRef });
      return parted.outputs.split as ArtifactRef;
    },
    dispose: async () => {
      await inference.close();
      await lake.close();
      await dispose();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
