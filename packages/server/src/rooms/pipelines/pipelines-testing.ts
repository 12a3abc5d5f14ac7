import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemActor, systemClock } from '@fairlead/kernel';
import { createEventDispatcher, type Db, type EventDispatcher, type RoomMigrations } from '../../platform/db/index.js';
import { openTestSqlite, type TestDb } from '../../platform/db/testing.js';
import {
  createJobQueue,
  createSchedules,
  type JobQueue,
  jobMigrations,
  type Schedules,
} from '../../platform/jobs/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { createTracking, type TrackingService, trackingMigrations } from '../tracking/index.js';
import { createPipelines } from './create-pipelines.js';
import type { CreatePipelinesDeps } from './pipelines-deps.js';
import { pipelinesMigrations } from './pipelines-migrations.js';
import type { PipelineRun, PipelineSpec, PipelinesService, StepHandler, StepRun } from './pipelines-types.js';

export const me = { actor: { ...systemActor, kind: 'user' as const, id: 'ada' } };

/** One process of the server, as far as pipelines need it. */
export interface Replica {
  readonly queue: JobQueue;
  readonly schedules: Schedules;
  readonly pipelines: PipelinesService;
  readonly dispatcher: EventDispatcher;
}

export interface Bench {
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly tracking: TrackingService;
  /** The project folder. */
  readonly project: string;
  write(path: string, text: string): void;
  replica(ownerId: string, deps?: Partial<CreatePipelinesDeps>): Replica;
  dispose(): Promise<void>;
}

export async function openBench(
  handlers: readonly StepHandler[],
  open: (rooms: readonly RoomMigrations[]) => Promise<TestDb> = openTestSqlite,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-pipelines-'));
  const project = join(folder, 'project');
  mkdirSync(project);
  const test = await open([jobMigrations, trackingMigrations, pipelinesMigrations]);
  const { db } = test;
  const clock = systemClock;
  const objects = createLocalObjectStore(join(folder, 'objects'));
  const tracking = createTracking({ db, objects, clock, version: '0.0.0' });
  const queues: JobQueue[] = [];
  return {
    db,
    objects,
    tracking,
    project,
    write: (path, text) => {
      mkdirSync(dirname(join(project, path)), { recursive: true });
      writeFileSync(join(project, path), text);
    },
    replica: (ownerId, deps = {}) => {
      const queue = createJobQueue(db, { clock, ownerId, exclusive: false, pollMs: 10, retryDelayMs: 5, sweepMs: 50 });
      queues.push(queue);
      const schedules = createSchedules(db, queue);
      const shared = { db, queue, schedules, objects, tracking, clock, version: '0.0.0', handlers };
      const workFolder = join(folder, 'work');
      const room = createPipelines({ ...shared, workFolder, trackingUri: () => 'http://127.0.0.1:1', ...deps });
      const dispatcher = createEventDispatcher(db, { clock });
      for (const consumer of room.consumers) dispatcher.add(consumer);
      return { queue, schedules, pipelines: room.pipelines, dispatcher };
    },
    dispose: async () => {
      for (const queue of queues) await queue.stop({ graceMs: 0 });
      await test.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Declares a pipeline, runs it and waits for its end. */
export async function runOnce(
  { pipelines }: Replica,
  { project }: Bench,
  request: { spec: PipelineSpec; name?: string } & Omit<Parameters<PipelinesService['start']>[1], 'pipeline'>,
): Promise<PipelineRun> {
  const { spec, name = 'p', ...rest } = request;
  await pipelines.declare(me, name, { spec, projectFolder: project });
  const { id } = await pipelines.start(me, { pipeline: name, ...rest });
  return pipelines.waitFor(id, { timeoutMs: 20_000 });
}

export function stepOf(run: PipelineRun, name: string): StepRun {
  const step = run.steps.find((one) => one.name === name);
  if (step === undefined) throw new Error(`the run has no step ${name}`);
  return step;
}

export const statesOf = (run: PipelineRun) => Object.fromEntries(run.steps.map(({ name, state }) => [name, state]));
