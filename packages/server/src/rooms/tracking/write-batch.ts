import type { Reader, Tx } from '../../platform/db/index.js';
import type { CheckedBatch } from './parse-batch.js';
import { trackingErrors } from './tracking-errors.js';
import { LIMITS, seriesWrites } from './tracking-rules.js';
import type { MetricStore, RunHead, RunStore, WrittenSeries } from './tracking-store.js';
import type { MetricPoint } from './tracking-types.js';

export interface BatchDeps {
  readonly runStore: RunStore;
  readonly metricStore: MetricStore;
}

type BatchRun = Pick<RunHead, 'id' | 'no' | 'experimentNo'>;

/**
 * Writes a checked batch to a locked run. Sending it again changes nothing: equal params and equal points are kept once.
 * Throws TRK_PARAM_CONFLICT, TRK_SERIES_LIMIT.
 */
export async function writeBatch(deps: BatchDeps, tx: Tx & Reader, run: BatchRun, batch: CheckedBatch): Promise<void> {
  await together([
    writeParams(deps, tx, run, batch.params),
    writeTags(deps, tx, run, batch.tags),
    writePoints(deps, tx, run, batch.metrics),
  ]);
}

/**
 * Waits for all and throws what failed first of them: PostgreSQL gets the statements in one go, and none is still running
 * when the transaction is rolled back.
 */
async function together<Parts extends readonly Promise<unknown>[]>(
  parts: readonly [...Parts],
): Promise<{ [I in keyof Parts]: Awaited<Parts[I]> }> {
  await Promise.allSettled(parts);
  return Promise.all(parts);
}

async function writeParams(
  { runStore }: BatchDeps,
  tx: Reader,
  run: BatchRun,
  params: Readonly<Record<string, string>>,
): Promise<void> {
  const keys = Object.keys(params);
  if (keys.length === 0) return;
  const [{ values, count }] = await together([
    runStore.params(tx, run.no, keys),
    runStore.insertParams(tx, run.no, params),
  ]);
  let fresh = 0;
  for (const [key, value] of Object.entries(params)) {
    const before = Object.hasOwn(values, key) ? values[key] : undefined;
    if (before === undefined) fresh += 1;
    else if (before !== value) refuseParam(run.id, key, { before, value });
  }
  if (fresh > 0) refuseMore(run.id, 'parameters', count + fresh, LIMITS.paramsPerRun);
}

async function writeTags(
  { runStore }: BatchDeps,
  tx: Reader,
  run: BatchRun,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(tags).length === 0) return;
  const [, count] = await together([runStore.upsertTags(tx, run.no, tags), runStore.countTags(tx, run.no)]);
  refuseMore(run.id, 'tags', count, LIMITS.tagsPerRun);
}

/** Gives the series that points came to. Throws TRK_SERIES_LIMIT. */
export async function writePoints(
  { metricStore }: Pick<BatchDeps, 'metricStore'>,
  tx: Reader,
  run: BatchRun,
  points: readonly MetricPoint[],
): Promise<ReadonlyMap<string, WrittenSeries>> {
  if (points.length === 0) return new Map();
  const series = await metricStore.write(tx, run, { writes: seriesWrites(points), points });
  if ([...series.values()].some(({ isNew }) => isNew)) {
    refuseMore(run.id, 'metrics', await metricStore.countSeries(tx, run.no), LIMITS.seriesPerRun);
  }
  await metricStore.insertDatasets(tx, run.no, points);
  await keepSamples(metricStore, tx, series, points);
  return series;
}

/** Enough new points to thin them out for charts: seldom, so that a write costs what a write costs. */
const LOOSE_POINTS = 4096;

async function keepSamples(
  metricStore: MetricStore,
  tx: Reader,
  series: ReadonlyMap<string, WrittenSeries>,
  points: readonly MetricPoint[],
): Promise<void> {
  const late = new Map<string, MetricPoint[]>();
  for (const point of points) {
    const { key, step, timestampMs } = point;
    const { sealedStep, sealedTimestampMs } = series.get(key) as WrittenSeries;
    if (sealedStep === null || step > sealedStep) continue;
    if (step === sealedStep && timestampMs > (sealedTimestampMs ?? 0)) continue;
    const known = late.get(key);
    if (known === undefined) late.set(key, [point]);
    else known.push(point);
  }
  for (const [key, some] of late) await metricStore.resampleLate(tx, series.get(key) as WrittenSeries, some);
  for (const [key, one] of series) {
    if (one.loose - (late.get(key)?.length ?? 0) >= LOOSE_POINTS) await metricStore.seal(tx, one);
  }
}

function refuseParam(runId: string, key: string, { before, value }: { before: string; value: string }): never {
  throw trackingErrors.TRK_PARAM_CONFLICT(`Run ${runId} has ${key} = "${before}", not "${value}".`, {
    data: { runId, key, stored: before, given: value },
  });
}

function refuseMore(runId: string, what: string, count: number, limit: number): void {
  if (count <= limit) return;
  throw trackingErrors.TRK_SERIES_LIMIT(`Run ${runId} would have ${count} ${what}, at most ${limit} are allowed.`, {
    data: { runId, what, count, limit },
  });
}
