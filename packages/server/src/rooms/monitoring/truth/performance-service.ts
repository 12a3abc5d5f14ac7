import type { CapturedRow } from '../../serving/index.js';
import { rowTimes } from '../check/captured-table-rules.js';
import { type MonitoringDeps, PRODUCTION } from '../monitoring-deps.js';
import type { MonitoringService, PerformanceWindow } from '../monitoring-types.js';
import { joinTruth, judgePerformance, type PerformanceLimits, windowsOf } from './performance-rules.js';
import { promised } from './promised-scores.js';

/** How much of the log is looked at, from its newest end. */
const MAX_WINDOWS = 500;
const MAX_ROWS = 100_000;
const DEFAULT_LIMITS: PerformanceLimits = { metric: 'accuracy', worseBy: 0, minRows: 30 };

/**
 * Windows of joined predictions over time, each of one model version and judged by what that version's evaluation
 * promised and by the limits of the endpoint's monitor, if it has one.
 */
export async function performanceOver(
  deps: MonitoringDeps,
  endpoint: string,
  options: Parameters<MonitoringService['performance']>[1],
): Promise<PerformanceWindow[]> {
  const { environment = PRODUCTION, rows: size, version } = options;
  const { model } = await deps.serving.endpoint(endpoint);
  const captured = await deps.serving.captured({
    endpoint,
    environment,
    shadow: false,
    last: Math.min(size * MAX_WINDOWS, MAX_ROWS),
    ...(version !== undefined && { version }),
  });
  const answered = captured.filter(({ status, label }) => status === 200 && label !== null);
  const ids = answered.map(({ id }) => id);
  const kept = await deps.store.truths(deps.db.longReads, endpoint, ids);
  const truths = new Map([...kept].map(([id, { label }]) => [id, label]));
  const limits = await limitsOf(deps, endpoint, environment);
  const windows: PerformanceWindow[] = [];
  for (const [number, part] of byVersion(answered)) {
    const answering = await deps.registry.version(model, number);
    const { datasetVersionId } = answering.source;
    const time = datasetVersionId === null ? null : (await deps.data.versionById(datasetVersionId)).time;
    const joined = joinTruth(part, rowTimes(part, time), truths);
    if (joined.length === 0) continue;
    const expected = await promised(deps.evaluation, answering);
    for (const window of windowsOf(joined, size)) {
      windows.push(judgePerformance(window, expected, { ...limits, rows: window.length }));
    }
  }
  return windows.sort((a, b) => a.fromMs - b.fromMs || a.version - b.version);
}

function byVersion(rows: readonly CapturedRow[]): Map<number, CapturedRow[]> {
  const groups = new Map<number, CapturedRow[]>();
  for (const row of rows) {
    const group = groups.get(row.version);
    if (group === undefined) groups.set(row.version, [row]);
    else group.push(row);
  }
  return groups;
}

async function limitsOf(
  { db, store }: MonitoringDeps,
  endpoint: string,
  environment: string,
): Promise<PerformanceLimits> {
  const monitor = (await store.monitors(db)).find(
    ({ spec }) =>
      spec.performance !== undefined && spec.endpoint === endpoint && (spec.environment ?? PRODUCTION) === environment,
  );
  if (monitor?.spec.performance === undefined) return DEFAULT_LIMITS;
  return { ...monitor.spec.performance, minRows: monitor.spec.minRows };
}
