import { type Reader, rawQuery } from '../../platform/db/index.js';
import { type Moment, type Stretch, stretchesOf } from './bucket-rules.js';
import { compareMoments } from './chunk-rules.js';
import { COARSE, FINE, type Level, toMoment } from './sample-tables.sql.js';
import {
  countsOf,
  edgesOf,
  endsOf,
  type Kind,
  momentsOf,
  NOT_FINITE,
  type Source,
  summaries,
} from './stretch-queries.sql.js';
import { inOrder, thinOut } from './thin-out-rules.js';
import type { MetricStore } from './tracking-store.js';
import { type PointRow, toPoint } from './tracking-tables.sql.js';

/** Read as they are: quicker than looking for samples. */
const MAX_RAW = 16_384;
const KEY = 'step, timestamp_ms, value, special';
const WITHIN = 'from tracking_point p where series_no = ? and step >= ? and step <= ?';
const SERIES = 'select no, sealed_step, sealed_timestamp_ms from tracking_series where run_no = ? and key = ?';
const POINTS = `select ${KEY} ${WITHIN} order by step, timestamp_ms, value`;
const FIRST = `${POINTS} limit 1`;
const LAST = `select ${KEY} ${WITHIN} order by step desc, timestamp_ms desc, value desc limit 1`;
const COUNT = `select cast(coalesce(sum(points), 0) as bigint) as n from tracking_sample
  where series_no = ? and level = ${COARSE.level} and step >= ? and step <= ?`;
const ANY_ODD = `select 1 as odd where exists (select 1 from tracking_sample p
    where p.series_no = ? and p.level = ${COARSE.level} and ${NOT_FINITE})
  or exists (select 1 from tracking_point p where p.series_no = ? and p.step >= ?
    and (p.step, p.timestamp_ms) > (?, ?) and ${NOT_FINITE})`;

interface SeriesRow {
  readonly no: number;
  readonly sealed_step: number | null;
  readonly sealed_timestamp_ms: number | null;
}

/** A stretch, or what of it one source tells, with what is known of its points. */
interface Part {
  readonly source: Source;
  readonly stretch: Stretch;
  readonly smallest: number | null;
  readonly greatest: number | null;
}

type FoundPoint = Omit<ReturnType<typeof toPoint>, 'key'> & { readonly bucket: number };

/**
 * Points of a chart by step. Of a long series whole chunks are read by their samples and only what a bucket's edge leaves of a
 * chunk by its points, so the first, last, smallest and greatest of every bucket are what reading all of it would give.
 */
export const sampled: MetricStore['sampled'] = async (reader, { runNo, key, buckets, ...range }) => {
  const { fromStep = Number.MIN_SAFE_INTEGER, toStep = Number.MAX_SAFE_INTEGER } = range;
  const [series] = await rawQuery<SeriesRow>(reader, SERIES, [runNo, key]);
  if (series === undefined) return { points: [], total: 0 };
  const { no } = series;
  const [count] = await rawQuery<{ n: number }>(reader, COUNT, [no, fromStep, toStep]);
  const about = count?.n ?? 0;
  if (about <= MAX_RAW) {
    const rows = await rawQuery<PointRow>(reader, POINTS, [no, fromStep, toStep]);
    const points = rows.map((row) => toPoint(key, row));
    return { points: thinOut(points, buckets), total: rows.length };
  }
  const [first] = await rawQuery<PointRow>(reader, FIRST, [no, fromStep, toStep]);
  const [last] = await rawQuery<PointRow>(reader, LAST, [no, fromStep, toStep]);
  if (first === undefined || last === undefined) return { points: [], total: 0 };
  const [from, to] = [toMoment(first), toMoment(last)];
  const stretches = stretchesOf(from, to, buckets);
  const task = { reader, series, anyOdd: await hasOdd(reader, series) };
  const parts = await partsOf(task, stretches, about / buckets);
  const found = [
    ...(await ends(reader, no, stretches)),
    ...(await extremes(task, parts)),
    ...(task.anyOdd ? await oddValues(task, parts) : []),
  ];
  const points = inBuckets(found).map(({ step, timestampMs, value }) => ({ key, step, timestampMs, value }));
  return { points, total: await totalOf(task, stretchesOf(from, to, 1)) };
};

interface Task {
  readonly reader: Reader;
  readonly series: SeriesRow;
  /** Whether any value of the series is NaN or infinite; most series have none. */
  readonly anyOdd: boolean;
}

async function hasOdd(reader: Reader, series: SeriesRow): Promise<boolean> {
  const { no, sealed_step: step, sealed_timestamp_ms: timestampMs } = series;
  return (await rawQuery(reader, ANY_ODD, [no, no, step, step, timestampMs])).length > 0;
}

async function totalOf({ reader, series }: Task, range: readonly Stretch[]): Promise<number> {
  const { whole, left } = await cover(reader, series, COARSE, range);
  const rows = [
    ...(await countsOf(reader, series.no, COARSE, whole)),
    ...(await countsOf(reader, series.no, null, left)),
  ];
  return rows.reduce((sum, { points }) => sum + points, 0);
}

/** Cut chunks cost more than they save in buckets that hold but one or two of them. */
async function partsOf(task: Task, stretches: readonly Stretch[], perBucket: number): Promise<Part[]> {
  const parts: Part[] = [];
  let rest = stretches;
  for (const level of [COARSE, FINE].filter(({ size }) => perBucket >= 2 * size)) {
    const { whole, left } = await cover(task.reader, task.series, level, rest);
    parts.push(...(await summarised(task, level, whole)));
    rest = left;
  }
  parts.push(...(await summarised(task, null, rest)));
  return parts.sort((a, b) => compareMoments(a.stretch.from, b.stretch.from));
}

async function summarised({ reader, series, anyOdd }: Task, source: Source, stretches: readonly Stretch[]) {
  const rows = await summaries(reader, series.no, { source, anyOdd }, stretches);
  return rows.map(({ i, ...known }) => ({ source, stretch: stretches[i] as Stretch, ...known }));
}

/** What of the stretches whole chunks of a level make up, and what is left beside them. */
async function cover(reader: Reader, series: SeriesRow, level: Level, stretches: readonly Stretch[]) {
  const sealed = { step: series.sealed_step as number, timestampMs: (series.sealed_timestamp_ms as number) + 1 };
  const whole: Stretch[] = [];
  const left: Stretch[] = [];
  for (const row of await edgesOf(reader, series.no, level, stretches)) {
    const stretch = stretches[row.i] as Stretch;
    const { bucket, from, to } = stretch;
    const next = momentOf(row.next_step, row.next_ms) ?? sealed;
    // Samples end where what is sealed ends, as if another chunk began there.
    const previous = compareMoments(sealed, to) <= 0 ? sealed : momentOf(row.previous_step, row.previous_ms);
    if (previous === undefined || compareMoments(next, previous) >= 0) {
      left.push(stretch);
      continue;
    }
    whole.push({ bucket, from: next, to: previous });
    if (compareMoments(from, next) < 0) left.push({ bucket, from, to: next });
    if (compareMoments(previous, to) < 0) left.push({ bucket, from: previous, to });
  }
  return { whole, left };
}

async function ends(reader: Reader, no: number, stretches: readonly Stretch[]): Promise<FoundPoint[]> {
  const rows = await endsOf(reader, no, stretches);
  return rows.flatMap((row) => {
    const { bucket } = stretches[row.i] as Stretch;
    const pick = (which: 'first' | 'last') =>
      toPoint('', {
        step: row[`${which}_step`] as number,
        timestamp_ms: row[`${which}_timestamp_ms`] as number,
        value: row[`${which}_value`] as number,
        special: row[`${which}_special`] as number,
      });
    return row.first_step === null ? [] : [pick('first'), pick('last')].map((point) => ({ ...point, bucket }));
  });
}

/** The smallest and the greatest point of each bucket, looked up in the part that has it. */
async function extremes(task: Task, parts: readonly Part[]): Promise<FoundPoint[]> {
  const found: FoundPoint[] = [];
  for (const kind of ['smallest', 'greatest'] as const) {
    const best = new Map<number, Part>();
    for (const part of parts) {
      const value = part[kind];
      const known = best.get(part.stretch.bucket)?.[kind] ?? null;
      if (value === null) continue;
      if (known === null || (kind === 'smallest' ? value < known : value > known)) best.set(part.stretch.bucket, part);
    }
    const chosen = { parts: [...best.values()], valueAt: (part: Part) => part[kind] as number };
    found.push(...(await lookUp(task, kind, chosen)));
  }
  return found;
}

const ODD = { nan: Number.NaN, infinite: Number.POSITIVE_INFINITY, 'negative-infinite': Number.NEGATIVE_INFINITY };

/** The first NaN and infinities of each bucket. */
async function oddValues(task: Task, parts: readonly Part[]): Promise<FoundPoint[]> {
  const found: FoundPoint[] = [];
  for (const [kind, value] of Object.entries(ODD) as [keyof typeof ODD, number][]) {
    const seen = new Set<number>();
    for (const point of inOrder(await lookUp(task, kind, { parts, valueAt: () => value }))) {
      if (!seen.has(point.bucket)) found.push(point);
      seen.add(point.bucket);
    }
  }
  return found;
}

async function lookUp(
  { reader, series, anyOdd }: Task,
  kind: Kind,
  { parts, valueAt }: { parts: readonly Part[]; valueAt: (part: Part) => number },
): Promise<FoundPoint[]> {
  const found: FoundPoint[] = [];
  for (const source of [COARSE, FINE, null]) {
    const some = parts.filter((part) => part.source === source);
    const rows = await momentsOf(
      reader,
      series.no,
      { source, kind, anyOdd },
      some.map(({ stretch }) => stretch),
    );
    for (const { i, step, timestamp_ms } of rows) {
      const moment = momentOf(step, timestamp_ms);
      const part = some[i] as Part;
      if (moment !== undefined) found.push({ ...moment, value: valueAt(part), bucket: part.stretch.bucket });
    }
  }
  return found;
}

function momentOf(step: number | null, timestampMs: number | null): Moment | undefined {
  return step === null || timestampMs === null ? undefined : { step, timestampMs };
}

/** All in order, which is bucket by bucket, each once. */
function inBuckets(found: readonly FoundPoint[]): FoundPoint[] {
  const points = new Map(found.map((point) => [`${point.step} ${point.timestampMs} ${point.value}`, point]));
  return inOrder([...points.values()]);
}
