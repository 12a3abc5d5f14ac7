import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import { factsOf, valuesOf } from './run-facts.sql.js';
import type { Run, RunPart } from './run-types.js';
import type { RunFacts, RunHead } from './tracking-store.js';
import { type RunWithExperimentRow, toRunHead } from './tracking-tables.sql.js';

const COLUMNS = [
  ...['no', 'experiment_no', 'id', 'name', 'status', 'lifecycle', 'parent_run_id', 'started_at_ms', 'ended_at_ms'],
  ...['created_by', 'user_name', 'run_group', 'note', 'environment'],
];
const VALUES = [...COLUMNS.map((column) => `r.${column}`), 'e.id', 'e.artifact_root'].join(', ');

/** One text of JSON per run, for the same reason as its facts; JSON carries texts, whole numbers and null exactly. */
const HEAD: Readonly<Record<Dialect, string>> = {
  sqlite: `json_array(${VALUES}) as head`,
  postgres: `json_build_array(${VALUES})::text as head`,
};

interface HeadRow {
  readonly head: string;
}

const RUN_TABLES = 'tracking_run r join tracking_experiment e on e.no = r.experiment_no';

/** Runs by a condition of constant text. */
export async function runHeads(reader: Reader, rest: string, parameters: readonly unknown[]): Promise<RunHead[]> {
  const text = `select ${HEAD[reader.dialect]} from ${RUN_TABLES} ${rest}`;
  return (await rawQuery<HeadRow>(reader, text, parameters)).map(toHead);
}

function toHead({ head }: HeadRow): RunHead {
  const values = JSON.parse(head) as unknown[];
  const row = Object.fromEntries([...COLUMNS, 'experiment_id', 'experiment_root'].map((name, i) => [name, values[i]]));
  return toRunHead(row as unknown as RunWithExperimentRow);
}

/** In the order of the numbers. */
export async function runsByNo(reader: Reader, nos: readonly number[], parts?: readonly RunPart[]): Promise<Run[]> {
  if (nos.length === 0) return [];
  const heads = await (reader.dialect === 'sqlite'
    ? runHeads(reader, 'where r.no in (select value from json_each(?))', [JSON.stringify(nos)])
    : runHeads(reader, 'where r.no = any(?::bigint[])', [nos]));
  const byNo = new Map(heads.map((head) => [head.no, head]));
  return toRuns(
    reader,
    nos.flatMap((no) => byNo.get(no) ?? []),
    parts,
  );
}

const EVERY_PART: readonly RunPart[] = ['params', 'tags', 'metrics'];
const NOTHING: RunFacts = { params: {}, tags: {}, latest: [] };

/** Runs with what was logged to them, in the order of the heads. */
export async function toRuns(
  reader: Reader,
  heads: readonly RunHead[],
  parts: readonly RunPart[] = EVERY_PART,
): Promise<Run[]> {
  const facts = await factsOf(
    reader,
    heads.map(({ no }) => no),
    parts,
  );
  return heads.map(({ no, experimentNo: _, ...head }) => {
    const { params, tags, latest } = facts.get(no) ?? NOTHING;
    return { ...head, params, tags, metrics: valuesOf(latest), latest };
  });
}
