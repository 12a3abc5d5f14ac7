import type { Reader } from '../../../platform/db/index.js';
import type { LineageNode } from '../lineage-types.js';
import type { PurgedThing } from './purge-types.js';

/** A selection with its times and names resolved. */
export interface PurgeScope {
  readonly deletedBeforeMs: number;
  readonly runIds: readonly string[] | null;
  readonly experimentIds: readonly string[] | null;
}

/** Where a walk through the candidates stands: by the time of deletion, then by number. */
export interface PurgePlace {
  readonly atMs: number;
  readonly no: number;
}

export interface DeletedRun extends PurgePlace {
  readonly id: string;
  readonly experimentId: string;
  readonly artifactRoot: string;
  readonly series: number;
  readonly points: number;
}

export interface DeletedExperiment extends PurgePlace {
  readonly id: string;
  readonly name: string;
  readonly runs: number;
}

export interface PurgeableModel extends PurgePlace {
  readonly id: string;
  readonly experimentId: string;
  readonly sourceRunId: string | null;
  readonly artifactRoot: string;
  /** A run that is not deleted and names this model, which is not deleted either, among its inputs or outputs. */
  readonly activeUser: string | null;
}

/** What is remembered of a thing that went. */
export interface PurgedRecord {
  readonly kind: 'run' | 'logged-model' | 'experiment';
  readonly id: string;
  readonly experimentId: string;
  readonly atMs: number;
  readonly purgeId: string;
  /** Its folder in the tree of files, whose files are still to be removed; null: none here. */
  readonly root: string | null;
  readonly points: number;
  readonly files: number;
  readonly sizeBytes: number;
}

export interface PurgeTotals {
  readonly runs: number;
  readonly experiments: number;
  readonly loggedModels: number;
  readonly points: number;
  readonly files: number;
  readonly sizeBytes: number;
}

/**
 * Removing for good. What is quick goes whole in one transaction (`removeRuns`); points, metrics of models and files, of which
 * there may be millions, are cut off by that and go in portions (`removeSome…`), whoever calls next: nothing refers to them.
 */
export interface PurgeStore {
  /** Deleted runs, those deleted first before others. `lock`: their rows stay as they are until the transaction ends. */
  runs(
    reader: Reader,
    scope: PurgeScope,
    page: { after: PurgePlace; limit: number; lock?: boolean },
  ): Promise<DeletedRun[]>;
  /** Deleted ones, with the number of runs that they still have. */
  experiments(
    reader: Reader,
    scope: PurgeScope,
    page: { after: PurgePlace; limit: number },
  ): Promise<DeletedExperiment[]>;
  lockExperiment(tx: Reader, id: string): Promise<DeletedExperiment | undefined>;
  /** Logged models that these runs have written. */
  modelsOfRuns(reader: Reader, runIds: readonly string[]): Promise<PurgeableModel[]>;
  /** Deleted logged models whose run is not deleted: the others go with their runs. */
  deletedModels(
    reader: Reader,
    scope: PurgeScope,
    page: { after: PurgePlace; limit: number },
  ): Promise<PurgeableModel[]>;
  modelsOfExperiment(
    reader: Reader,
    experimentId: string,
    page: { after: PurgePlace; limit: number },
  ): Promise<PurgeableModel[]>;
  /** Everything below the folder of the tree. */
  filesBelow(reader: Reader, root: string): Promise<{ files: number; sizeBytes: number }>;
  /** Takes the rows away and cuts the series off. */
  removeRuns(tx: Reader, runs: readonly DeletedRun[]): Promise<void>;
  /** Takes the models out of sight; their rows go with their metrics. */
  removeModels(tx: Reader, models: readonly PurgeableModel[]): Promise<void>;
  /** With its tags and datasets. */
  removeExperiment(tx: Reader, experiment: DeletedExperiment): Promise<void>;
  remember(tx: Reader, records: readonly PurgedRecord[]): Promise<void>;
  /** About `limit` rows of series that are cut off, in one transaction. False when there were none. */
  removeSomePoints(tx: Reader, limit: number): Promise<boolean>;
  /** As removeSomePoints, of logged models. */
  removeSomeModelRows(tx: Reader, limit: number): Promise<boolean>;
  /** The digests of the removed files; undefined when there was nothing left to do. */
  removeSomeFiles(tx: Reader, limit: number): Promise<readonly string[] | undefined>;
  totals(reader: Reader, purgeId: string): Promise<PurgeTotals>;
  /** Which of these are gone for good. */
  purged(reader: Reader, nodes: readonly LineageNode[]): Promise<PurgedThing[]>;
}
