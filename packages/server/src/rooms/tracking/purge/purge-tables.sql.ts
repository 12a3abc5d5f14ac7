import type { Reader } from '../../../platform/db/index.js';
import type { FileTables } from '../files/file-tables.sql.js';
import type { InputTables } from '../inputs/input-tables.sql.js';
import type { ModelTables } from '../models/model-tables.sql.js';
import type { TrackingTables } from '../tracking-tables.sql.js';

interface PurgedTables {
  tracking_purged: {
    kind: string;
    id: string;
    experiment_id: string;
    purged_at_ms: number;
    purge_id: string;
    root: string | null;
    /** 1: files below `root` are still to be removed. */
    files_left: number;
    points: number;
    files: number;
    size_bytes: number;
  };
}

export type PurgeTables = TrackingTables & InputTables & ModelTables & FileTables & PurgedTables;

export const purgeTables = (reader: Reader) => reader.sql<PurgeTables>();
