import { createHash } from 'node:crypto';
import { canonicalJson, type NewEvent, newId, type RecordedEvent } from '@fairlead/kernel';
import type { ChangeContext, Reader } from './db-types.js';
import { rawQuery } from './raw-query.js';

export interface LedgerRow {
  seq: number;
  id: string;
  at_ms: number;
  type: string;
  subject_kind: string;
  subject_id: string;
  actor_id: string;
  outcome: string;
  request_id: string | null;
  body: string;
  previous_hash: string;
  hash: string;
}

export interface LedgerTables {
  ledger: LedgerRow;
  ledger_cursor: { consumer: string; seq: number };
  ledger_dead_letter: { consumer: string; seq: number; at_ms: number; error: string };
}

export const GENESIS_HASH = '0'.repeat(64);
// Any constant: it names the lock that makes appends one after the other in PostgreSQL.
const APPEND_LOCK = 4_600_001;

/** The hash of an entry: sha256 over the previous hash and the canonical JSON of its facts. */
export function entryHash(previousHash: string, row: Omit<LedgerRow, 'hash' | 'previous_hash'>): string {
  const { seq, id, at_ms, type, subject_kind, subject_id, actor_id, outcome, request_id, body } = row;
  const facts = canonicalJson([seq, id, at_ms, type, subject_kind, subject_id, actor_id, outcome, request_id, body]);
  return createHash('sha256').update(previousHash).update('\n').update(facts).digest('hex');
}

export interface AppendInput {
  readonly events: readonly { readonly event: NewEvent; readonly context: ChangeContext }[];
  readonly atMs: number;
}

/**
 * The rows that come next in the ledger for these events of the running transaction. In PostgreSQL an advisory lock held until
 * the commit keeps sequence order equal to commit order, so that a consumer's cursor can never jump over an entry still in
 * flight; SQLite has a single writer anyway.
 */
export async function nextEntries(reader: Reader, { events, atMs }: AppendInput): Promise<LedgerRow[]> {
  if (events.length === 0) return [];
  const locked = reader.dialect === 'postgres' ? rawQuery(reader, LOCK, [APPEND_LOCK]) : [];
  const [[last]] = await Promise.all([rawQuery<Pick<LedgerRow, 'seq' | 'hash'>>(reader, LAST, []), locked]);
  let seq = last?.seq ?? 0;
  let previousHash = last?.hash ?? GENESIS_HASH;
  return events.map(({ event, context }): LedgerRow => {
    seq += 1;
    const facts = {
      seq,
      id: newId(atMs),
      at_ms: atMs,
      type: event.type,
      subject_kind: event.subject.kind,
      subject_id: event.subject.id,
      actor_id: context.actor.id,
      outcome: event.outcome ?? 'ok',
      request_id: context.requestId ?? null,
      body: canonicalJson({
        actor: context.actor,
        payload: event.payload,
        before: event.before,
        after: event.after,
      }),
    };
    const hash = entryHash(previousHash, facts);
    const row = { ...facts, previous_hash: previousHash, hash };
    previousHash = hash;
    return row;
  });
}

/** Writes what {@link nextEntries} gave, in the same transaction. */
export async function insertEntries(reader: Reader, entries: readonly LedgerRow[]): Promise<void> {
  if (reader.dialect === 'postgres' && entries.length > 1) {
    const columns = COLUMNS.map((column) => entries.map((row) => row[column]));
    await rawQuery(reader, INSERT_MANY, columns);
    return;
  }
  await Promise.all(
    entries.map((row) =>
      rawQuery(
        reader,
        INSERT,
        COLUMNS.map((column) => row[column]),
      ),
    ),
  );
}

// Ready texts: every change of the whole server passes here, and building the statements cost more than running them.
const LOCK = 'select pg_advisory_xact_lock(?)';
const LAST = 'select seq, hash from ledger order by seq desc limit 1';
const COLUMNS = [
  'seq',
  'id',
  'at_ms',
  'type',
  'subject_kind',
  'subject_id',
  'actor_id',
  'outcome',
  'request_id',
  'body',
  'previous_hash',
  'hash',
] as const satisfies readonly (keyof LedgerRow)[];
const INSERT = `insert into ledger (${COLUMNS.join(', ')}) values (${COLUMNS.map(() => '?').join(', ')})`;
const INSERT_MANY = `insert into ledger (${COLUMNS.join(', ')}) select * from unnest(
  ${COLUMNS.map((column) => `?::${column === 'seq' || column === 'at_ms' ? 'bigint' : 'text'}[]`).join(', ')})`;

/** A ledger row as the event it records. */
export function toRecordedEvent(row: LedgerRow): RecordedEvent {
  const body = JSON.parse(row.body) as Pick<RecordedEvent, 'actor' | 'payload' | 'before' | 'after'>;
  return {
    seq: row.seq,
    id: row.id,
    atMs: row.at_ms,
    type: row.type,
    subject: { kind: row.subject_kind, id: row.subject_id },
    outcome: row.outcome as RecordedEvent['outcome'],
    requestId: row.request_id,
    hash: row.hash,
    previousHash: row.previous_hash,
    ...body,
  };
}

/** Up to `limit` events after `seq`, oldest first; `types` empty or absent means all. */
export async function readLedger(
  reader: Reader,
  { afterSeq, limit, types }: { afterSeq: number; limit: number; types?: readonly string[] },
): Promise<RecordedEvent[]> {
  const ofTypes = types?.length ? `and type in (${types.map(() => '?').join(', ')})` : '';
  const text = `select ${COLUMNS.join(', ')} from ledger where seq > ? ${ofTypes} order by seq limit ?`;
  return (await rawQuery<LedgerRow>(reader, text, [afterSeq, ...(types ?? []), limit])).map(toRecordedEvent);
}
