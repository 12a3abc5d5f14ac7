export { dbErrors } from './db-errors.js';
export type {
  ChangeContext,
  Db,
  Dialect,
  GatheredOperation,
  Migration,
  Reader,
  RoomMigrations,
  Tx,
} from './db-types.js';
export {
  createEventDispatcher,
  type DispatcherOptions,
  type EventConsumer,
  type EventDispatcher,
} from './event-dispatcher.js';
export { gather } from './gather.js';
export { entryHash, GENESIS_HASH, type LedgerRow, type LedgerTables, readLedger, toRecordedEvent } from './ledger.js';
export { longTexts } from './long-texts.sql.js';
export { type OpenDbOptions, openDb } from './open-db.js';
export { openForReading, type ReadOnlyDb } from './open-for-reading.js';
export { type ForeignDb, type ForeignRow, openForeign } from './open-foreign.js';
export type { Durability } from './open-sqlite.js';
export { rawEach, rawQuery } from './raw-query.js';
