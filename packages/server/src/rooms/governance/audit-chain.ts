import { entryHash, GENESIS_HASH, type LedgerRow } from '../../platform/db/index.js';
import type { AuditCheckpoint, AuditVerification } from './governance-types.js';

type Tampered = Extract<AuditVerification, { verdict: 'tampered' }>;

export interface AuditChain {
  /** Takes the next entries in order; the first problem, or null while all is well. */
  add(rows: readonly LedgerRow[]): Tampered | null;
  /** The verdict once every entry was added. */
  end(): AuditVerification;
}

/**
 * Follows the hash chain of the ledger from its first entry. An edited entry no longer has its hash (`hash-mismatch`); one
 * edited together with its hash breaks the next one (`broken-chain`); a removed one leaves a `gap`. A chain alone cannot
 * show that its tail was cut or that everything was computed anew: a checkpoint from outside does.
 */
export function createAuditChain(checkpoint?: AuditCheckpoint): AuditChain {
  let entries = 0;
  let headHash = GENESIS_HASH;
  const check = (row: LedgerRow): Tampered | null => {
    const problem = problemOf(row, { seq: entries + 1, previousHash: headHash });
    if (problem !== null) return { verdict: 'tampered', seq: entries + 1, problem };
    entries = row.seq;
    headHash = row.hash;
    if (checkpoint?.entries === entries && checkpoint.headHash !== headHash) {
      return { verdict: 'tampered', seq: entries, problem: 'rewritten' };
    }
    return null;
  };
  return {
    add: (rows) => {
      for (const row of rows) {
        const found = check(row);
        if (found !== null) return found;
      }
      return null;
    },
    end: () =>
      checkpoint !== undefined && entries < checkpoint.entries
        ? { verdict: 'tampered', seq: entries + 1, problem: 'truncated' }
        : { verdict: 'intact', entries, headHash },
  };
}

function problemOf(
  row: LedgerRow,
  expected: { seq: number; previousHash: string },
): 'gap' | 'broken-chain' | 'hash-mismatch' | null {
  if (row.seq !== expected.seq) return 'gap';
  if (row.previous_hash !== expected.previousHash) return 'broken-chain';
  return hashOf(expected.previousHash, row) === row.hash ? null : 'hash-mismatch';
}

/** Null for an entry that has no hash at all, for example with a number where no finite number can stand. */
function hashOf(previousHash: string, row: LedgerRow): string | null {
  try {
    return entryHash(previousHash, row);
  } catch {
    return null;
  }
}
