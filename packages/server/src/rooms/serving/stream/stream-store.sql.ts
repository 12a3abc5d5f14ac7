import type { Reader, RoomMigrations, Tx } from '../../../platform/db/index.js';
import type { StreamSpec } from './stream-types.js';

interface Tables {
  serving_stream: { name: string; spec: string };
  serving_stream_seen: { stream: string; message_id: string; at_ms: number };
}

export const servingStreamMigrations: RoomMigrations = {
  room: 'serving-stream',
  migrations: [
    {
      id: '001-streams',
      up: async (db) => {
        await db.schema
          .createTable('serving_stream')
          .addColumn('name', 'text', (c) => c.primaryKey())
          .addColumn('spec', 'text', (c) => c.notNull())
          .execute();
        await db.schema
          .createTable('serving_stream_seen')
          .addColumn('stream', 'text', (c) => c.notNull())
          .addColumn('message_id', 'text', (c) => c.notNull())
          .addColumn('at_ms', 'bigint', (c) => c.notNull())
          .addPrimaryKeyConstraint('serving_stream_seen_pk', ['stream', 'message_id'])
          .execute();
        await db.schema
          .createIndex('serving_stream_seen_by_time')
          .on('serving_stream_seen')
          .columns(['stream', 'at_ms'])
          .execute();
      },
    },
  ],
};

/** Declared streams, and the ids of the messages that were answered. */
export interface StreamStore {
  list(reader: Reader): Promise<StreamSpec[]>;
  save(tx: Tx, spec: StreamSpec): Promise<void>;
  remove(tx: Tx, name: string): Promise<void>;
  /** Which of these ids were answered. */
  seen(reader: Reader, stream: string, ids: readonly string[]): Promise<Set<string>>;
  /** Ids that are there already stay as they are. */
  remember(tx: Tx, stream: string, ids: readonly string[], atMs: number): Promise<void>;
  forget(tx: Tx, stream: string, beforeMs: number): Promise<void>;
}

export function createStreamStore(): StreamStore {
  return {
    list: async (reader) => {
      const rows = await reader.sql<Tables>().selectFrom('serving_stream').select('spec').orderBy('name').execute();
      return rows.map(({ spec }) => JSON.parse(spec) as StreamSpec);
    },
    save: async (tx, spec) => {
      const row = { name: spec.name, spec: JSON.stringify(spec) };
      await tx
        .sql<Tables>()
        .insertInto('serving_stream')
        .values(row)
        .onConflict((on) => on.column('name').doUpdateSet({ spec: row.spec }))
        .execute();
    },
    remove: async (tx, name) => {
      await tx.sql<Tables>().deleteFrom('serving_stream').where('name', '=', name).execute();
      await tx.sql<Tables>().deleteFrom('serving_stream_seen').where('stream', '=', name).execute();
    },
    seen: async (reader, stream, ids) => {
      if (ids.length === 0) return new Set();
      const rows = await reader
        .sql<Tables>()
        .selectFrom('serving_stream_seen')
        .select('message_id')
        .where('stream', '=', stream)
        .where('message_id', 'in', [...ids])
        .execute();
      return new Set(rows.map(({ message_id }) => message_id));
    },
    remember: async (tx, stream, ids, atMs) => {
      if (ids.length === 0) return;
      await tx
        .sql<Tables>()
        .insertInto('serving_stream_seen')
        .values(ids.map((id) => ({ stream, message_id: id, at_ms: atMs })))
        .onConflict((on) => on.columns(['stream', 'message_id']).doNothing())
        .execute();
    },
    forget: async (tx, stream, beforeMs) => {
      await tx
        .sql<Tables>()
        .deleteFrom('serving_stream_seen')
        .where('stream', '=', stream)
        .where('at_ms', '<', beforeMs)
        .execute();
    },
  };
}
