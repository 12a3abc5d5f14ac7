import { dbErrors } from './db-errors.js';

/** What SQLite and PostgreSQL (53100, disk_full) say of a disk without room. */
const FULL = new Set<unknown>(['SQLITE_FULL', '53100']);

/** Passes a transaction on; one that had no room on the disk fails with DB_FULL. */
export async function nameFullDisk<T>(transaction: Promise<T>): Promise<T> {
  try {
    return await transaction;
  } catch (cause) {
    if (!FULL.has((cause as { code?: unknown }).code)) throw cause;
    throw dbErrors.DB_FULL('The database has no room for the change.', { cause });
  }
}
