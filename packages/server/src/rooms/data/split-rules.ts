import { isName } from '@fairlead/kernel';
import { id, text } from './cell-sql-rules.js';
import type { DatasetVersion, SplitSpec } from './data-types.js';

interface TimeRange {
  readonly name: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

type SplitOf<B extends SplitSpec['by']> = Extract<SplitSpec, { by: B }>;

/** ISO 8601 (without a zone: UTC) or epoch milliseconds as text; NaN for anything else. */
export function parseTime(value: string): number {
  if (/^-?\d{5,16}$/.test(value)) return Number(value);
  if (!/^\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?)?)?(Z|[+-]\d{2}:?\d{2})?$/.test(value))
    return Number.NaN;
  const zoned = /(Z|T.*[+-]\d{2}:?\d{2}| .*[+-]\d{2}:?\d{2})$/.test(value) || !/[T ]/.test(value);
  return Date.parse(`${value.replace(' ', 'T')}${zoned ? '' : 'Z'}`);
}

/** The parts of a time split as half-open ranges, earliest first. Open ends are infinite. */
function timeRanges(spec: SplitOf<'time'>): TimeRange[] {
  return Object.entries(spec.parts)
    .map(([name, { from, until }]) => ({
      name,
      fromMs: from === undefined ? Number.NEGATIVE_INFINITY : parseTime(from),
      untilMs: until === undefined ? Number.POSITIVE_INFINITY : parseTime(until),
    }))
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** Why a version cannot be split so, or undefined. */
export function findSplitProblem(version: DatasetVersion, spec: SplitSpec): string | undefined {
  const names = Object.keys(spec.parts);
  if (names.length === 0) return 'it names no part';
  const odd = names.find((name) => !isName(name));
  if (odd !== undefined) return `"${odd}" is not a name for a part`;
  if (spec.by === 'time') return findRangeProblem(version, spec);
  if (spec.by === 'group' && !version.columns.some((column) => column.name === spec.column)) {
    return `the version has no column ${spec.column}`;
  }
  if (!Number.isInteger(spec.seed) || spec.seed < 0 || spec.seed > 0xffffffff)
    return `the seed ${spec.seed} is not a whole number from 0 to 4294967295`;
  const ratios = Object.values(spec.parts);
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  if (ratios.some((ratio) => !(ratio > 0))) return 'every ratio must be above 0';
  return Math.abs(total - 1) > 1e-9 ? `the ratios sum to ${total}, not to 1` : undefined;
}

function findRangeProblem(version: DatasetVersion, spec: SplitOf<'time'>): string | undefined {
  if (version.time === null) return 'the dataset has no time';
  const ranges = timeRanges(spec);
  const unread = ranges.find((range) => Number.isNaN(range.fromMs) || Number.isNaN(range.untilMs));
  if (unread !== undefined) return `the range of ${unread.name} is neither ISO 8601 nor epoch milliseconds`;
  const empty = ranges.find((range) => range.fromMs >= range.untilMs);
  if (empty !== undefined) return `the range of ${empty.name} ends before it begins`;
  for (const [i, range] of ranges.entries()) {
    const next = ranges[i + 1];
    if (next !== undefined && next.fromMs < range.untilMs) return `${range.name} and ${next.name} overlap`;
  }
  return undefined;
}

/**
 * SQL over the table `base` (a version's rows): `__row_id` and `__part`, one of the part names or `-label`, `-outside`,
 * `-overlap` for rows that are in none. Pseudo-random orders are md5 of seed and row id (or group), so that they are the
 * same on every machine and whatever the number of threads.
 */
export function assignSql(version: DatasetVersion, spec: SplitSpec): string {
  const known = version.label === null ? 'true' : `${id(version.label.name)} is not null`;
  if (spec.by === 'time') return timeSql(version, spec, known);
  const names = Object.keys(spec.parts);
  const ends = cumulative(Object.values(spec.parts));
  const part = (position: string) => {
    const below = (i: number) => (i === names.length - 1 ? 'true' : `${position} < round(${ends[i]} * __n)`);
    return `case ${names.map((name, i) => `when ${below(i)} then ${text(name)}`).join(' ')} end`;
  };
  const unlabelled = `select __row_id, '-label' as __part from base where not (${known})`;
  if (spec.by === 'random') {
    const order = `row_number() over (order by md5(${text(`${spec.seed}:`)} || __row_id), __row_id) - 1`;
    return `with ranked as (select __row_id, ${order} as __at, count(*) over () as __n from base where ${known})
      select __row_id, ${part('__at')} as __part from ranked union all ${unlabelled}`;
  }
  const key = `case when ${id(spec.column)} is null then '' else '=' || ${id(spec.column)}::varchar end`;
  const order = `order by md5(${text(`${spec.seed}:`)} || __key), __key rows between unbounded preceding and current row`;
  return `with keyed as (select __row_id, ${key} as __key from base where ${known}),
    sizes as (select __key, count(*) as __size from keyed group by __key),
    placed as (select __key, sum(__size) over (${order}) - __size / 2 as __at, sum(__size) over () as __n from sizes)
    select __row_id, ${part('__at')} as __part from keyed join placed using (__key) union all ${unlabelled}`;
}

function timeSql(version: DatasetVersion, spec: SplitOf<'time'>, known: string): string {
  const time = `epoch_us(${id(version.time ?? '')}) / 1000`;
  const ranges = timeRanges(spec);
  const horizonMs = spec.labelOverlap === 'allow' ? null : (version.label?.horizonMs ?? null);
  const cases = ranges.flatMap((range, i) => {
    const inside = [
      ...(Number.isFinite(range.fromMs) ? [`__ms >= ${range.fromMs}`] : []),
      ...(Number.isFinite(range.untilMs) ? [`__ms < ${range.untilMs}`] : []),
    ].join(' and ');
    const next = ranges[i + 1];
    const guard =
      horizonMs === null || next === undefined
        ? []
        : [`when ${inside || 'true'} and __ms + ${horizonMs} >= ${next.fromMs} then '-overlap'`];
    return [...guard, `when ${inside || 'true'} then ${text(range.name)}`];
  });
  return `select __row_id, case when not (${known}) then '-label' ${cases.join(' ')} else '-outside' end as __part
    from (select *, ${time} as __ms from base)`;
}

function cumulative(ratios: readonly number[]): number[] {
  let sum = 0;
  return ratios.map((ratio) => {
    sum += ratio;
    return sum;
  });
}
