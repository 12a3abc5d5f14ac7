import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '@fairlead/kernel';
import { openForReading, type Reader } from '../../platform/db/index.js';
import { createAuditChain } from './audit-chain.js';
import type { AuditStore } from './audit-store.js';
import { sqlAuditStore } from './audit-store.sql.js';
import type { AuditCheckpoint, AuditVerification, GovernanceService } from './governance-types.js';

/** Entries per read: SQLite calls block, so requests get their turn in between. */
const BATCH = 2_000;

export type AuditService = Pick<GovernanceService, 'audit' | 'verifyAudit' | 'exportAudit' | 'auditOf'>;

export function createAuditService({ db, store }: { db: Reader; store: AuditStore }): AuditService {
  return {
    audit: async (query) => {
      const events = await store.find(db, { ...query, limit: query.limit + 1 });
      const page = events.slice(0, query.limit);
      return { events: page, nextBeforeSeq: events.length > page.length ? (page.at(-1)?.seq ?? null) : null };
    },
    verifyAudit: (options = {}) => walkChain({ db, store }, options),
    async *exportAudit(filter) {
      let afterSeq = 0;
      for (;;) {
        const events = await store.after(db, { filter, afterSeq, limit: BATCH });
        if (events.length === 0) return;
        yield* events;
        afterSeq = events.at(-1)?.seq ?? afterSeq;
        await setImmediate();
      }
    },
    auditOf: (subjects, limit) => store.about(db, subjects, limit),
  };
}

interface VerifyOptions {
  readonly checkpoint?: AuditCheckpoint;
  readonly signal?: AbortSignal;
}

async function walkChain(
  { db, store }: { db: Reader; store: AuditStore },
  { checkpoint, signal }: VerifyOptions,
): Promise<AuditVerification> {
  const chain = createAuditChain(checkpoint);
  let afterSeq = 0;
  for (;;) {
    throwIfAborted(signal);
    const rows = await store.rows(db, { afterSeq, limit: BATCH });
    const last = rows.at(-1);
    if (last === undefined) return chain.end();
    const problem = chain.add(rows);
    if (problem !== null) return problem;
    afterSeq = last.seq;
    await setImmediate();
  }
}

/**
 * Verifies the ledger of a database without a server: a SQLite file or a postgres:// address. Changes nothing.
 *
 * @throws DB_UNAVAILABLE, DB_URL_UNSUPPORTED
 */
export async function verifyAuditAt(url: string, options: VerifyOptions = {}): Promise<AuditVerification> {
  const db = openForReading(url);
  try {
    return await walkChain({ db, store: sqlAuditStore }, options);
  } finally {
    await db.close();
  }
}
