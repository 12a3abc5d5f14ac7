import { type Reader, rawQuery } from '../../platform/db/index.js';
import type { Stretch } from './bucket-rules.js';
import type { Level } from './sample-tables.sql.js';

/** Where points of a stretch are looked for: their samples of a level, or (null) the points themselves. */
export type Source = Level | null;

/** Kinds of points that a chart keeps besides the first and the last of a bucket. */
export type Kind = 'smallest' | 'greatest' | 'nan' | 'infinite' | 'negative-infinite';

interface SummaryRow {
  readonly i: number;
  /** Null when there is no finite value. */
  readonly smallest: number | null;
  readonly greatest: number | null;
}

type Found<Column extends string> = { readonly i: number } & Readonly<Record<Column, number | null>>;
type MomentRow = Found<'step' | 'timestamp_ms'>;
type EdgeRow = Found<'next_step' | 'next_ms' | 'previous_step' | 'previous_ms'>;
const END_COLUMNS = ['step', 'timestamp_ms', 'value', 'special'] as const;
type EndRow = Found<`${'first' | 'last'}_${(typeof END_COLUMNS)[number]}`>;

const GREATEST = '1.7976931348623157e308';
const FINITE = `p.special = 0 and p.value between -${GREATEST} and ${GREATEST}`;
export const NOT_FINITE = `(p.special = 1 or p.value > ${GREATEST} or p.value < -${GREATEST})`;
const WITHIN = `p.step >= c.from_step and p.step <= c.to_step
  and (p.step, p.timestamp_ms) >= (c.from_step, c.from_ms) and (p.step, p.timestamp_ms) < (c.to_step, c.to_ms)`;
const KINDS: Readonly<Record<Kind, { where: string; order: string }>> = {
  smallest: { where: FINITE, order: 'p.value, p.step, p.timestamp_ms' },
  greatest: { where: FINITE, order: 'p.value desc, p.step, p.timestamp_ms' },
  nan: { where: 'p.special = 1', order: 'p.step, p.timestamp_ms' },
  infinite: { where: `p.special = 0 and p.value > ${GREATEST}`, order: 'p.step, p.timestamp_ms' },
  'negative-infinite': { where: `p.special = 0 and p.value < -${GREATEST}`, order: 'p.step, p.timestamp_ms' },
};

/** How many points each stretch has. */
export function countsOf(reader: Reader, no: number, source: Source, stretches: readonly Stretch[]) {
  const points = source === null ? 'count(*)' : 'coalesce(sum(p.points), 0)';
  const column = `cast((select ${points} from ${from(source)} and ${WITHIN}) as bigint) as points`;
  return ask<{ i: number; points: number }>(reader, no, column, stretches);
}

/** Between which values the points of each stretch are. `anyOdd` false: none of the series is NaN or infinite. */
export function summaries(
  reader: Reader,
  no: number,
  { source, anyOdd }: { source: Source; anyOdd: boolean },
  stretches: readonly Stretch[],
) {
  const of = (what: string) => `(select ${what} from ${from(source)} and ${WITHIN}${anyOdd ? ` and ${FINITE}` : ''})`;
  const columns = `${of('min(p.value)')} as smallest, ${of('max(p.value)')} as greatest`;
  return ask<SummaryRow>(reader, no, columns, stretches);
}

/** The moment of the first point of a kind in each stretch; nulls where there is none. */
export function momentsOf(
  reader: Reader,
  no: number,
  { source, kind, anyOdd }: { source: Source; kind: Kind; anyOdd: boolean },
  stretches: readonly Stretch[],
) {
  const { where, order } = KINDS[kind];
  const chosen = where === FINITE && !anyOdd ? '' : `and ${where}`;
  const columns = ['step', 'timestamp_ms'].map(
    (column) =>
      `(select p.${column} from ${from(source)} and ${WITHIN} ${chosen} order by ${order} limit 1) as ${column}`,
  );
  return ask<MomentRow>(reader, no, columns.join(', '), stretches);
}

/** The first and the last point of each stretch; nulls where there is none. */
export function endsOf(reader: Reader, no: number, stretches: readonly Stretch[]) {
  const columns = END_COLUMNS.flatMap((column) => [
    `(select p.${column} from ${from(null)} and ${WITHIN} order by p.step, p.timestamp_ms, p.value limit 1)
      as first_${column}`,
    `(select p.${column} from ${from(null)} and ${WITHIN} order by p.step desc, p.timestamp_ms desc, p.value desc limit 1)
      as last_${column}`,
  ]);
  return ask<EndRow>(reader, no, columns.join(', '), stretches);
}

/** The first beginning of a chunk from each stretch's first moment on, and the last one up to its end. */
export function edgesOf(reader: Reader, no: number, level: Level, stretches: readonly Stretch[]) {
  const begins = `${from(level)} and p.points > 0`;
  const columns = [
    ['step', 'step'],
    ['timestamp_ms', 'ms'],
  ].flatMap(([column, name]) => [
    `(select p.${column} from ${begins} and (p.step, p.timestamp_ms) >= (c.from_step, c.from_ms)
      order by p.step, p.timestamp_ms limit 1) as next_${name}`,
    `(select p.${column} from ${begins} and (p.step, p.timestamp_ms) <= (c.to_step, c.to_ms)
      order by p.step desc, p.timestamp_ms desc limit 1) as previous_${name}`,
  ]);
  return ask<EdgeRow>(reader, no, columns.join(', '), stretches);
}

function from(source: Source): string {
  return source === null
    ? 'tracking_point p where p.series_no = c.no'
    : `tracking_sample p where p.series_no = c.no and p.level = ${source.level}`;
}

const SQLITE = `select ? as no, key as i, json_extract(value, '$[0]') as from_step, json_extract(value, '$[1]') as from_ms,
  json_extract(value, '$[2]') as to_step, json_extract(value, '$[3]') as to_ms from json_each(?)`;
const POSTGRES = `select ?::integer as no, (u.i - 1)::integer as i, u.from_step, u.from_ms, u.to_step, u.to_ms
  from unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
  with ordinality as u (from_step, from_ms, to_step, to_ms, i)`;

/** One row per stretch, `i` its place. Subqueries of one value each: SQLite has no lateral joins, and both read along the key. */
function ask<Row>(reader: Reader, no: number, columns: string, stretches: readonly Stretch[]): Promise<Row[]> {
  if (stretches.length === 0) return Promise.resolve([]);
  const rows = stretches.map(({ from: { step, timestampMs }, to }) => [step, timestampMs, to.step, to.timestampMs]);
  const isSqlite = reader.dialect === 'sqlite';
  const parameters = isSqlite ? [JSON.stringify(rows)] : [0, 1, 2, 3].map((at) => `{${rows.map((row) => row[at])}}`);
  const text = `with c as materialized (${isSqlite ? SQLITE : POSTGRES}) select c.i, ${columns} from c order by c.i`;
  return rawQuery<Row>(reader, text, [no, ...parameters]);
}
