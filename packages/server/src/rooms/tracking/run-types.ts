import type { ChangeContext } from '../../platform/db/index.js';
import type { Page, SearchRequest } from '../../platform/search/index.js';
import type { Lifecycle } from './experiment-types.js';
import type { RunLinks } from './input-types.js';
import type { ModelMetric } from './logged-model-types.js';
import type { MetricPoint } from './metric-types.js';

export type RunStatus = 'running' | 'scheduled' | EndStatus;
/** How a run can come to its end. */
export type EndStatus = 'finished' | 'failed' | 'killed';

/** What a run ran on, so that it can be repeated. Facts that could not be read are null, never guessed. */
export interface RunEnvironment {
  readonly git: {
    readonly commit: string;
    readonly branch: string | null;
    readonly dirty: boolean;
    /** Object digest of the diff against the commit with untracked files, when dirty and below the size limit. */
    readonly diffDigest: string | null;
  } | null;
  readonly runtime: { readonly node: string; readonly os: string; readonly cpu: string; readonly cores: number };
  readonly lockfile: { readonly name: string; readonly digest: string } | null;
  readonly fairleadVersion: string;
  readonly seeds: Readonly<Record<string, number>>;
  readonly command: readonly string[] | null;
}

export interface Run {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly lifecycle: Lifecycle;
  readonly parentRunId: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  /** Who made it by this server's own knowledge. */
  readonly createdBy: string;
  /** Who made it by the client's word (user_id of MLflow); "" when it said nothing. */
  readonly userName: string;
  readonly environment: RunEnvironment | null;
  /** `artifacts:/…` or an address on the allow-list; files of the run are below it. */
  readonly artifactRoot: string;
  /** Runs that belong together, for example the folds of one trial; null: none. */
  readonly group: string | null;
  readonly note: string;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Latest value per key: greatest (step, timestamp, value). */
  readonly metrics: Readonly<Record<string, number>>;
  /** The same with step and time, in the order of the keys. */
  readonly latest: readonly MetricPoint[];
  /** What it read and made; only of a search that asked for it. */
  readonly links?: RunLinks;
}

export interface NewRun {
  /** Makes a retry harmless: a run with this id that is already there is returned as it stands. */
  readonly id?: string;
  /** Name of an experiment, made when there is none … */
  readonly experiment?: string;
  /** … or the id of one that is there. Exactly one of the two. */
  readonly experimentId?: string;
  readonly name?: string;
  readonly parentRunId?: string;
  readonly startedAtMs?: number;
  readonly status?: RunStatus;
  readonly userName?: string;
  readonly group?: string;
  readonly note?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly environment?: RunEnvironment;
}

export interface RunBatch {
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly metrics?: readonly MetricPoint[];
  /** Metrics that were measured with a logged model, on a dataset or on none; kept with the model, beside the run's own. */
  readonly modelMetrics?: readonly (Omit<ModelMetric, 'runId'> & { readonly modelId: string })[];
  readonly change?: RunChange;
}

/** What of a run may be set later. */
export interface RunChange {
  readonly status?: RunStatus;
  readonly endedAtMs?: number | null;
  readonly name?: string;
  readonly group?: string | null;
  readonly note?: string;
  readonly parentRunId?: string | null;
  readonly tags?: Readonly<Record<string, string | null>>;
}

export type RunField =
  | 'metric'
  | 'param'
  | 'tag' // with key
  | 'id'
  | 'name'
  | 'status'
  | 'userName'
  | 'artifactRoot'
  | 'startedAt'
  | 'endedAt'
  | 'group'
  | 'parent'
  | 'lifecycle'
  | 'dataset.name'
  | 'dataset.digest'
  | 'dataset.context';

export type RunPart = 'params' | 'tags' | 'metrics';

export interface RunSearch extends SearchRequest<RunField> {
  /** Absent: every experiment. Empty: none. */
  readonly experimentIds?: readonly string[];
  /** Which of what was logged to read; absent: all. Runs come back with {} and [] for the others. */
  readonly parts?: readonly RunPart[];
  /** Whether runs come back with their links too. */
  readonly links?: boolean;
}

export interface RunDifference {
  readonly field: 'param' | 'tag' | 'metric' | 'attribute';
  readonly key: string;
  /** In the order of the asked runs; null where the run has none. */
  readonly values: readonly (string | number | null)[];
}

export interface RunService {
  /** @throws TRK_EXPERIMENT_NOT_FOUND, TRK_EXPERIMENT_DELETED, TRK_RUN_NOT_FOUND (parent) */
  startRun(context: ChangeContext, run: NewRun): Promise<Run>;
  /**
   * All of the batch or nothing; may be sent again. Param values never change: TRK_PARAM_CONFLICT.
   * @throws TRK_RUN_NOT_FOUND, TRK_RUN_DELETED, TRK_BATCH_TOO_LARGE, TRK_KEY_INVALID, TRK_VALUE_INVALID, TRK_SERIES_LIMIT,
   * TRK_MODEL_NOT_FOUND, TRK_MODEL_DELETED
   */
  logBatch(context: ChangeContext, runId: string, batch: RunBatch): Promise<void>;
  /** @throws TRK_TAG_NOT_FOUND */
  removeTag(context: ChangeContext, runId: string, key: string): Promise<void>;
  /** For rooms: an ended run stays ended as it did (TRK_RUN_ENDED). */
  endRun(context: ChangeContext, runId: string, status: EndStatus): Promise<Run>;
  /** Sets what is given; a run may be resumed. @throws TRK_RUN_DELETED, TRK_RUN_NOT_FOUND (parent) */
  updateRun(context: ChangeContext, runId: string, change: RunChange): Promise<Run>;
  deleteRun(context: ChangeContext, runId: string): Promise<void>;
  restoreRun(context: ChangeContext, runId: string): Promise<void>;
  /** Deleted ones too. */
  run(runId: string): Promise<Run>;
  /** Default order: startedAt desc, id asc. NaN after every number, runs without the key last, whatever the direction. */
  searchRuns(query: RunSearch): Promise<Page<Run>>;
  /** The same, with each run made into something else as soon as it has been read, so that a large page never stands whole. */
  searchRunsAs<T>(query: RunSearch, as: (run: Run) => T): Promise<Page<T>>;
  /** Only what differs among up to 1,000 runs; equal values are left out. */
  compareRuns(runIds: readonly string[]): Promise<readonly RunDifference[]>;
}
