import type { ChangeContext, Reader } from '../../../platform/db/index.js';
import type { LineageNode } from '../lineage-types.js';

/** Which deleted things to remove for good. Nothing that is not deleted is ever meant. */
export interface PurgeSelection {
  /** Only what was deleted this long ago or longer; 0 unless told. */
  readonly olderThanMs?: number;
  /** Only these runs, and no experiment. */
  readonly runIds?: readonly string[];
  /** Only in these experiments, and of them those that are deleted. */
  readonly experimentIds?: readonly string[];
  /** As experimentIds: every experiment that has or had this name. */
  readonly experiment?: string;
}

/** Something that stays although it is deleted and was asked for. */
export interface KeptThing {
  readonly kind: 'run' | 'logged-model' | 'experiment';
  readonly id: string;
  readonly reason: string;
}

/** What went, or in a dry run what would go. */
export interface PurgeReport {
  readonly dryRun: boolean;
  readonly runs: number;
  readonly experiments: number;
  readonly loggedModels: number;
  readonly points: number;
  readonly files: number;
  /** Of the files; their bytes go with the next collection of stored bytes, unless something else has equal ones. */
  readonly sizeBytes: number;
  /** How many stay; `kept` names the first hundred. */
  readonly keptCount: number;
  readonly kept: readonly KeptThing[];
}

export interface PurgeService {
  /** Starts the work; the job's result is a {@link PurgeReport}. @throws TRK_RUN_NOT_FOUND, TRK_NOT_DELETED, TRK_EXPERIMENT_NOT_FOUND */
  start(
    context: ChangeContext,
    request: PurgeSelection & { readonly dryRun: boolean },
  ): Promise<{ readonly jobId: string }>;
  /** Removes every night what has been deleted for so many days; null: never. */
  retain(context: ChangeContext, days: number | null): Promise<void>;
}

/** A run or a logged model with the address of its files. */
export interface PurgeOwner {
  readonly id: string;
  readonly artifactRoot: string;
}

/** What outside of this room still needs runs or logged models, by their ids, in words such as "model version rain/3". */
export type UsesOfOwners = (reader: Reader, owners: readonly PurgeOwner[]) => Promise<ReadonlyMap<string, string>>;

/** When a thing was removed for good. */
export interface PurgedThing extends LineageNode {
  readonly purgedAtMs: number;
}
