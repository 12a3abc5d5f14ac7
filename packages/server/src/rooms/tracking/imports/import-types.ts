import type { ChangeContext } from '../../../platform/db/index.js';
import type { Lifecycle } from '../experiment-types.js';
import type { RunInput } from '../input-types.js';
import type { LoggedModel } from '../logged-model-types.js';
import type { RunStatus } from '../run-types.js';

type Texts = Readonly<Record<string, string>>;

/** An experiment as another server recorded it. Ids are not taken over: names are. */
export interface ImportedExperiment {
  readonly name: string;
  readonly lifecycle: Lifecycle;
  readonly tags: Texts;
  readonly note: string;
  /** With the name it tells a deleted experiment from another one of that name. */
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
}

/** A run as another server recorded it, under its own id. It stays active until {@link ImportService.settle}: files come later. */
export interface ImportedRun {
  readonly id: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly userName: string;
  /** It need not be here (yet). */
  readonly parentRunId: string | null;
  readonly note: string;
  readonly params: Texts;
  readonly tags: Texts;
}

/** Points of one metric, in columns: many of them travel. */
export interface ImportedSeries {
  readonly runId: string;
  readonly key: string;
  readonly steps: readonly number[];
  readonly timestampsMs: readonly number[];
  readonly values: readonly number[];
}

export type ImportedLoggedModel = Omit<LoggedModel, 'artifactRoot' | 'createdAtMs' | 'updatedAtMs'> & {
  readonly createdAtMs: number | null;
  readonly updatedAtMs: number | null;
};

export interface ImportedLinks {
  readonly runId: string;
  readonly datasets: readonly RunInput[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly { readonly modelId: string; readonly step: number }[];
}

/** `found`: it was here already. `refused`: it cannot be kept, for the first of its problems. `absent`: only when checking. */
export type ImportOutcome = 'made' | 'found' | 'refused' | 'absent';

export interface ImportVerdict {
  readonly id: string;
  readonly outcome: ImportOutcome;
  /** What is not as in the record: a part that cannot be kept, or that stands here with another value and was not touched. */
  readonly problems: readonly string[];
}

export interface ImportedPlace extends ImportVerdict {
  /** Of the experiment or model: files go below it. */
  readonly artifactRoot: string;
}

/** What is here of a run, to be compared with what was read elsewhere. */
export interface RunInventory {
  readonly runId: string;
  readonly series: readonly {
    readonly key: string;
    readonly points: number;
    /** Of the points in any order, see pointsDigest; null when it was not asked for. */
    readonly digest: string | null;
  }[];
  readonly files: readonly { readonly path: string; readonly digest: string; readonly sizeBytes: number }[];
}

/** `check`: compare only, and write nothing. */
export interface ImportMode {
  readonly check: boolean;
}

/**
 * Takes over what another tracking server recorded, with its ids, times and states. Everything may be sent again: what is here
 * stays as it is, and what differs is told and never overwritten. A run that was still going when it was taken over is
 * brought up to date.
 */
export interface ImportService {
  importExperiment(context: ChangeContext, experiment: ImportedExperiment, mode: ImportMode): Promise<ImportedPlace>;
  /** All of one experiment or of several, at most 200. */
  importRuns(context: ChangeContext, runs: readonly ImportedRun[], mode: ImportMode): Promise<ImportVerdict[]>;
  /** Adds points, at most 50,000 together; equal points are kept once. @throws TRK_RUN_NOT_FOUND, TRK_KEY_INVALID, TRK_VALUE_INVALID */
  importPoints(context: ChangeContext, series: readonly ImportedSeries[]): Promise<void>;
  importLoggedModel(context: ChangeContext, model: ImportedLoggedModel, mode: ImportMode): Promise<ImportedPlace>;
  importLinks(context: ChangeContext, links: ImportedLinks, mode: ImportMode): Promise<ImportVerdict>;
  /** Deletes what was deleted elsewhere: these runs and models, and all runs of the experiment when it is deleted itself. */
  settle(
    context: ChangeContext,
    experimentId: string,
    deleted: { readonly runIds: readonly string[]; readonly modelIds: readonly string[] },
  ): Promise<void>;
  /** At most 200 runs; those that are not here are left out. */
  inventory(runIds: readonly string[], options: { readonly digests: boolean }): Promise<RunInventory[]>;
  /** The same for the files of a logged model. */
  modelFiles(modelId: string): Promise<RunInventory['files']>;
}
