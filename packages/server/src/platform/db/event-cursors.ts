import { systemActor } from '@fairlead/kernel';
import type { Db, Reader } from './db-types.js';
import type { LedgerTables } from './ledger.js';
import { rawQuery } from './raw-query.js';

/** How far each consumer has come in the ledger, by its name. */
export async function readCursors(reader: Reader): Promise<ReadonlyMap<string, number>> {
  const rows = await rawQuery<{ consumer: string; seq: number }>(reader, 'select consumer, seq from ledger_cursor', []);
  return new Map(rows.map(({ consumer, seq }) => [consumer, seq]));
}

/** The number of the last entry; 0 when there is none. */
export async function lastSeq(reader: Reader): Promise<number> {
  const [row] = await rawQuery<{ seq: number }>(reader, 'select seq from ledger order by seq desc limit 1', []);
  return row?.seq ?? 0;
}

const SET_CURSOR = `insert into ledger_cursor (consumer, seq) values (?, ?)
  on conflict (consumer) do update set seq = excluded.seq`;

export async function setCursor(tx: Reader, consumer: string, seq: number): Promise<void> {
  await rawQuery(tx, SET_CURSOR, [consumer, seq]);
}

/** Moves consumers past entries that concern none of them; one that another process has moved further stays there. */
export async function passCursors(db: Db, consumers: readonly string[], seq: number): Promise<void> {
  await db.transact({ actor: systemActor }, async (tx) => {
    if (tx.dialect === 'postgres') await rawQuery(tx, PASS_ALL, [seq, [...consumers].sort()]);
    else await Promise.all(consumers.map((consumer) => rawQuery(tx, `${SET_CURSOR} ${ONWARDS}`, [consumer, seq])));
  });
}

const ONWARDS = 'where ledger_cursor.seq < excluded.seq';
const PASS_ALL = `insert into ledger_cursor (consumer, seq) select *, ?::bigint from unnest(?::text[])
  on conflict (consumer) do update set seq = excluded.seq ${ONWARDS}`;

/** Puts an entry aside that a consumer cannot handle, and moves the consumer past it. */
export async function bury(
  db: Db,
  { consumer, seq, atMs, error }: { consumer: string; seq: number; atMs: number; error: string },
): Promise<void> {
  await db.transact({ actor: systemActor }, async (tx) => {
    await tx
      .sql<LedgerTables>()
      .insertInto('ledger_dead_letter')
      .values({ consumer, seq, at_ms: atMs, error })
      .onConflict((c) => c.columns(['consumer', 'seq']).doNothing())
      .execute();
    await setCursor(tx, consumer, seq);
  });
}
