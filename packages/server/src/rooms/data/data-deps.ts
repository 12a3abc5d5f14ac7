import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { Lake } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { DataStore } from './data-store.js';
import type { Fetch } from './fetch-source.js';

/** What the services of this room work with. */
export interface DataDeps {
  readonly db: Db;
  /** Its allowed folders must hold the folder of the object store. */
  readonly lake: Lake;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly store: DataStore;
  /** Folders whose files may be ingested by path: the project folder and the home. Relative paths are looked up here. */
  readonly dataRoots: () => readonly string[];
  /** Lets http(s) sources stand on this machine and in private networks. */
  readonly allowPrivateUrls: boolean;
  /** Largest file taken from an address or an upload. */
  readonly maxSourceBytes: number;
  readonly fetch?: Fetch;
}
