import { isFairleadError } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../db/index.js';
import { accessDenied } from './identity-events.js';

const DENIALS: readonly string[] = ['IDN_FORBIDDEN', 'IDN_NAMED_PERSON_REQUIRED'];
/** One entry for one person and operation in so long: who tries again and again must not fill the ledger. */
const DENIAL_PAUSE_MS = 60_000;

/**
 * Writes to the ledger what somebody tried and may not do: that is how a break-in begins. Other errors are passed over.
 */
export function createDenialLog(
  db: Db,
): (error: unknown, tried: ChangeContext & { readonly operation: string }) => Promise<void> {
  const lastMs = new Map<string, number>();
  return async (error, { operation, ...context }) => {
    if (!isFairleadError(error) || !DENIALS.includes(error.code)) return;
    const { actor } = context;
    const nowMs = await db.nowMs();
    const key = `${actor.id} ${operation}`;
    if (nowMs - (lastMs.get(key) ?? Number.NEGATIVE_INFINITY) < DENIAL_PAUSE_MS) return;
    lastMs.set(key, nowMs);
    const action = String(error.data.action ?? error.code);
    await db.transact(context, async (tx) => {
      tx.record(accessDenied.of({ kind: 'person', id: actor.id }, { action, operation }, { outcome: 'denied' }));
    });
  };
}
