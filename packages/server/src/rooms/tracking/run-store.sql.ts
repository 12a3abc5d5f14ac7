import { sql } from 'kysely';
import { type Dialect, type GatheredOperation, gather, rawQuery } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import { lockedHeads, runHeads } from './run-heads.sql.js';
import { readRuns } from './run-reading.sql.js';
import { searchRuns } from './run-search.sql.js';
import { insertParams, upsertTags, writeParams, writeTags } from './run-texts.sql.js';
import type { NewRunHead, RunHead, RunStore } from './tracking-store.js';
import { tables } from './tracking-tables.sql.js';

/** Runs with their params and tags, on either engine. */
export const sqlRunStore: RunStore = {
  insert: (tx, run) => gather(tx, insertRuns, run),
  lock: (tx, id) => gather(tx, lockRuns, id),
  update: async (tx, no, { endedAtMs, group, parentRunId, deletedAtMs, ...change }) => {
    const row = {
      ...change,
      ...(endedAtMs !== undefined && { ended_at_ms: endedAtMs }),
      ...(group !== undefined && { run_group: group }),
      ...(parentRunId !== undefined && { parent_run_id: parentRunId }),
      ...(deletedAtMs !== undefined && { deleted_at_ms: deletedAtMs, deleted_with_experiment: 0 }),
    };
    await tables(tx).updateTable('tracking_run').set(row).where('no', '=', no).execute();
  },
  head: async (reader, id) => (await runHeads(reader, BY_ID, [id]))[0],
  run: async (reader, id) => (await readRuns(reader, BY_ID, [id])).at(0)?.run,
  runs: async (reader, ids) => {
    const found = await (reader.dialect === 'sqlite'
      ? readRuns(reader, 'where r.id in (select value from json_each(?))', [JSON.stringify(ids)])
      : readRuns(reader, 'where r.id = any(?::text[])', [ids]));
    const byId = new Map(found.map(({ run }) => [run.id, run]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  },
  existing: async (reader, ids) => {
    const rows = await tables(reader)
      .selectFrom('tracking_run')
      .select('id')
      .where(isOneOf(reader.dialect, sql.ref('id'), ids))
      .execute();
    return rows.map(({ id }) => id);
  },
  search: searchRuns,
  writeParams: (tx, no, params) => gather(tx, writeParams, { no, texts: params }),
  insertParams: (tx, no, params) => insertParams(tx, [{ no, texts: params }]),
  writeTags: (tx, no, tags) => gather(tx, writeTags, { no, texts: tags }),
  upsertTags: (tx, no, tags) => upsertTags(tx, [{ no, texts: tags }]),
  removeTags: async (tx, no, keys) => {
    const { numDeletedRows } = await tables(tx)
      .deleteFrom('tracking_tag')
      .where('run_no', '=', no)
      .where(isOneOf(tx.dialect, sql.ref('key'), keys))
      .executeTakeFirst();
    return Number(numDeletedRows);
  },
};

const BY_ID = 'where r.id = ?';

const lockRuns: GatheredOperation<string, RunHead | undefined> = async (tx, ids) => {
  if (tx.dialect === 'sqlite') return Promise.all(ids.map(async (id) => (await runHeads(tx, BY_ID, [id]))[0]));
  // In one order, so that two servers that lock the same runs cannot wait for each other for ever.
  const heads = new Map((await lockedHeads(tx, [...ids].sort())).map((head) => [head.id, head]));
  return ids.map((id) => heads.get(id));
};

const INSERTED = ['experiment_no', 'started_at_ms', 'ended_at_ms', 'id', 'name', 'status', 'lifecycle', 'parent_run_id']
  .concat(['created_by', 'user_name', 'run_group', 'note', 'environment'])
  .join(', ');
const INSERT: Readonly<Record<Dialect, string>> = {
  sqlite: `insert into tracking_run (${INSERTED}, deleted_with_experiment)
    values (${'?, '.repeat(13)}0) returning id, no`,
  postgres: `insert into tracking_run (${INSERTED}, deleted_with_experiment)
    select *, 0 from unnest(${'?::bigint[], '.repeat(3)}${'?::text[], '.repeat(9)}?::text[]) returning id, no`,
};

const insertRuns: GatheredOperation<NewRunHead, number> = async (tx, runs) => {
  const rows = runs.map((run) => [
    ...[run.experimentNo, run.startedAtMs, run.endedAtMs, run.id, run.name, run.status, run.lifecycle, run.parentRunId],
    ...[run.createdBy, run.userName, run.group, run.note],
    run.environment === null ? null : JSON.stringify(run.environment),
  ]);
  const insert = (values: readonly unknown[]) => rawQuery<{ id: string; no: number }>(tx, INSERT[tx.dialect], values);
  const inserted = await (tx.dialect === 'sqlite'
    ? Promise.all(rows.map(insert)).then((parts) => parts.flat())
    : insert(rows[0]?.map((_, column) => rows.map((row) => row[column])) ?? []));
  const numbers = new Map(inserted.map(({ id, no }) => [id, no]));
  return runs.map(({ id }) => numbers.get(id) as number);
};
