import type { Subject } from '@fairlead/kernel';
import type { ExpressionBuilder, SelectQueryBuilder } from 'kysely';
import { type LedgerRow, type LedgerTables, type Reader, toRecordedEvent } from '../../platform/db/index.js';
import type { AuditStore } from './audit-store.js';
import type { AuditFilter } from './governance-types.js';

export const sqlAuditStore: AuditStore = {
  find: async (reader, { beforeSeq, limit, ...filter }) => {
    let query = filtered(reader, filter);
    if (beforeSeq !== undefined) query = query.where('seq', '<', beforeSeq);
    return (await query.orderBy('seq', 'desc').limit(limit).execute()).map(toRecordedEvent);
  },
  after: async (reader, { filter, afterSeq, limit }) => {
    const query = filtered(reader, filter).where('seq', '>', afterSeq);
    return (await query.orderBy('seq').limit(limit).execute()).map(toRecordedEvent);
  },
  rows: (reader, { afterSeq, limit }) =>
    ledger(reader).selectAll().where('seq', '>', afterSeq).orderBy('seq').limit(limit).execute(),
  about: async (reader, subjects, limit) => {
    if (subjects.length === 0) return { events: [], total: 0 };
    const rows = await ledger(reader).selectAll().where(anyOf(subjects)).orderBy('seq', 'desc').limit(limit).execute();
    const { total } = await ledger(reader)
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where(anyOf(subjects))
      .executeTakeFirstOrThrow();
    return { events: rows.map(toRecordedEvent), total: Number(total) };
  },
};

const ledger = (reader: Reader) => reader.sql<LedgerTables>().selectFrom('ledger');

function filtered(reader: Reader, filter: AuditFilter): SelectQueryBuilder<LedgerTables, 'ledger', LedgerRow> {
  const { subjectKind, subjectId, actor, type, outcome, fromMs, untilMs } = filter;
  let query = ledger(reader).selectAll();
  if (subjectKind !== undefined) query = query.where('subject_kind', '=', subjectKind);
  if (subjectId !== undefined) query = query.where('subject_id', '=', subjectId);
  if (actor !== undefined) query = query.where('actor_id', '=', actor);
  if (type !== undefined) query = query.where('type', '=', type);
  if (outcome !== undefined) query = query.where('outcome', '=', outcome);
  if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs);
  if (untilMs !== undefined) query = query.where('at_ms', '<', untilMs);
  return query;
}

/** One `in` list per kind, so that the index on (kind, id) serves it. */
function anyOf(subjects: readonly Subject[]) {
  const kinds = [...new Set(subjects.map((subject) => subject.kind))];
  return (eb: ExpressionBuilder<LedgerTables, 'ledger'>) =>
    eb.or(
      kinds.map((kind) => {
        const ids = subjects.filter((subject) => subject.kind === kind).map((subject) => subject.id);
        return eb.and([eb('subject_kind', '=', kind), eb('subject_id', 'in', ids)]);
      }),
    );
}
