import type { Readable } from 'node:stream';
import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';

export type RunStatus = 'running' | 'finished' | 'failed' | 'killed';

export interface Experiment {
  readonly id: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

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
  readonly parentRunId: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly createdBy: string;
  readonly environment: RunEnvironment | null;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Latest value per key: greatest (step, timestamp, value). */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestampMs: number;
  readonly step: number;
}

export interface RunArtifact {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface NewRun {
  /** Makes a retry harmless: a run with this id that is already there is returned as it stands. */
  readonly id?: string;
  readonly experiment: string;
  readonly name?: string;
  readonly parentRunId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly environment?: RunEnvironment;
}

export interface RunBatch {
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly metrics?: readonly MetricPoint[];
}

/** A thing in the lineage graph: source, dataset-version, split, run, model-version, deployment, report, prediction-log … */
export interface LineageNode {
  readonly kind: string;
  readonly id: string;
}

export interface LineageEdge {
  readonly from: LineageNode;
  readonly to: LineageNode;
  /** How `to` came from `from`, for example `trained-on`, `split-of`, `registered-from`, `deployed-as`. */
  readonly relation: string;
}

export interface LineageGraph {
  readonly root: LineageNode;
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
  readonly truncated: boolean;
}

export interface TrackingService {
  ensureExperiment(context: ChangeContext, name: string): Promise<Experiment>;
  experiments(): Promise<Experiment[]>;
  startRun(context: ChangeContext, run: NewRun): Promise<Run>;
  /** All of the batch or nothing. Param values never change: TRK_PARAM_CONFLICT. */
  logBatch(context: ChangeContext, runId: string, batch: RunBatch): Promise<void>;
  endRun(context: ChangeContext, runId: string, status: Exclude<RunStatus, 'running'>): Promise<Run>;
  run(runId: string): Promise<Run>;
  searchRuns(query: {
    experiment?: string;
    status?: RunStatus;
    parentRunId?: string;
    orderByMetric?: { key: string; direction: 'asc' | 'desc' };
    limit: number;
    pageToken?: string;
  }): Promise<{ runs: Run[]; nextPageToken: string | null }>;
  metricHistory(runId: string, key: string): Promise<MetricPoint[]>;
  putArtifact(
    context: ChangeContext,
    runId: string,
    artifact: { path: string; bytes: Uint8Array | AsyncIterable<Uint8Array> },
  ): Promise<RunArtifact>;
  /** Attaches an object that is already stored. */
  linkArtifact(context: ChangeContext, runId: string, artifact: { path: string; digest: string }): Promise<RunArtifact>;
  artifacts(runId: string): Promise<RunArtifact[]>;
  openArtifact(runId: string, path: string): Promise<{ artifact: RunArtifact; stream: Readable }>;
  /** Reads git, lock file and machine of a folder. Never throws: unreadable facts are null. */
  captureEnvironment(
    folder: string,
    seeds: Readonly<Record<string, number>>,
    command?: readonly string[],
  ): Promise<RunEnvironment>;
  /** Adds lineage edges inside the caller's transaction; equal edges are kept once. */
  link(tx: Tx & Reader, edges: readonly LineageEdge[]): Promise<void>;
  /** Walks from a node `up` (towards sources), `down` (towards consumers) or both. */
  lineage(node: LineageNode, options: { direction: 'up' | 'down' | 'both'; maxNodes: number }): Promise<LineageGraph>;
}
