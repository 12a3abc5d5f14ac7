import { type Reader, rawQuery } from '../../platform/db/index.js';
import { representatives, thinOut } from './thin-out-rules.js';
import type { MetricStore, StepRange } from './tracking-store.js';
import { type PointRow, toPoint, toStored } from './tracking-tables.sql.js';

/** Points of a sample: one of the fine level stands for 128 points, one of the coarse level for 1024. */
const FINE = { level: 1, size: 128 } as const;
const COARSE = { level: 2, size: 1024 } as const;
/** The newest points stay out of samples: writers that are a little out of order touch nothing that is sampled. */
const MARGIN = 1024;
/** Read as they are: quicker than looking for samples, and exact. */
const MAX_RAW = 16_384;
const MAX_FINE = 262_144;
const PER_SEALING = 16_384;
const ROWS_PER_INSERT = 100;

const KEY = 'step, timestamp_ms, value, special';
type Sample = PointRow & { readonly points: number };

interface SealedSeries {
  readonly no: number;
  readonly sealedStep: number | null;
  readonly sealedTimestampMs: number | null;
}

/**
 * Adds the samples of points that have become old since the last time, for charts of long series. Called now and then by
 * whoever writes; a series of a few thousand points never has any.
 */
export async function sealSeries(tx: Reader, { no, sealedStep, sealedTimestampMs }: SealedSeries): Promise<void> {
  const from = sealedStep ?? Number.MIN_SAFE_INTEGER;
  const [cutoff] = await rawQuery<PointRow>(tx, CUTOFF, [no]);
  const rows =
    cutoff === undefined
      ? []
      : await rawQuery<PointRow>(tx, LOOSE, [
          ...[no, from, from, sealedTimestampMs ?? -1],
          ...[cutoff.step, cutoff.timestamp_ms],
        ]);
  const points = rows.length < PER_SEALING ? rows : withoutLastMoment(rows);
  const last = points.at(-1);
  if (last === undefined) {
    await rawQuery(tx, 'update tracking_series set loose = 0 where no = ?', [no]);
    return;
  }
  for (const { level, size } of [FINE, COARSE]) await insertSamples(tx, { no, level, size, points });
  await rawQuery(
    tx,
    'update tracking_series set sealed_step = ?, sealed_timestamp_ms = ?, loose = loose - ? where no = ?',
    [last.step, last.timestamp_ms, points.length, no],
  );
}

/** Takes back the samples from a step on, because a point came in before their end. They come again after a while. */
export async function unsealSeries(tx: Reader, no: number, step: number): Promise<void> {
  const [chunk] = await rawQuery<PointRow>(tx, CHUNK_BEFORE, [no, COARSE.level, step]);
  const from = chunk === undefined ? [Number.MIN_SAFE_INTEGER, 0, 0] : [chunk.step, chunk.timestamp_ms, chunk.value];
  for (const { level } of [FINE, COARSE]) await rawQuery(tx, DELETE_FROM, [no, level, ...from]);
  const [last] = await rawQuery<PointRow>(tx, LAST_SAMPLE, [no, FINE.level]);
  // Series that are written backwards would be sampled again and again: the longer one is, the longer it waits.
  await rawQuery(
    tx,
    'update tracking_series set sealed_step = ?, sealed_timestamp_ms = ?, loose = -(points / 16) where no = ?',
    [last?.step ?? null, last?.timestamp_ms ?? null, no],
  );
}

/** Points of a chart by step: where the series is long, whole chunks are read by their samples. */
export const sampled: MetricStore['sampled'] = async (reader, { runNo, key, buckets, ...range }) => {
  const [series] = await rawQuery<{ no: number; sealed_step: number | null }>(reader, SERIES, [runNo, key]);
  if (series === undefined) return { points: [], total: 0 };
  const { rows, total } = await rowsOf(reader, series, range);
  return {
    points: thinOut(
      rows.map((row) => toPoint(key, row)),
      buckets,
    ),
    total,
  };
};

async function rowsOf(
  reader: Reader,
  series: { readonly no: number; readonly sealed_step: number | null },
  { fromStep = Number.MIN_SAFE_INTEGER, toStep = Number.MAX_SAFE_INTEGER }: StepRange,
): Promise<{ rows: PointRow[]; total: number }> {
  const { no } = series;
  const raw = async () => {
    const rows = await rawQuery<PointRow>(reader, POINTS, [no, fromStep, toStep]);
    return { rows, total: rows.length };
  };
  if (series.sealed_step === null) return raw();
  const [count] = await rawQuery<{ n: number }>(reader, COUNT, [no, COARSE.level, fromStep, toStep]);
  const sampledPoints = count?.n ?? 0;
  if (sampledPoints <= MAX_RAW) return raw();
  const { level } = sampledPoints <= MAX_FINE ? FINE : COARSE;
  const [first] = await rawQuery<PointRow>(reader, FIRST_CHUNK, [no, level, fromStep]);
  const [last] = await rawQuery<PointRow>(reader, LAST_CHUNK, [no, level, toStep]);
  if (first === undefined || last === undefined || first.step > last.step) return raw();
  const a = [first.step, first.timestamp_ms, first.value];
  const b = [last.step, last.timestamp_ms, last.value];
  const before = await rawQuery<PointRow>(reader, BEFORE, [no, fromStep, first.step, ...a]);
  const samples = await rawQuery<Sample>(reader, SAMPLES, [no, level, first.step, last.step, ...a, ...b]);
  const after = await rawQuery<PointRow>(reader, AFTER, [no, last.step, toStep, ...b]);
  const total = samples.reduce((sum, { points }) => sum + points, before.length + after.length);
  return { rows: [...before, ...samples, ...after], total };
}

const IN_ORDER = 'order by step, timestamp_ms, value';
const BACKWARDS = 'order by step desc, timestamp_ms desc, value desc';
const OF_LEVEL = 'from tracking_sample where series_no = ? and level = ?';
const OF_SERIES = 'from tracking_point where series_no = ?';

const SERIES = 'select no, sealed_step from tracking_series where run_no = ? and key = ?';
const CUTOFF = `select ${KEY} ${OF_SERIES} ${BACKWARDS} limit 1 offset ${MARGIN - 1}`;
const LOOSE = `select ${KEY} ${OF_SERIES} and step >= ? and (step, timestamp_ms) > (?, ?)
  and (step, timestamp_ms) < (?, ?) ${IN_ORDER} limit ${PER_SEALING}`;
const POINTS = `select ${KEY} ${OF_SERIES} and step >= ? and step <= ? ${IN_ORDER}`;
const BEFORE = `select ${KEY} ${OF_SERIES} and step >= ? and step <= ? and (step, timestamp_ms, value) < (?, ?, ?) ${IN_ORDER}`;
const AFTER = `select ${KEY} ${OF_SERIES} and step >= ? and step <= ? and (step, timestamp_ms, value) > (?, ?, ?) ${IN_ORDER}`;
const COUNT = `select cast(coalesce(sum(points), 0) as bigint) as n ${OF_LEVEL} and step >= ? and step <= ?`;
const FIRST_CHUNK = `select ${KEY} ${OF_LEVEL} and step >= ? and points > 0 ${IN_ORDER} limit 1`;
const LAST_CHUNK = `select ${KEY} ${OF_LEVEL} and step <= ? and ends = 1 ${BACKWARDS} limit 1`;
const CHUNK_BEFORE = `select ${KEY} ${OF_LEVEL} and step < ? and points > 0 ${BACKWARDS} limit 1`;
const LAST_SAMPLE = `select ${KEY} ${OF_LEVEL} ${BACKWARDS} limit 1`;
const DELETE_FROM =
  'delete from tracking_sample where series_no = ? and level = ? and (step, timestamp_ms, value) >= (?, ?, ?)';
const SAMPLES = `select ${KEY}, points ${OF_LEVEL} and step >= ? and step <= ?
  and (step, timestamp_ms, value) >= (?, ?, ?) and (step, timestamp_ms, value) <= (?, ?, ?) ${IN_ORDER}`;

async function insertSamples(
  tx: Reader,
  { no, level, size, points }: { no: number; level: number; size: number; points: readonly PointRow[] },
): Promise<void> {
  const rows: unknown[][] = [];
  for (let start = 0; start < points.length; start += size) {
    const chunk = points.slice(start, start + size);
    const kept = representatives(chunk.map((row) => toPoint('', row)));
    for (const [index, { step, timestampMs, value }] of kept.entries()) {
      const stored = toStored(tx.dialect, value);
      const counts = [index === 0 ? chunk.length : 0, index === kept.length - 1 ? 1 : 0];
      rows.push([no, level, step, timestampMs, stored.value, stored.special, ...counts]);
    }
  }
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const some = rows.slice(start, start + ROWS_PER_INSERT);
    const values = some.map(() => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ');
    await rawQuery(
      tx,
      `insert into tracking_sample (series_no, level, ${KEY}, points, ends) values ${values}`,
      some.flat(),
    );
  }
}

/** A moment that the limit may have cut is left for the next time: what is sealed ends between moments. */
function withoutLastMoment(rows: readonly PointRow[]): readonly PointRow[] {
  const last = rows.at(-1);
  const end = rows.findLastIndex((row) => row.step !== last?.step || row.timestamp_ms !== last.timestamp_ms);
  return rows.slice(0, end + 1);
}
