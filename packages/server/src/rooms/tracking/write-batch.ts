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
async function together(parts: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(parts);
  await Promise.all(parts);
}

async function writeParams(
  { runStore }: BatchDeps,
  tx: Reader,
  run: BatchRun,
  params: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(params).length === 0) return;
  const { values, count } = await runStore.writeParams(tx, run.no, params);
  for (const [key, value] of Object.entries(params)) {
    const stored = Object.hasOwn(values, key) ? values[key] : undefined;
    if (stored !== undefined && stored !== value) refuseParam(run.id, key, { before: stored, value });
  }
  refuseMore(run.id, 'parameters', count, LIMITS.paramsPerRun);
}

async function writeTags(
  { runStore }: BatchDeps,
  tx: Reader,
  run: BatchRun,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(tags).length === 0) return;
  refuseMore(run.id, 'tags', await runStore.writeTags(tx, run.no, tags), LIMITS.tagsPerRun);
}

/** Gives the series that points came to. Throws TRK_SERIES_LIMIT. */
export async function writePoints(
  { metricStore }: Pick<BatchDeps, 'metricStore'>,
  tx: Reader,
  run: BatchRun,
  points: readonly MetricPoint[],
): Promise<ReadonlyMap<string, WrittenSeries>> {
  if (points.length === 0) return new Map();
  const { series, count } = await metricStore.write(tx, run, { writes: seriesWrites(points), points });
  refuseMore(run.id, 'metrics', count, LIMITS.seriesPerRun);
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
