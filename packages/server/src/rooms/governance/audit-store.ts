import type { RecordedEvent, Subject } from '@fairlead/kernel';
import type { LedgerRow, Reader } from '../../platform/db/index.js';
import type { AuditFilter, AuditQuery } from './governance-types.js';

/** Reads the ledger; nobody but the database's own transaction writes it. */
export interface AuditStore {
  /** Newest first, at most `limit`. */
  find(reader: Reader, query: AuditQuery): Promise<RecordedEvent[]>;
  /** Matching entries after `afterSeq`, oldest first. */
  after(reader: Reader, page: { filter: AuditFilter; afterSeq: number; limit: number }): Promise<RecordedEvent[]>;
  /** The rows as they are stored, oldest first: what the chain is checked on. */
  rows(reader: Reader, page: { afterSeq: number; limit: number }): Promise<LedgerRow[]>;
  about(
    reader: Reader,
    subjects: readonly Subject[],
    limit: number,
  ): Promise<{ events: RecordedEvent[]; total: number }>;
}
