import { type RawBuilder, sql } from 'kysely';
import { type Dialect, type Reader, rawEach, rawQuery } from '../../platform/db/index.js';
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
  return (await readTexts(reader, rest, parameters, reading)).map(readRunText);
}

async function readTexts(
  reader: Reader,
  rest: string,
  parameters: readonly unknown[],
  reading: RunReading,
): Promise<string[]> {
  const text = `select ${runText(reader.dialect, reading)} as run from ${RUN_TABLES} ${rest}`;
  const rows = await rawQuery<{ run: string }>(reader, text, parameters);
  return rows.map(({ run }) => run);
}

/**
 * What becomes of each run of a page, at once when it has been read: a thousand runs of twenty entries that wait for each other
 * cost more to keep than to read.
 */
export interface RunsAs<T> extends RunReading {
  readonly as: (run: Run) => T;
}

/** In the order of the numbers. */
export async function runsByNo<T>(reader: Reader, nos: readonly number[], reading: RunsAs<T>): Promise<T[]> {
  if (nos.length === 0) return [];
  const [rest, parameter] =
    reader.dialect === 'sqlite'
      ? ['where r.no in (select value from json_each(?))', JSON.stringify(nos)]
      : ['where r.no = any(?::bigint[])', nos];
  const byNo = new Map<number, T>();
  for (const text of await readTexts(reader, rest, [parameter], reading)) {
    const { no, run } = readRunText(text);
    byNo.set(no, reading.as(run));
  }
  return nos.flatMap((no) => byNo.get(no) ?? []);
}

/** A page of runs, and where it ends when there are more. */
export interface RunPage<T> {
  readonly runs: readonly T[];
  readonly position: Position | null;
}

/**
 * The runs of a page in one question: `select` gives their numbers as `no` and the values of the order as `p0`, `p1` …, in that
 * order and one more than `limit` if there are more.
 */
export async function readPage<T>(
  reader: Reader,
  page: { readonly select: RawBuilder<unknown>; readonly columns: readonly SortColumn[]; readonly limit: number },
  reading: RunsAs<T>,
): Promise<RunPage<T>> {
  const { select, columns, limit } = page;
  const { dialect } = reader;
  const { sql: text, parameters } = sql`
    with page as materialized (select q.*, row_number() over () as ord from (${select}) q)
    select p.ord, ${sql.raw(runText(dialect, reading, { nos: 'select no from page', ids: `select p${columns.length - 1} from page` }))} as run,
      case when p.ord = ${limit} and (select max(ord) from page) > ${limit} then ${sql.raw(ends(dialect, columns))} end as ends
    from page p cross join tracking_run r cross join tracking_experiment e
    where p.ord <= ${limit} and r.no = p.no and e.no = r.experiment_no`.compile(reader.sql());
  const runs: T[] = [];
  let end: string | null = null;
  await rawEach<{ ord: number; run: string; ends: string | null }>(reader, { text, parameters }, (row) => {
    runs[row.ord - 1] = reading.as(readRunText(row.run).run);
    end ??= row.ends;
  });
  return { runs, position: end === null ? null : toPosition(JSON.parse(end), columns) };
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
