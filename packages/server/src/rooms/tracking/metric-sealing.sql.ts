import { type Reader, rawQuery } from '../../platform/db/index.js';
import type { Moment } from './bucket-rules.js';
import { type Chunk, compareMoments, cutIntoChunks, isInTime, joinChunks } from './chunk-rules.js';
import type { MetricPoint } from './metric-types.js';
import { COARSE, FINE, type Level, type SampleRow, toMoment } from './sample-tables.sql.js';
import type { WrittenSeries } from './tracking-store.js';
import { type PointRow, toPoint, toStored } from './tracking-tables.sql.js';

/** The newest points stay out of samples: writers that are a little out of order touch nothing that is sampled. */
const MARGIN = 1024;
const PER_SEALING = 16_384;
const ROWS_PER_INSERT = 100;
const BEFORE_ALL: Moment = { step: Number.MIN_SAFE_INTEGER, timestampMs: -1 };

type Series = Pick<WrittenSeries, 'no' | 'sealedStep' | 'sealedTimestampMs'>;

/** Moments of a series, [from, to). */
interface Region {
  readonly from: Moment;
  readonly to: Moment;
}

/**
 * Adds the samples of points that have become old since the last time, for charts of long series. Called now and then by
 * whoever writes; a series of a few thousand points never has any.
 */
export async function sealSeries(tx: Reader, { no, sealedStep, sealedTimestampMs }: Series): Promise<void> {
  const from = sealedStep ?? BEFORE_ALL.step;
  const [cutoff] = await rawQuery<PointRow>(tx, CUTOFF, [no]);
  const rows =
    cutoff === undefined
      ? []
      : await rawQuery<PointRow>(tx, LOOSE, [
          ...[no, from, from, sealedTimestampMs ?? -1],
          ...[cutoff.step, cutoff.timestamp_ms],
        ]);
  const points = (rows.length < PER_SEALING ? rows : withoutLastMoment(rows)).map((row) => toPoint('', row));
  const last = points.at(-1);
  if (last === undefined) {
    await rawQuery(tx, 'update tracking_series set loose = 0 where no = ?', [no]);
    return;
  }
  const fine = cutIntoChunks(points, FINE.size);
  await insertChunks(tx, no, FINE, fine);
  await insertChunks(tx, no, COARSE, joinChunks(fine, COARSE.size));
  const inTime = isInTime([{ timestampMs: sealedTimestampMs ?? -1 }, ...points]);
  await rawQuery(
    tx,
    `update tracking_series set sealed_step = ?, sealed_timestamp_ms = ?, loose = loose - ?, in_time = in_time * ?
     where no = ?`,
    [last.step, last.timestampMs, points.length, Number(inTime), no],
  );
}

/**
 * Makes the samples anew around points that came in before their end: of the chunks that the points fell into, and of no
 * others, so that a late point costs some hundred rows however long its series is.
 */
export async function resampleLate(tx: Reader, series: Series, late: readonly MetricPoint[]): Promise<void> {
  const { no } = series;
  const moments = [...late].sort(compareMoments);
  let inTime = true;
  for (const region of await regionsAround(tx, series, FINE, moments)) {
    const points = (await rawQuery<PointRow>(tx, POINTS, [no, ...bounds(region)])).map((row) => toPoint('', row));
    const [before] = await rawQuery<PointRow>(tx, SAMPLE_BEFORE, [no, FINE.level, ...toPair(region.from)]);
    inTime &&= isInTime([
      ...(before ? [toMoment(before)] : []),
      ...points,
      ...(isEnd(series, region) ? [] : [region.to]),
    ]);
    await rawQuery(tx, DELETE, [no, FINE.level, ...bounds(region)]);
    await insertChunks(tx, no, FINE, cutIntoChunks(points, FINE.size));
  }
  for (const region of await regionsAround(tx, series, COARSE, moments)) {
    const rows = await rawQuery<SampleRow>(tx, SAMPLES, [no, FINE.level, ...bounds(region)]);
    await rawQuery(tx, DELETE, [no, COARSE.level, ...bounds(region)]);
    await insertChunks(tx, no, COARSE, joinChunks(toChunks(rows), COARSE.size));
  }
  await rawQuery(tx, 'update tracking_series set loose = loose - ?, in_time = in_time * ? where no = ?', [
    ...[late.length, Number(inTime)],
    no,
  ]);
}

/** The chunks of a level that the moments, in order, fall into; each once. What lies before the first belongs to it. */
async function regionsAround(
  tx: Reader,
  series: Series,
  { level }: Level,
  moments: readonly Moment[],
): Promise<Region[]> {
  const next = async (after: Moment) => {
    const [row] = await rawQuery<PointRow>(tx, NEXT_START, [series.no, level, ...toPair(after)]);
    return row === undefined ? endOf(series) : toMoment(row);
  };
  const regions: Region[] = [];
  for (const moment of moments) {
    const known = regions.at(-1);
    if (known !== undefined && compareMoments(moment, known.to) < 0) continue;
    const [owner] = await rawQuery<PointRow>(tx, OWNER_START, [series.no, level, ...toPair(moment)]);
    regions.push(
      owner === undefined
        ? { from: BEFORE_ALL, to: await next(await next(BEFORE_ALL)) }
        : { from: toMoment(owner), to: await next(toMoment(owner)) },
    );
  }
  return regions;
}

/** Just behind the last point that has a sample. */
function endOf({ sealedStep, sealedTimestampMs }: Series): Moment {
  return { step: sealedStep as number, timestampMs: (sealedTimestampMs as number) + 1 };
}

function isEnd(series: Series, { to }: Region): boolean {
  return compareMoments(to, endOf(series)) === 0;
}

function toPair({ step, timestampMs }: Moment): readonly number[] {
  return [step, timestampMs];
}

function bounds({ from, to }: Region): readonly number[] {
  return [...toPair(from), ...toPair(to)];
}

function toChunks(rows: readonly SampleRow[]): Chunk<MetricPoint>[] {
  const chunks: { kept: MetricPoint[]; points: number }[] = [];
  for (const row of rows) {
    if (row.points > 0) chunks.push({ kept: [], points: row.points });
    chunks.at(-1)?.kept.push(toPoint('', row));
  }
  return chunks;
}

const KEY = 'step, timestamp_ms, value, special';
const IN_ORDER = 'order by step, timestamp_ms, value';
const WITHIN = '(step, timestamp_ms) >= (?, ?) and (step, timestamp_ms) < (?, ?)';
const OF_LEVEL = 'from tracking_sample where series_no = ? and level = ?';
const OF_SERIES = 'from tracking_point where series_no = ?';

const CUTOFF = `select ${KEY} ${OF_SERIES} order by step desc, timestamp_ms desc, value desc limit 1 offset ${MARGIN - 1}`;
const LOOSE = `select ${KEY} ${OF_SERIES} and step >= ? and (step, timestamp_ms) > (?, ?)
  and (step, timestamp_ms) < (?, ?) ${IN_ORDER} limit ${PER_SEALING}`;
const POINTS = `select ${KEY} ${OF_SERIES} and ${WITHIN} ${IN_ORDER}`;
/** Of one moment the row that begins its chunk comes first. */
const SAMPLES = `select ${KEY}, points ${OF_LEVEL} and ${WITHIN} order by step, timestamp_ms, points desc, value`;
const DELETE = `delete ${OF_LEVEL} and ${WITHIN}`;
const OWNER_START = `select ${KEY} ${OF_LEVEL} and points > 0 and (step, timestamp_ms) <= (?, ?)
  order by step desc, timestamp_ms desc limit 1`;
const NEXT_START = `select ${KEY} ${OF_LEVEL} and points > 0 and (step, timestamp_ms) > (?, ?)
  order by step, timestamp_ms limit 1`;
const SAMPLE_BEFORE = `select ${KEY} ${OF_LEVEL} and (step, timestamp_ms) < (?, ?)
  order by step desc, timestamp_ms desc limit 1`;

async function insertChunks(
  tx: Reader,
  no: number,
  { level }: Level,
  chunks: readonly Chunk<MetricPoint>[],
): Promise<void> {
  const rows = chunks.flatMap(({ kept, points }) =>
    kept.map(({ step, timestampMs, value }, index) => {
      const stored = toStored(tx.dialect, value);
      return [no, level, step, timestampMs, stored.value, stored.special, index === 0 ? points : 0];
    }),
  );
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const some = rows.slice(start, start + ROWS_PER_INSERT);
    const values = some.map(() => '(?, ?, ?, ?, ?, ?, ?)').join(', ');
    await rawQuery(tx, `insert into tracking_sample (series_no, level, ${KEY}, points) values ${values}`, some.flat());
  }
}

/** A moment that the limit may have cut is left for the next time: what is sealed ends between moments. */
function withoutLastMoment(rows: readonly PointRow[]): readonly PointRow[] {
  const last = rows.at(-1);
  const end = rows.findLastIndex((row) => row.step !== last?.step || row.timestamp_ms !== last.timestamp_ms);
  return rows.slice(0, end + 1);
}
