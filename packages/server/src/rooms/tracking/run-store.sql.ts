import { sql } from 'kysely';
import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import { isOneOf } from '../../platform/search/index.js';
import { runHeads } from './run-heads.sql.js';
import { readRuns } from './run-reading.sql.js';
import { searchRuns } from './run-search.sql.js';
import type { NewRunHead, RunStore } from './tracking-store.js';
import { tables } from './tracking-tables.sql.js';

/** Runs with their params and tags, on either engine. */
export const sqlRunStore: RunStore = {
  insert: insertRun,
  lock: async (tx, id) => {
    const [head] = await runHeads(tx, tx.dialect === 'postgres' ? `${BY_ID} for update of r` : BY_ID, [id]);
    return head;
  },
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
  params: async (reader, no, keys) => {
    const given = reader.dialect === 'sqlite' ? JSON.stringify(keys) : keys;
    const [row] = await rawQuery<{ known: string | null; count: number }>(reader, PARAMS[reader.dialect], [
      no,
      given,
      no,
    ]);
    return { values: JSON.parse(row?.known ?? '{}'), count: row?.count ?? 0 };
  },
  insertParams: (tx, no, params) =>
    writeTexts(tx, 'insert into tracking_param (run_no, key, value)', {
      no,
      entries: params,
      rest: 'on conflict (run_no, key) do nothing',
    }),
  upsertTags: (tx, no, tags) =>
    writeTexts(tx, 'insert into tracking_tag (run_no, key, value)', {
      no,
      entries: tags,
      rest: 'on conflict (run_no, key) do update set value = excluded.value',
    }),
  removeTags: async (tx, no, keys) => {
    const { numDeletedRows } = await tables(tx)
      .deleteFrom('tracking_tag')
      .where('run_no', '=', no)
      .where(isOneOf(tx.dialect, sql.ref('key'), keys))
      .executeTakeFirst();
    return Number(numDeletedRows);
  },
  countTags: async (reader, no) => {
    const [row] = await rawQuery<{ n: number }>(reader, 'select count(*) as n from tracking_tag where run_no = ?', [
      no,
    ]);
    return row?.n ?? 0;
  },
};

const KNOWN = 'from tracking_param where run_no = ? and key';
const COUNT = '(select count(*) from tracking_param where run_no = ?) as count';
const PARAMS: Readonly<Record<Dialect, string>> = {
  sqlite: `select (select json_group_object(key, value) ${KNOWN} in (select value from json_each(?))) as known, ${COUNT}`,
  postgres: `select (select json_object_agg(key, value)::text ${KNOWN} = any(?::text[])) as known, ${COUNT}`,
};

const BY_ID = 'where r.id = ?';

/** Texts under keys of one run, as one parameter each way: the statement is the same for any number of them. */
async function writeTexts(
  tx: Reader,
  insert: string,
  { no, entries, rest }: { no: number; entries: Readonly<Record<string, string>>; rest: string },
): Promise<void> {
  if (Object.keys(entries).length === 0) return;
  if (tx.dialect === 'sqlite') {
    // Without a condition SQLite would take ON for a part of the join.
    const text = `${insert} select ?, key, value from json_each(?) where true ${rest}`;
    await rawQuery(tx, text, [no, JSON.stringify(entries)]);
    return;
  }
  const text = `${insert} select ?, * from unnest(?::text[], ?::text[]) ${rest}`;
  await rawQuery(tx, text, [no, Object.keys(entries), Object.values(entries)]);
}

const INSERT = `insert into tracking_run (experiment_no, id, name, status, lifecycle, parent_run_id, started_at_ms,
  ended_at_ms, created_by, user_name, run_group, note, environment, deleted_with_experiment)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0) returning no`;

async function insertRun(tx: Reader, run: NewRunHead): Promise<number> {
  const [row] = await rawQuery<{ no: number }>(tx, INSERT, [
    ...[run.experimentNo, run.id, run.name, run.status, run.lifecycle, run.parentRunId, run.startedAtMs, run.endedAtMs],
    ...[run.createdBy, run.userName, run.group, run.note],
    run.environment === null ? null : JSON.stringify(run.environment),
  ]);
  return row?.no as number;
}
