import type { Reader } from '../../platform/db/index.js';
import type {
  Experiment,
  LineageEdge,
  LineageNode,
  MetricPoint,
  Run,
  RunArtifact,
  RunStatus,
} from './tracking-types.js';

export type RunFacts = Pick<Run, 'params' | 'tags' | 'metrics'>;
/** A run without what was logged to it. */
export type RunHead = Omit<Run, keyof RunFacts>;

export interface RunOrder {
  readonly metric: { readonly key: string; readonly direction: 'asc' | 'desc' } | null;
}

/** Where a page ended: the sort values of its last run. */
export interface RunPosition {
  /** 0 has a number, 1 is NaN, 2 has no such metric; always 0 when ordered by start. */
  readonly rank: number;
  /** The metric's value, or the start time. */
  readonly value: number;
  readonly id: string;
}

export interface RunQuery extends RunOrder {
  readonly experimentId?: string;
  readonly status?: RunStatus;
  readonly parentRunId?: string;
  readonly after?: RunPosition;
  readonly limit: number;
}

/** What the room keeps. Writes take the running transaction as their reader. */
export interface TrackingStore {
  insertExperiment(tx: Reader, experiment: Experiment): Promise<boolean>;
  experimentByName(reader: Reader, name: string): Promise<Experiment | undefined>;
  experiments(reader: Reader): Promise<Experiment[]>;
  insertRun(tx: Reader, run: RunHead): Promise<void>;
  /** The run, its row locked until the transaction ends, so that writers to one run wait for each other. */
  lockRun(tx: Reader, id: string): Promise<RunHead | undefined>;
  endRun(tx: Reader, id: string, end: { status: RunStatus; endedAtMs: number }): Promise<void>;
  run(reader: Reader, id: string): Promise<Run | undefined>;
  search(reader: Reader, query: RunQuery): Promise<{ run: Run; position: RunPosition }[]>;
  params(reader: Reader, runId: string, keys: readonly string[]): Promise<Map<string, string>>;
  insertParams(tx: Reader, runId: string, params: Readonly<Record<string, string>>): Promise<void>;
  upsertTags(tx: Reader, runId: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Adds points to the history; a point that is there already is kept once. */
  insertPoints(tx: Reader, runId: string, points: readonly MetricPoint[]): Promise<void>;
  latest(reader: Reader, runId: string, keys: readonly string[]): Promise<MetricPoint[]>;
  upsertLatest(tx: Reader, runId: string, points: readonly MetricPoint[]): Promise<void>;
  /** By step, time and value. */
  history(reader: Reader, runId: string, key: string): Promise<MetricPoint[]>;
}

export interface ArtifactStore {
  upsert(tx: Reader, runId: string, artifact: RunArtifact & { createdAtMs: number }): Promise<void>;
  list(reader: Reader, runId: string): Promise<RunArtifact[]>;
  find(reader: Reader, runId: string, path: string): Promise<RunArtifact | undefined>;
}

export interface LineageStore {
  insert(tx: Reader, edges: readonly LineageEdge[], createdAtMs: number): Promise<void>;
  /** Edges that end (`up`) or begin (`down`) at any of the nodes, in a fixed order. */
  edgesAt(reader: Reader, nodes: readonly LineageNode[], side: 'up' | 'down'): Promise<LineageEdge[]>;
}
