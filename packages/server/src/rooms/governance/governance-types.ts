import type { RecordedEvent, Subject } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';

/** Which entries of the ledger are meant; absent members mean all. Times are half-open: `fromMs` ≤ at < `untilMs`. */
export interface AuditFilter {
  readonly subjectKind?: string;
  readonly subjectId?: string;
  /** The id of the person, program or rule. */
  readonly actor?: string;
  readonly type?: string;
  readonly outcome?: RecordedEvent['outcome'];
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface AuditQuery extends AuditFilter {
  readonly beforeSeq?: number;
  readonly limit: number;
}

/** How the ledger stood at some moment, noted outside the database: only this finds a cut tail or a ledger written anew. */
export interface AuditCheckpoint {
  readonly entries: number;
  readonly headHash: string;
}

export type AuditProblem = 'hash-mismatch' | 'broken-chain' | 'gap' | 'truncated' | 'rewritten';

export type AuditVerification =
  | { readonly verdict: 'intact'; readonly entries: number; readonly headHash: string }
  /** `seq` is the first entry that does not stand as it was written. */
  | { readonly verdict: 'tampered'; readonly seq: number; readonly problem: AuditProblem };

export interface ModelReport {
  readonly html: string;
  /** sha256 of the file. */
  readonly digest: string;
}

export interface StoredReport {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly sizeBytes: number;
  /** False when this very report was stored before. */
  readonly created: boolean;
}

export interface GovernanceService {
  /** Newest first. */
  audit(query: AuditQuery): Promise<{ events: RecordedEvent[]; nextBeforeSeq: number | null }>;
  /** Walks the whole chain; with a checkpoint also finds a cut tail and a ledger written anew. */
  verifyAudit(options?: { checkpoint?: AuditCheckpoint; signal?: AbortSignal }): Promise<AuditVerification>;
  /** Oldest first, in batches: memory stays flat however long the ledger is. */
  exportAudit(filter: AuditFilter): AsyncIterable<RecordedEvent>;
  /** The newest entries about any of the subjects, newest first, and how many there are in all. */
  auditOf(subjects: readonly Subject[], limit: number): Promise<{ events: RecordedEvent[]; total: number }>;
  /**
   * One self-contained, script-free HTML file: card, data, evaluation, gates, signatures, rollout, monitoring, audit.
   * Equal facts give equal bytes. `version` is a number, an alias or `latest`.
   */
  report(model: string, version: number | string): Promise<ModelReport>;
  /** Keeps the report as it is now as an object, with a ledger entry and a lineage edge from the model version. */
  storeReport(context: ChangeContext, model: string, version: number | string): Promise<StoredReport>;
}
