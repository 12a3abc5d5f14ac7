import type { Actor } from '@fairlead/kernel';
import type { Reader } from '../../platform/db/index.js';
import type { CacheComponents } from './cache-rules.js';
import type {
  ArtifactRef,
  Json,
  Pipeline,
  PipelineRun,
  PipelineRunState,
  PipelineSpec,
  StepRun,
} from './pipelines-types.js';

export type CacheMode = 'auto' | 'off' | 'refresh';

/** A run without its steps, with what only the room needs to know. */
export interface RunRecord extends Omit<PipelineRun, 'steps' | 'createdBy'> {
  readonly projectFolder: string;
  /** Digest of the parts of the spec that are decided by parameters and trigger: equal digest, equal work. */
  readonly inputsDigest: string;
  readonly cacheMode: CacheMode;
  readonly trackingRunId: string;
  /** Who asked: steps act in this name. */
  readonly creator: Actor;
}

export interface StepRecord extends Omit<StepRun, 'progress'> {
  readonly runId: string;
  readonly jobId: string | null;
  /** The claim of the job that owns the step; greater ones take it over. */
  readonly fence: number;
}

export type StepPatch = Partial<Omit<StepRecord, 'runId' | 'name'>>;

/** The result of a success, under the key of everything that decided it. */
export interface CacheEntry {
  readonly key: string;
  readonly pipeline: string;
  readonly step: string;
  readonly runId: string;
  readonly trackingRunId: string | null;
  readonly components: CacheComponents;
  readonly outputs: Readonly<Record<string, ArtifactRef>>;
  readonly summary: Json;
  readonly createdAtMs: number;
}

export interface RunsQuery {
  readonly pipeline?: string;
  readonly states?: readonly PipelineRunState[];
  readonly after?: { readonly createdAtMs: number; readonly id: string };
  readonly limit: number;
}

/** What the room keeps. Methods named `lock…` hold the row until the transaction ends. */
export interface PipelinesStore {
  pipelines(reader: Reader): Promise<Pipeline[]>;
  pipeline(reader: Reader, name: string): Promise<Pipeline | undefined>;
  lockPipeline(tx: Reader, name: string): Promise<Pipeline | undefined>;
  savePipeline(tx: Reader, pipeline: Pipeline): Promise<void>;
  spec(reader: Reader, digest: string): Promise<PipelineSpec>;
  insertRun(tx: Reader, run: RunRecord, steps: readonly string[]): Promise<void>;
  run(reader: Reader, id: string): Promise<RunRecord | undefined>;
  lockRun(tx: Reader, id: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  runs(reader: Reader, query: RunsQuery): Promise<RunRecord[]>;
  setRun(
    tx: Reader,
    id: string,
    patch: { state: PipelineRunState; endedAtMs: number | null; trackingRunId?: string },
  ): Promise<void>;
  /** In no particular order. */
  steps(reader: Reader, runIds: readonly string[]): Promise<StepRecord[]>;
  setStep(tx: Reader, step: { runId: string; name: string }, patch: StepPatch): Promise<void>;
  /** Gives the step to this run of its job; false when the job or a later claim no longer owns it. */
  claimStep(
    tx: Reader,
    step: { runId: string; name: string; jobId: string; fence: number },
    patch: StepPatch,
  ): Promise<boolean>;
  cached(reader: Reader, key: string): Promise<CacheEntry | undefined>;
  lastSuccess(reader: Reader, pipeline: string, step: string): Promise<CacheEntry | undefined>;
  saveCache(tx: Reader, entry: CacheEntry): Promise<void>;
}
