import type { FairleadError } from '@fairlead/kernel';
import type { ChangeContext, Db } from '../db/index.js';
import { type App, requestContext } from '../http/index.js';
import { accessDenied } from './identity-events.js';

/** What somebody tried, and the error that refused it. */
export type RecordDenial = (error: unknown, tried: ChangeContext & { readonly operation: string }) => Promise<void>;

type Denial = Pick<FairleadError, 'code' | 'data'>;

/** Whether an error, or what another process tells of one, says that somebody may not do what he tried. */
const isDenial = (error: unknown): error is Denial => DENIALS.includes((error as Partial<Denial>).code ?? '');

/** Records, for every route that is added from now on, what somebody tried and may not do. */
export function recordDenials(app: App, record: RecordDenial): void {
  app.addHook('onError', async (request, _reply, error) => {
    if (request.actor === null || !isDenial(error)) return;
    await record(error, {
      ...requestContext(request),
      operation: `${request.method} ${request.routeOptions.url ?? ''}`,
    });
  });
}

const DENIALS: readonly string[] = ['IDN_FORBIDDEN', 'IDN_NAMED_PERSON_REQUIRED'];
/** One entry for one person and operation in so long: who tries again and again must not fill the ledger. */
const DENIAL_PAUSE_MS = 60_000;

/**
 * Writes to the ledger what somebody tried and may not do: that is how a break-in begins. Other errors are passed over.
 */
export function createDenialLog(db: Db): RecordDenial {
  const lastMs = new Map<string, number>();
  return async (error, { operation, ...context }) => {
    if (!isDenial(error)) return;
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
