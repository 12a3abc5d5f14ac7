import type { Readable } from 'node:stream';
import type { Clock } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../../platform/db/index.js';
import type { JobQueue } from '../../platform/jobs/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { EvaluationService } from '../evaluation/index.js';
import type { TrackingService } from '../tracking/index.js';
import type { RegistryStore } from './registry-store.js';

/** The tree of files that clients write, as far as this room reads it. */
export interface ModelFiles {
  file(path: string): Promise<{ readonly digest: string; readonly sizeBytes: number } | undefined>;
  openFile(path: string): Promise<{ readonly stream: Readable }>;
  filesBelow(
    path: string,
  ): Promise<readonly { readonly path: string; readonly digest: string; readonly sizeBytes: number }[]>;
  linkFile(context: ChangeContext, path: string, digest: string): Promise<unknown>;
}

/** Who can own a folder of files. Both throw what their room throws when there is no such thing. */
export interface FileOwners {
  run(id: string): Promise<{ readonly artifactRoot: string }>;
  loggedModel(id: string): Promise<{ readonly artifactRoot: string; readonly sourceRunId: string | null }>;
}

/** Where a model is used by rooms to the right of this one; `version` null: the model as a whole. */
export interface ModelUse {
  readonly version: number | null;
  readonly what: string;
}

export interface RegistryDeps {
  readonly db: Db;
  readonly store: RegistryStore;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly jobs: JobQueue;
  readonly files: ModelFiles;
  readonly owners: FileOwners;
  readonly usesOf: (model: string) => Promise<readonly ModelUse[]>;
  readonly tracking: Pick<TrackingService, 'link' | 'run' | 'lineage'>;
  readonly evaluation: Pick<EvaluationService, 'report'>;
  /** Addresses outside of this server below which files of versions may be. */
  readonly sourceRoots: readonly string[];
  /** The version of Fairlead, named in what it writes for other programs. */
  readonly fairleadVersion: string;
}
