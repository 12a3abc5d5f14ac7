import type { LineageStore } from './tracking-store.js';
import type { EdgeRow, TrackingTables } from './tracking-tables.sql.js';
import type { LineageEdge, LineageNode } from './tracking-types.js';

const CHUNK = 500;

/** The lineage graph as a table of edges, read level by level: recursive SQL would walk cycles and cannot be bounded. */
export const sqlLineageStore: LineageStore = {
  insert: async (tx, edges, createdAtMs) => {
    for (let start = 0; start < edges.length; start += CHUNK) {
      await tx
        .sql<TrackingTables>()
        .insertInto('tracking_edge')
        .values(edges.slice(start, start + CHUNK).map((edge) => toRow(edge, createdAtMs)))
        .onConflict((c) => c.columns(['from_kind', 'from_id', 'to_kind', 'to_id', 'relation']).doNothing())
        .execute();
    }
  },
  edgesAt: async (reader, nodes, { side, limit }) => {
    const [kindColumn, idColumn] =
      side === 'up' ? (['to_kind', 'to_id'] as const) : (['from_kind', 'from_id'] as const);
    const found: EdgeRow[] = [];
    for (const [kind, ids] of idsByKind(nodes)) {
      for (let start = 0; start < ids.length; start += CHUNK) {
        if (found.length >= limit) break;
        const rows = await reader
          .sql<TrackingTables>()
          .selectFrom('tracking_edge')
          .selectAll()
          .where(kindColumn, '=', kind)
          .where(idColumn, 'in', ids.slice(start, start + CHUNK))
          .orderBy('created_at_ms')
          .orderBy('from_kind')
          .orderBy('from_id')
          .orderBy('to_kind')
          .orderBy('to_id')
          .limit(limit - found.length)
          .execute();
        found.push(...rows);
      }
    }
    return found.map(toEdge);
  },
  move: async (tx, moves) => {
    const sql = tx.sql<TrackingTables>();
    for (const { from, to } of moves) {
      for (const end of ['from', 'to'] as const) {
        const [kind, id] = [`${end}_kind`, `${end}_id`] as const;
        const rows = await sql
          .deleteFrom('tracking_edge')
          .where(kind, '=', from.kind)
          .where(id, '=', from.id)
          .returningAll()
          .execute();
        const moved = rows.map((row) => ({ ...row, [kind]: to.kind, [id]: to.id }));
        for (let start = 0; start < moved.length; start += CHUNK) {
          await sql
            .insertInto('tracking_edge')
            .values(moved.slice(start, start + CHUNK))
            .onConflict((c) => c.columns(['from_kind', 'from_id', 'to_kind', 'to_id', 'relation']).doNothing())
            .execute();
        }
      }
    }
  },
};

function idsByKind(nodes: readonly LineageNode[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { kind, id } of nodes) groups.set(kind, [...(groups.get(kind) ?? []), id]);
  return groups;
}

function toRow({ from, to, relation }: LineageEdge, createdAtMs: number): EdgeRow {
  return {
    from_kind: from.kind,
    from_id: from.id,
    to_kind: to.kind,
    to_id: to.id,
    relation,
    created_at_ms: createdAtMs,
  };
}

function toEdge(row: EdgeRow): LineageEdge {
  return {
    from: { kind: row.from_kind, id: row.from_id },
    to: { kind: row.to_kind, id: row.to_id },
    relation: row.relation,
  };
}
