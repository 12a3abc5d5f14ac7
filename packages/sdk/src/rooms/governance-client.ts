import type { AuditEventView, AuditVerificationView, StoredReportSchema, Wire } from '@fairlead/contracts';
import type { CallOptions, Download, Page, Transport } from '../call-types.js';

export interface AuditFilter {
  readonly subjectKind?: string;
  readonly subjectId?: string;
  readonly actor?: string;
  readonly type?: string;
  readonly outcome?: AuditEventView['outcome'];
  readonly fromMs?: number;
  /** Exclusive. */
  readonly untilMs?: number;
}

/** The end of the log at an earlier time: what comes now must continue it. */
export interface AuditCheckpoint {
  readonly entries: number;
  readonly headHash: string;
}

export function auditClient({ json, download }: Transport) {
  return {
    /** Newest first. */
    list: (query: AuditFilter & { readonly limit?: number; readonly pageToken?: string } = {}) =>
      json<Page<AuditEventView>>('listAuditEvents', { query }),
    /** Walks the whole chain, and past `checkpoint` when it is given. */
    verify: (checkpoint: AuditCheckpoint | Record<string, never> = {}, options: CallOptions = {}) =>
      json<AuditVerificationView>('verifyAudit', { ...options, query: checkpoint }),
    /** Oldest first, one JSON object per line. */
    export: (query: AuditFilter = {}, options: CallOptions = {}): Promise<Download> =>
      download('exportAudit', { ...options, query }),
  };
}

/** Reports of model versions: one HTML file without scripts. */
export function modelReportsOf({ json, text }: Transport) {
  return {
    report: (model: string, version: string | number) => text('getModelReport', { params: { model, version } }),
    /** Keeps the report as it is now. */
    storeReport: (model: string, version: string | number) =>
      json<Wire<typeof StoredReportSchema>>('storeModelReport', { params: { model, version } }),
  };
}
