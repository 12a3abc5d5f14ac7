import { type RawBuilder, sql } from 'kysely';
import { type Dialect, type Reader, rawQuery } from '../../platform/db/index.js';
import type { Position, SortColumn } from '../../platform/search/index.js';
import { RUN_TABLES } from './run-heads.sql.js';
import { type RunReading, readRunText, runText } from './run-text.sql.js';
import type { Run } from './run-types.js';

const EVERYTHING: RunReading = { parts: ['params', 'tags', 'metrics'], links: false };

interface NumberedRun {
  readonly no: number;
  readonly run: Run;
}

/** Runs by a condition of constant text, in any order. */
export async function readRuns(
  reader: Reader,
  rest: string,
  parameters: readonly unknown[],
  reading = EVERYTHING,
): Promise<NumberedRun[]> {
  const text = `select ${runText(reader.dialect, reading)} as run from ${RUN_TABLES} ${rest}`;
  const rows = await rawQuery<{ run: string }>(reader, text, parameters);
  return rows.map(({ run }) => readRunText(run));
}

/** In the order of the numbers. */
export async function runsByNo(reader: Reader, nos: readonly number[], reading: RunReading): Promise<Run[]> {
  if (nos.length === 0) return [];
  const found = await (reader.dialect === 'sqlite'
    ? readRuns(reader, 'where r.no in (select value from json_each(?))', [JSON.stringify(nos)], reading)
    : readRuns(reader, 'where r.no = any(?::bigint[])', [nos], reading));
  const byNo = new Map(found.map(({ no, run }) => [no, run]));
  return nos.flatMap((no) => byNo.get(no) ?? []);
}

/** A page of runs, and where it ends when there are more. */
export interface RunPage {
  readonly runs: readonly Run[];
  readonly position: Position | null;
}

/**
 * The runs of a page in one question: `select` gives their numbers as `no` and the values of the order as `p0`, `p1` …, in that
 * order and one more than `limit` if there are more.
 */
export async function readPage(
  reader: Reader,
  page: { readonly select: RawBuilder<unknown>; readonly columns: readonly SortColumn[]; readonly limit: number },
  reading: RunReading,
): Promise<RunPage> {
  const { select, columns, limit } = page;
  const { dialect } = reader;
  const { sql: text, parameters } = sql`
    with page as materialized (select q.*, row_number() over () as ord from (${select}) q)
    select p.ord, ${sql.raw(runText(dialect, reading))} as run,
      case when p.ord = ${limit} and (select max(ord) from page) > ${limit} then ${sql.raw(ends(dialect, columns))} end as ends
    from page p cross join tracking_run r cross join tracking_experiment e
    where p.ord <= ${limit} and r.no = p.no and e.no = r.experiment_no`.compile(reader.sql());
  const rows = await rawQuery<{ ord: number; run: string; ends: string | null }>(reader, text, parameters);
  const runs: Run[] = [];
  let position: Position | null = null;
  for (const row of rows) {
    runs[row.ord - 1] = readRunText(row.run).run;
    if (row.ends !== null) position = toPosition(JSON.parse(row.ends), columns);
  }
  return { runs, position };
}

/** Numbers as texts, as in a run's: exact, and with infinities. */
function ends(dialect: Dialect, columns: readonly SortColumn[]): string {
  const values = columns.map(({ kind }, index) => {
    if (dialect === 'postgres') return `p.p${index}::text`;
    return kind === 'text' ? `p.p${index}` : `printf('%!.17g', p.p${index})`;
  });
  return dialect === 'postgres' ? `json_build_array(${values.join(', ')})::text` : `json_array(${values.join(', ')})`;
}

function toPosition(values: readonly string[], columns: readonly SortColumn[]): Position {
  return values.map((value, index) =>
    columns[index]?.kind === 'number' ? Number(value.replace(/Inf$/, 'Infinity')) : value,
  );
}

/** The values of an order beside what a select gives. */
export function orderValues(columns: readonly Pick<SortColumn, 'expression'>[]): RawBuilder<unknown> {
  return sql.join(columns.map(({ expression }, index) => sql`${expression} as ${sql.ref(`p${index}`)}`));
}
