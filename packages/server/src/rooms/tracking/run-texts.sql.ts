import { type Dialect, type GatheredOperation, type Reader, rawQuery } from '../../platform/db/index.js';
import type { StoredParams } from './tracking-store.js';

/** Parameters or tags of one run. */
interface TextsOfRun {
  readonly no: number;
  readonly texts: Readonly<Record<string, string>>;
}

/** Adds params of runs; those that are there stay as they are. */
export function insertParams(tx: Reader, runs: readonly TextsOfRun[]): Promise<void> {
  const insert = 'insert into tracking_param (run_no, key, value)';
  return writeTexts(tx, { insert, rest: 'on conflict (run_no, key) do nothing' }, runs);
}

export function upsertTags(tx: Reader, runs: readonly TextsOfRun[]): Promise<void> {
  const insert = 'insert into tracking_tag (run_no, key, value)';
  return writeTexts(tx, { insert, rest: 'on conflict (run_no, key) do update set value = excluded.value' }, runs);
}

/** Adds params of runs and gives what each has then. */
export const writeParams: GatheredOperation<TextsOfRun, StoredParams> = async (tx, runs) => {
  if (tx.dialect === 'postgres') return writeNewParams(tx, runs);
  const known = runs.map(({ no, texts }) =>
    rawQuery<KnownRow>(tx, KNOWN_PARAMS, [no, JSON.stringify(Object.keys(texts)), no]),
  );
  const [before] = await Promise.all([Promise.all(known), insertParams(tx, runs)]);
  return runs.map(({ texts }, i) => {
    const [row] = before[i] ?? [];
    const values: Readonly<Record<string, string>> = JSON.parse(row?.known ?? '{}');
    const fresh = Object.keys(texts).length - Object.keys(values).length;
    return { values: { ...texts, ...values }, count: fresh === 0 ? 0 : fresh + (row?.count ?? 0) };
  });
};

/** Sets tags of runs and gives how many each has then. */
export const writeTags: GatheredOperation<TextsOfRun, number> = async (tx, runs) => {
  const [, counts] = await Promise.all([
    upsertTags(tx, runs),
    rawQuery<{ n: number }>(tx, COUNT_TAGS[tx.dialect], [numbers(tx, runs)]),
  ]);
  return counts.map(({ n }) => n);
};

const COUNT_TAGS: Readonly<Record<Dialect, string>> = {
  sqlite: 'select (select count(*) from tracking_tag where run_no = r.value) as n from json_each(?) r order by r.key',
  postgres: `select (select count(*) from tracking_tag where run_no = r.no) as n
    from unnest(?::bigint[]) with ordinality as r (no, place) order by r.place`,
};

function numbers({ dialect }: Reader, runs: readonly TextsOfRun[]): unknown {
  const nos = runs.map(({ no }) => no);
  return dialect === 'sqlite' ? JSON.stringify(nos) : nos;
}

interface KnownRow {
  readonly known: string | null;
  readonly count: number;
}

const KNOWN_PARAMS = `select (select json_group_object(key, value) from tracking_param where run_no = ?
    and key in (select value from json_each(?))) as known,
  (select count(*) from tracking_param where run_no = ?) as count`;

/** On PostgreSQL: values are read only of runs that had some of the params; hardly any has. */
async function writeNewParams(tx: Reader, runs: readonly TextsOfRun[]): Promise<StoredParams[]> {
  const { nos, keys, values } = columnsOf(runs);
  const parameters = [nos, keys, values, numbers(tx, runs)];
  const rows = await rawQuery<{ fresh: number; count: number }>(tx, WRITE_PARAMS, parameters);
  const repeated = runs.filter(({ texts }, i) => rows[i]?.fresh !== Object.keys(texts).length);
  const stored = repeated.length === 0 ? [] : await paramsOf(tx, repeated);
  return runs.map((run, i) => {
    const { fresh = 0, count = 0 } = rows[i] ?? {};
    const own = stored.filter(({ run_no }) => run_no === run.no).map(({ key, value }) => [key, value] as const);
    return {
      values: repeated.includes(run) ? Object.fromEntries(own) : run.texts,
      count: fresh === 0 ? 0 : fresh + count,
    };
  });
}

// The count is that of before the statement.
const WRITE_PARAMS = `with written as (insert into tracking_param (run_no, key, value)
    select * from unnest(?::bigint[], ?::text[], ?::text[]) on conflict (run_no, key) do nothing returning run_no)
  select (select count(*) from written w where w.run_no = r.no) as fresh,
    (select count(*) from tracking_param p where p.run_no = r.no) as count
  from unnest(?::bigint[]) with ordinality as r (no, place) order by r.place`;

interface ParamRow {
  readonly run_no: number;
  readonly key: string;
  readonly value: string;
}

// Looked up one by one: a plan from when there were few params would read all of them for a join.
const PARAMS_OF = `select g.run_no, g.key,
    (select p.value from tracking_param p where p.run_no = g.run_no and p.key = g.key) as value
  from unnest(?::bigint[], ?::text[]) as g (run_no, key)`;

async function paramsOf(tx: Reader, runs: readonly TextsOfRun[]): Promise<ParamRow[]> {
  const { nos, keys } = columnsOf(runs);
  return rawQuery<ParamRow>(tx, PARAMS_OF, [nos, keys]);
}

/** Every text with the number of its run beside it. */
function columnsOf(runs: readonly TextsOfRun[]) {
  const entries = runs.flatMap(({ no, texts }) => Object.entries(texts).map(([key, value]) => ({ no, key, value })));
  return {
    nos: entries.map(({ no }) => no),
    keys: entries.map(({ key }) => key),
    values: entries.map(({ value }) => value),
  };
}

/** As a parameter or three: the statement is the same for any number of texts. */
async function writeTexts(
  tx: Reader,
  { insert, rest }: { readonly insert: string; readonly rest: string },
  runs: readonly TextsOfRun[],
): Promise<void> {
  if (tx.dialect === 'sqlite') {
    // Without a condition SQLite would take ON for a part of the join.
    const text = `${insert} select ?, key, value from json_each(?) where true ${rest}`;
    await Promise.all(runs.map(({ no, texts }) => rawQuery(tx, text, [no, JSON.stringify(texts)])));
    return;
  }
  const { nos, keys, values } = columnsOf(runs);
  await rawQuery(tx, `${insert} select * from unnest(?::bigint[], ?::text[], ?::text[]) ${rest}`, [nos, keys, values]);
}
