import type { Reader } from '../../../platform/db/index.js';
import type { OpenLineageStore } from './openlineage-store.js';
import type { StoredEvent } from './openlineage-types.js';

interface EventRow {
  id: string;
  received_at_ms: number;
  event_at_ms: number;
  kind: StoredEvent['kind'];
  event_type: string | null;
  /** Namespace and name as the one key they are looked up by. */
  subject: string;
  namespace: string;
  name: string;
  run_id: string | null;
  body: string;
}

export interface OpenLineageTables {
  governance_openlineage_event: EventRow;
  governance_openlineage_outbox: { seq: number };
  governance_openlineage_refusal: { seq: number; at_ms: number; reason: string };
}

const CHUNK = 200;

export function sqlOpenLineageStore(subjectOf: (namespace: string, name: string) => string): OpenLineageStore {
  const events = (reader: Reader) => reader.sql<OpenLineageTables>().selectFrom('governance_openlineage_event');
  return {
    insert: async (tx, given) => {
      const fresh = new Set<string>();
      for (let start = 0; start < given.length; start += CHUNK) {
        const rows = given.slice(start, start + CHUNK).map((event) => toRow(event, subjectOf));
        const inserted = await tx
          .sql<OpenLineageTables>()
          .insertInto('governance_openlineage_event')
          .values(rows)
          .onConflict((c) => c.column('id').doNothing())
          .returning('id')
          .execute();
        for (const { id } of inserted) fresh.add(id);
      }
      return given.filter(({ id }) => fresh.has(id));
    },
    find: async (reader, { runId, namespace, name, after, limit }) => {
      let query = events(reader).selectAll();
      if (runId !== undefined) query = query.where('run_id', '=', runId);
      if (namespace !== undefined && name !== undefined)
        query = query.where('subject', '=', subjectOf(namespace, name));
      else if (namespace !== undefined) query = query.where('namespace', '=', namespace);
      else if (name !== undefined) query = query.where('name', '=', name);
      if (after !== undefined) {
        query = query.where((eb) =>
          eb.or([
            eb('received_at_ms', '<', after.receivedAtMs),
            eb.and([eb('received_at_ms', '=', after.receivedAtMs), eb('id', '<', after.id)]),
          ]),
        );
      }
      const rows = await query.orderBy('received_at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute();
      return rows.map(toEvent);
    },
    lastOfRuns: async (reader, runIds) => {
      const last = new Map<string, StoredEvent>();
      for (let start = 0; start < runIds.length; start += CHUNK) {
        const some = runIds.slice(start, start + CHUNK);
        const rows = await events(reader).selectAll().where('run_id', 'in', some).orderBy('event_at_ms').execute();
        for (const row of rows) last.set(row.run_id ?? '', toEvent(row));
      }
      return [...last.values()];
    },
    enqueue: async (tx, seq) => {
      await tx
        .sql<OpenLineageTables>()
        .insertInto('governance_openlineage_outbox')
        .values({ seq })
        .onConflict((c) => c.column('seq').doNothing())
        .execute();
    },
    waiting: (reader, limit) =>
      reader
        .sql<OpenLineageTables>()
        .selectFrom('governance_openlineage_outbox')
        .selectAll()
        .orderBy('seq')
        .limit(limit)
        .execute(),
    delivered: async (tx, seq) => {
      await tx.sql<OpenLineageTables>().deleteFrom('governance_openlineage_outbox').where('seq', '=', seq).execute();
    },
    refused: async (tx, { seq, atMs, reason }) => {
      const sql = tx.sql<OpenLineageTables>();
      await sql.deleteFrom('governance_openlineage_outbox').where('seq', '=', seq).execute();
      await sql
        .insertInto('governance_openlineage_refusal')
        .values({ seq, at_ms: atMs, reason })
        .onConflict((c) => c.column('seq').doUpdateSet({ at_ms: atMs, reason }))
        .execute();
    },
  };
}

function toRow(event: StoredEvent, subjectOf: (namespace: string, name: string) => string): EventRow {
  return {
    id: event.id,
    received_at_ms: event.receivedAtMs,
    event_at_ms: event.eventAtMs,
    kind: event.kind,
    event_type: event.eventType,
    subject: subjectOf(event.namespace, event.name),
    namespace: event.namespace,
    name: event.name,
    run_id: event.runId,
    body: JSON.stringify(event.event),
  };
}

function toEvent(row: EventRow): StoredEvent {
  return {
    id: row.id,
    receivedAtMs: row.received_at_ms,
    eventAtMs: row.event_at_ms,
    kind: row.kind,
    eventType: row.event_type as StoredEvent['eventType'],
    namespace: row.namespace,
    name: row.name,
    runId: row.run_id,
    event: JSON.parse(row.body) as StoredEvent['event'],
  };
}
