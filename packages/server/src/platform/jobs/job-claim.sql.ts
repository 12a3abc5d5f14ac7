import type { Reader } from '../db/index.js';
import { limitFor } from './job-rules.js';
import { type JobRow, type JobTables, parseJson } from './job-table.sql.js';
import type { JsonValue } from './job-types.js';

/** What a claim hands to the runner. */
export interface Claimed {
  readonly id: string;
  readonly kind: string;
  readonly payload: JsonValue;
  readonly attempt: number;
  readonly fence: number;
  readonly timeoutMs: number | undefined;
  readonly scheduledForMs: number | undefined;
}

export interface ClaimOptions {
  readonly kind: string;
  readonly slots: number;
  /** True to look at jobs with a limit key as well; such claims wait for each other. */
  readonly limited: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly ownerId: string;
  readonly nowMs: number;
  readonly leaseMs: number;
}

/** The kinds that have something due, and whether some of it has a limit key: a cheap look before any write lock. */
export async function dueKinds(
  reader: Reader,
  kinds: readonly string[],
  nowMs: number,
): Promise<{ kind: string; limited: boolean }[]> {
  if (kinds.length === 0) return [];
  const rows = await reader
    .sql<JobTables>()
    .selectFrom('job')
    .select((e) => ['kind', e.fn.max('limit_key').as('some_limit_key')])
    .where('state', '=', 'queued')
    .where('kind', 'in', [...kinds])
    .where('run_at', '<=', nowMs)
    .groupBy('kind')
    .execute();
  return rows.map((row) => ({ kind: row.kind, limited: row.some_limit_key !== null }));
}

/** Takes up to `slots` due jobs in the running transaction, best first, never more of a limit key than its limit. */
export async function claimJobs(tx: Reader, options: ClaimOptions): Promise<Claimed[]> {
  if (!options.limited) return (await take(tx, options, { count: options.slots, noKey: true })).map(toClaimed);
  // The lock of this one row makes the counts below true until we commit.
  await tx
    .sql<JobTables>()
    .updateTable('job_gate')
    .set((e) => ({ turns: e('turns', '+', 1) }))
    .execute();
  const running = await countRunning(tx);
  const claimed: JobRow[] = [];
  while (claimed.length < options.slots) {
    const full = [...running].filter(([key, count]) => count >= limitFor(key, options.limits)).map(([key]) => key);
    const [row] = await take(tx, options, { count: 1, full });
    if (row === undefined) break;
    if (row.limit_key !== null) running.set(row.limit_key, (running.get(row.limit_key) ?? 0) + 1);
    claimed.push(row);
  }
  return claimed.map(toClaimed);
}

async function countRunning(tx: Reader): Promise<Map<string, number>> {
  const rows = await tx
    .sql<JobTables>()
    .selectFrom('job')
    .select((e) => ['limit_key', e.fn.countAll<number>().as('count')])
    .where('state', '=', 'running')
    .where('limit_key', 'is not', null)
    .groupBy('limit_key')
    .execute();
  return new Map(rows.map((row) => [row.limit_key ?? '', Number(row.count)]));
}

async function take(
  tx: Reader,
  { kind, ownerId, nowMs, leaseMs }: ClaimOptions,
  { count, noKey = false, full = [] }: { count: number; noKey?: boolean; full?: readonly string[] },
): Promise<JobRow[]> {
  const rows = await tx
    .sql<JobTables>()
    // Materialized, so that no plan can evaluate the limit and the row locks more than once.
    .with(
      (cte) => cte('picked').materialized(),
      (db) => {
        let query = db
          .selectFrom('job')
          .select('id')
          .where('state', '=', 'queued')
          .where('kind', '=', kind)
          .where('run_at', '<=', nowMs);
        if (noKey) query = query.where('limit_key', 'is', null);
        if (full.length > 0) {
          query = query.where((e) => e.or([e('limit_key', 'is', null), e('limit_key', 'not in', [...full])]));
        }
        query = query.orderBy('priority', 'desc').orderBy('run_at').orderBy('id').limit(count);
        return tx.dialect === 'postgres' ? query.forUpdate().skipLocked() : query;
      },
    )
    .updateTable('job')
    .set((e) => ({
      state: 'running' as const,
      fence: e('fence', '+', 1),
      owner: ownerId,
      lease_until: nowMs + leaseMs,
      deadline: e('timeout_ms', '+', nowMs),
      started_at: nowMs,
      progress_ratio: 0,
      progress_message: '',
    }))
    .where('id', 'in', (e) => e.selectFrom('picked').select('picked.id'))
    .returningAll()
    .execute();
  return rows.sort((a, b) => b.priority - a.priority || a.run_at - b.run_at || (a.id < b.id ? -1 : 1));
}

function toClaimed(row: JobRow): Claimed {
  return {
    id: row.id,
    kind: row.kind,
    payload: parseJson(row.payload),
    attempt: row.failures + 1,
    fence: row.fence,
    timeoutMs: row.timeout_ms ?? undefined,
    scheduledForMs: row.scheduled_for ?? undefined,
  };
}
