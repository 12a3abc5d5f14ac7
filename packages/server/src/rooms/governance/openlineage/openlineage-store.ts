import type { Reader } from '../../../platform/db/index.js';
import type { EventQuery, StoredEvent } from './openlineage-types.js';

export interface WaitingEvent {
  /** Of the ledger entry that is to be told. */
  readonly seq: number;
}

export interface OpenLineageStore {
  /** Those of the events that were not there yet. */
  insert(tx: Reader, events: readonly StoredEvent[]): Promise<StoredEvent[]>;
  /** Newest first. */
  find(reader: Reader, query: EventQuery): Promise<StoredEvent[]>;
  /** The last event of each run. */
  lastOfRuns(reader: Reader, runIds: readonly string[]): Promise<StoredEvent[]>;
  enqueue(tx: Reader, seq: number): Promise<void>;
  /** Oldest first. */
  waiting(reader: Reader, limit: number): Promise<WaitingEvent[]>;
  delivered(tx: Reader, seq: number): Promise<void>;
  /** The receiver will not have it: kept with its reason, and never sent again. */
  refused(tx: Reader, refusal: { seq: number; atMs: number; reason: string }): Promise<void>;
}
