// What every place that runs and models can be moved from gives, whatever its form. All of it is untrusted.

export type SourceLifecycle = 'active' | 'deleted';
export type SourceStatus = 'running' | 'scheduled' | 'finished' | 'failed' | 'killed';
type Texts = Readonly<Record<string, string>>;

export interface SourceExperiment {
  readonly id: string;
  readonly name: string;
  readonly lifecycle: SourceLifecycle;
  readonly tags: Texts;
  readonly artifactRoot: string;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface SourcePoint {
  readonly value: number;
  readonly timestampMs: number;
  readonly step: number;
}

export interface SourceDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  readonly source: string;
  readonly schema: string | null;
  readonly profile: string | null;
}

export interface SourceLinks {
  readonly datasets: readonly { readonly dataset: SourceDataset; readonly tags: Texts }[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
}

export interface SourceRun {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: SourceStatus;
  readonly lifecycle: SourceLifecycle;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly userName: string;
  readonly artifactRoot: string;
  readonly params: Texts;
  readonly tags: Texts;
  readonly links: SourceLinks;
}

/** Points of one metric of a run, in no particular order; a series may come in several parts. */
export interface SeriesPart {
  readonly key: string;
  readonly points: readonly SourcePoint[];
}

export interface SourceModelMetric extends SourcePoint {
  readonly key: string;
  readonly runId: string;
  readonly datasetName: string | null;
  readonly datasetDigest: string | null;
}

export interface SourceLoggedModel {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly sourceRunId: string | null;
  readonly status: 'pending' | 'ready' | 'failed';
  readonly lifecycle: SourceLifecycle;
  readonly artifactRoot: string;
  readonly params: Texts;
  readonly tags: Texts;
  readonly metrics: readonly SourceModelMetric[];
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface SourceVersion {
  readonly version: number;
  readonly source: string;
  readonly runId: string | null;
  readonly loggedModelId: string | null;
  readonly description: string;
  readonly link: string;
  readonly stage: 'None' | 'Staging' | 'Production' | 'Archived';
  /** The number of a deleted version stays taken. */
  readonly lifecycle: SourceLifecycle;
  readonly tags: Texts;
  /** Where its files are after following other versions and logged models, as far as the source says. */
  readonly filesRoot: string;
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface SourceModel {
  readonly name: string;
  readonly description: string;
  readonly tags: Texts;
  readonly aliases: Readonly<Record<string, number>>;
  readonly versions: readonly SourceVersion[];
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

export interface SourceFile {
  /** Below the root of the run or model, with `/`. */
  readonly path: string;
  readonly sizeBytes: number | null;
  /** The bytes, read anew by each call. Throws MOVE_UNREADABLE_FILE. */
  open(): AsyncIterable<Uint8Array>;
}

/** Something that has files. */
export interface FileOwner {
  readonly kind: 'run' | 'logged-model';
  readonly id: string;
  readonly experimentId: string;
  readonly artifactRoot: string;
}

/** A record that could not be read: it is not moved, and the rest goes on. */
export interface SourceProblem {
  readonly code: string;
  /** File, table and row, or address. */
  readonly place: string;
  readonly message: string;
}

export interface SourceOptions {
  readonly onProblem: (problem: SourceProblem) => void;
  readonly signal?: AbortSignal;
  /** Folders, beside the source's own, that files may be read from. */
  readonly artifactFolders?: readonly string[];
  /** Only experiments of these names; absent: all. Models are given whole. */
  readonly experiments?: readonly string[];
}

/**
 * Reads one MLflow store, page by page: nothing is ever held whole. Calls follow one another; two at a time are for files only.
 * What cannot be read is told to `onProblem` and left out. Throws only when nothing can be read any more.
 */
export interface ImportSource {
  readonly kind: 'server' | 'folder' | 'sqlite';
  /** Without credentials. */
  readonly address: string;
  experiments(): AsyncIterable<SourceExperiment>;
  /** Deleted ones too. */
  runs(experimentId: string): AsyncIterable<SourceRun>;
  /** The whole history of every metric of the run. */
  points(run: SourceRun): AsyncIterable<SeriesPart>;
  loggedModels(experimentId: string): AsyncIterable<SourceLoggedModel>;
  files(owner: FileOwner): AsyncIterable<SourceFile>;
  models(): AsyncIterable<SourceModel>;
  /** What the source has and nothing here can take, for example traces. */
  leftOut(): Promise<readonly { readonly what: string; readonly count: number }[]>;
  close(): Promise<void>;
}
