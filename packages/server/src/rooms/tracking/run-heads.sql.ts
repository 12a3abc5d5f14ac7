import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import type { Lifecycle } from './experiment-types.js';
import type { RunEnvironment, RunStatus } from './run-types.js';
import type { RunHead } from './tracking-store.js';

const COLUMNS = [
  ...['no', 'experiment_no', 'id', 'name', 'status', 'lifecycle', 'parent_run_id', 'started_at_ms', 'ended_at_ms'],
  ...['created_by', 'user_name', 'run_group', 'note', 'environment'],
];
const VALUES = [...COLUMNS.map((column) => `r.${column}`), 'e.id', 'e.artifact_root'].join(', ');

/** One text of JSON per run: it carries texts, whole numbers and null exactly, and a cell costs more than its text. */
export const HEAD: Readonly<Record<Dialect, string>> = {
  sqlite: `json_array(${VALUES})`,
  postgres: `json_build_array(${VALUES})::text`,
};

export type HeadValues = readonly [
  ...[no: number, experimentNo: number, id: string, name: string, status: RunStatus, lifecycle: Lifecycle],
  ...[parentRunId: string | null, startedAtMs: number, endedAtMs: number | null, createdBy: string, userName: string],
  ...[group: string | null, note: string, environment: string | null, experimentId: string, experimentRoot: string],
];

export const RUN_TABLES = 'tracking_run r join tracking_experiment e on e.no = r.experiment_no';

/** Runs by a condition of constant text. */
export async function runHeads(reader: Reader, rest: string, parameters: readonly unknown[]): Promise<RunHead[]> {
  const text = `select ${HEAD[reader.dialect]} as head from ${RUN_TABLES} ${rest}`;
  const rows = await rawQuery<{ head: string }>(reader, text, parameters);
  return rows.map(({ head }) => toHead(JSON.parse(head)));
}

// Each by itself: a plan for all ids at once, from when there were few runs, would read every run.
const LOCK = `select h.head from unnest(?::text[]) as g (id) cross join lateral
  (select ${HEAD.postgres} as head from ${RUN_TABLES} where r.id = g.id for update of r) h`;

/** On PostgreSQL: runs by their ids, locked one after the other. */
export async function lockedHeads(tx: Reader, ids: readonly string[]): Promise<RunHead[]> {
  return (await rawQuery<{ head: string }>(tx, LOCK, [ids])).map(({ head }) => toHead(JSON.parse(head)));
}

/** By places: parting the list by a pattern with a rest took three times as long, and pages have a thousand of them. */
export function toHead(values: HeadValues): RunHead {
  const environment = values[13];
  return {
    no: values[0],
    experimentNo: values[1],
    id: values[2],
    experimentId: values[14],
    name: values[3],
    status: values[4],
    lifecycle: values[5],
    parentRunId: values[6],
    startedAtMs: values[7],
    endedAtMs: values[8],
    createdBy: values[9],
    userName: values[10],
    environment: environment === null ? null : (JSON.parse(environment) as RunEnvironment),
    artifactRoot: `${values[15]}/${values[2]}/artifacts`,
    group: values[11],
    note: values[12],
  };
}
