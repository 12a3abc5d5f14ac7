import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { JobQueue, Schedules } from '../../platform/jobs/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TrackingService } from '../tracking/index.js';
import type { PipelinesStore } from './pipelines-store.js';
import type { ArtifactRef, StepHandler } from './pipelines-types.js';

export interface CreatePipelinesDeps {
  readonly db: Db;
  readonly queue: JobQueue;
  readonly schedules: Schedules;
  readonly objects: ObjectStore;
  readonly tracking: TrackingService;
  readonly clock: Clock;
  /** The version of Fairlead; part of the cache key of built-in steps. */
  readonly version: string;
  /** A folder of the server for the files of running commands; emptied step by step. */
  readonly workFolder: string;
  /** The address at which commands reach this server, for example `http://127.0.0.1:4600`. */
  readonly trackingUri: () => string;
  readonly handlers: readonly StepHandler[];
  /**
   * Local files behind an input of another kind than `file`: the key '' is the whole of it, other keys are its parts,
   * for example `{train: '/…/train.parquet'}`. Absent or empty: the command gets only kind, id and digest.
   */
  readonly materialise?: (ref: ArtifactRef) => Promise<Readonly<Record<string, string>>>;
  /** A token for the command of a step of this pipeline, taken back when the command has ended. Absent: none is needed. */
  readonly lendToken?: (pipeline: string) => { readonly token: string; takeBack(): void };
  /** Steps that run at a time in this process. Default 2. */
  readonly concurrency?: number;
}

/** What the parts of the room share. */
export interface Room extends Omit<CreatePipelinesDeps, 'handlers'> {
  readonly store: PipelinesStore;
  readonly handlers: ReadonlyMap<string, StepHandler>;
}

export const STEP_JOB = 'pipelines.step';
export const CLOSE_JOB = 'pipelines.close-run';
export const TRIGGER_JOB = 'pipelines.trigger';
