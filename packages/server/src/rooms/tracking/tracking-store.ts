import type { Reader } from '../../platform/db/index.js';
import type { Page, SearchRequest } from '../../platform/search/index.js';
import type {
  Experiment,
  ExperimentField,
  Lifecycle,
  LineageEdge,
  LineageNode,
  MetricPoint,
  NodeMove,
  Run,
  RunSearch,
} from './tracking-types.js';

/** An experiment without its tags, under the number that it has inside the store. */
export type ExperimentHead = Omit<Experiment, 'tags'> & { readonly no: number };
/** A run without what was logged to it, under its number and that of its experiment. */
export type RunHead = Omit<Run, 'params' | 'tags' | 'metrics' | 'latest'> & {
  readonly no: number;
  readonly experimentNo: number;
};
export type NewRunHead = Omit<RunHead, 'no' | 'artifactRoot'>;

export type ExperimentChange = Partial<Pick<Experiment, 'name' | 'note' | 'lifecycle' | 'updatedAtMs'>> & {
  readonly deletedAtMs?: number | null;
};
export type RunChange = Partial<
  Pick<Run, 'status' | 'endedAtMs' | 'name' | 'group' | 'note' | 'parentRunId' | 'lifecycle'>
> & {
  readonly deletedAtMs?: number | null;
};

/** What the room keeps of experiments. Writes take the running transaction as their reader. */
export interface ExperimentStore {
  /** Takes the next number; undefined when an active experiment has the name already. */
  insert(
    tx: Reader,
    experiment: Omit<Experiment, 'id' | 'artifactRoot'> & { artifactRoot?: string },
  ): Promise<ExperimentHead | undefined>;
  /** The row is locked until the transaction ends. */
  lock(tx: Reader, id: string): Promise<ExperimentHead | undefined>;
  update(tx: Reader, no: number, change: ExperimentChange): Promise<void>;
  /** Nobody else takes a name until the transaction ends. */
  lockNames(tx: Reader): Promise<void>;
  byId(reader: Reader, id: string): Promise<ExperimentHead | undefined>;
  /** The active one, else the one deleted last. */
  byName(reader: Reader, name: string): Promise<ExperimentHead | undefined>;
  tagsOf(reader: Reader, nos: readonly number[]): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>>;
  /** A value of null removes the tag. */
  writeTags(tx: Reader, no: number, tags: Readonly<Record<string, string | null>>): Promise<void>;
  search(reader: Reader, request: SearchRequest<ExperimentField>): Promise<Page<ExperimentHead>>;
  /** Of every run of the experiment that is not in this state yet, except those that went by themselves. */
  moveRuns(tx: Reader, no: number, to: { lifecycle: Lifecycle; atMs: number }): Promise<void>;
}

/** What the room keeps of runs and their params and tags. */
export interface RunStore {
  insert(tx: Reader, run: NewRunHead): Promise<number>;
  /** The run, its row locked until the transaction ends, so that writers to one run wait for each other. */
  lock(tx: Reader, id: string): Promise<RunHead | undefined>;
  update(tx: Reader, no: number, change: RunChange): Promise<void>;
  head(reader: Reader, id: string): Promise<RunHead | undefined>;
  run(reader: Reader, id: string): Promise<Run | undefined>;
  /** Those of the ids that are there, in any order. */
  existing(reader: Reader, ids: readonly string[]): Promise<readonly string[]>;
  /** In the order of the ids; those that are not there are left out. */
  runs(reader: Reader, ids: readonly string[]): Promise<readonly Run[]>;
  search<T>(reader: Reader, query: RunSearch, as: (run: Run) => T): Promise<Page<T>>;
  /** Adds params; one that is there stays as it is. */
  writeParams(tx: Reader, no: number, params: Readonly<Record<string, string>>): Promise<StoredParams>;
  insertParams(tx: Reader, no: number, params: Readonly<Record<string, string>>): Promise<void>;
  /** Sets tags; gives how many the run has then. */
  writeTags(tx: Reader, no: number, tags: Readonly<Record<string, string>>): Promise<number>;
  upsertTags(tx: Reader, no: number, tags: Readonly<Record<string, string>>): Promise<void>;
  /** How many there were of the keys. */
  removeTags(tx: Reader, no: number, keys: readonly string[]): Promise<number>;
}

/** What a run has under given keys after a write. */
export interface StoredParams {
  readonly values: Readonly<Record<string, string>>;
  /** How many params it has in all, when any of these is new; otherwise 0. */
  readonly count: number;
}

/** What one batch says of one key of a run: its latest point, and how many points it brings. */
export interface SeriesWrite {
  readonly latest: MetricPoint;
  readonly count: number;
}

/** A series after a write. */
export interface WrittenSeries {
  readonly no: number;
  readonly isNew: boolean;
  /** Points written since it was last thinned out. */
  readonly loose: number;
  /** Up to this moment there are samples; null: there are none. */
  readonly sealedStep: number | null;
  readonly sealedTimestampMs: number | null;
}

export interface WrittenBatch {
  /** By key. */
  readonly series: ReadonlyMap<string, WrittenSeries>;
  /** How many series the run has in all, when any of these is new; otherwise 0. */
  readonly count: number;
}

/** Points, and the latest of each series. */
export interface MetricStore {
  /**
   * Makes the series that are new, moves the latest points of the others and adds the points to the history, where a point that
   * is there already is kept once. `writes` sums the points up: this is what clients send most.
   */
  write(
    tx: Reader,
    run: Pick<RunHead, 'no' | 'experimentNo'>,
    batch: { readonly writes: readonly SeriesWrite[]; readonly points: readonly MetricPoint[] },
  ): Promise<WrittenBatch>;
  /** Thins out what has become old of a long series, for charts. */
  seal(tx: Reader, series: WrittenSeries): Promise<void>;
  /** Makes what was thinned out anew around points that came in before its end. */
  resampleLate(tx: Reader, series: WrittenSeries, late: readonly MetricPoint[]): Promise<void>;
  /** What points were measured on: of those that say it. */
  insertDatasets(tx: Reader, runNo: number, points: readonly MetricPoint[]): Promise<void>;
  /** Points of one key that were measured on datasets. */
  measured(reader: Reader, runNo: number, key: string): Promise<readonly MetricPoint[]>;
  /** By step, time and value. */
  history(reader: Reader, runNo: number, key: string): Promise<MetricPoint[]>;
  /** By time, step and value, after the given point. */
  historyPage(
    reader: Reader,
    page: { runNo: number; key: string; after: MetricPoint | null; limit: number },
  ): Promise<MetricPoint[]>;
  sampled(
    reader: Reader,
    request: { runNo: number; key: string; buckets: number } & StepRange,
  ): Promise<{ points: readonly MetricPoint[]; total: number }>;
  interval(
    reader: Reader,
    request: { runIds: readonly string[]; key: string; maxSteps: number } & StepRange,
  ): Promise<readonly (MetricPoint & { readonly runId: string })[]>;
  bulk(
    reader: Reader,
    request: { runIds: readonly string[]; key: string; limit: number },
  ): Promise<readonly (MetricPoint & { readonly runId: string })[]>;
}

/** Both included; absent: no bound. */
export interface StepRange {
  readonly fromStep?: number;
  readonly toStep?: number;
}

export interface LineageStore {
  insert(tx: Reader, edges: readonly LineageEdge[], createdAtMs: number): Promise<void>;
  /** Edges that end (`up`) or begin (`down`) at any of the nodes, in a fixed order, at most `limit`. */
  edgesAt(
    reader: Reader,
    nodes: readonly LineageNode[],
    at: { side: 'up' | 'down'; limit: number },
  ): Promise<LineageEdge[]>;
  /** An edge that is there under the new name already is kept once. */
  move(tx: Reader, moves: readonly NodeMove[]): Promise<void>;
}
