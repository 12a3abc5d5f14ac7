import type { Interval, Verdict } from '@fairlead/kernel';
import { bootstrapMeans, createRng, wilsonInterval } from '@fairlead/num';
import type { MonitorSpec, PerformanceWindow } from '../monitoring-types.js';

/** A prediction that met its truth. */
export interface JoinedRow {
  readonly timeMs: number;
  readonly label: string;
  /** Of the last label. */
  readonly probability: number | null;
  readonly truth: string;
}

export interface Expectation {
  readonly version: number;
  readonly accuracy: number;
  readonly brier: number;
  /** The model's labels; the Brier score is that of the second of two. */
  readonly labels: readonly string[];
}

/** How a window is judged; what a monitor's `performance` says. */
export interface PerformanceLimits {
  readonly metric: NonNullable<MonitorSpec['performance']>['metric'];
  readonly worseBy: number;
  readonly minRows: number;
}

/**
 * Accuracy (Wilson interval) and Brier score of joined predictions against what the evaluation of the version promised.
 * `fail` when even the better end of the 95 % interval is worse than promised by more than `worseBy`.
 */
export function judgePerformance(
  joined: readonly JoinedRow[],
  expected: Expectation,
  limits: PerformanceLimits & { readonly rows: number },
): PerformanceWindow {
  const times = Float64Array.from(joined, ({ timeMs }) => timeMs).sort();
  const right = joined.filter(({ label, truth }) => label === truth).length;
  const accuracy = joined.length === 0 ? null : wilsonInterval(right, joined.length);
  const brier = brierInterval(joined, expected.labels);
  const verdict = verdictOf({ accuracy, brier, rows: joined.length }, expected, limits);
  return {
    version: expected.version,
    fromMs: times[0] ?? 0,
    untilMs: times.length === 0 ? 0 : (times.at(-1) as number) + 1,
    rows: limits.rows,
    withTruth: joined.length,
    accuracy,
    brier: brier?.estimate ?? null,
    expectedAccuracy: expected.accuracy,
    expectedBrier: expected.brier,
    verdict,
  };
}

function verdictOf(
  observed: { accuracy: Interval | null; brier: Interval | null; rows: number },
  expected: Expectation,
  { metric, worseBy, minRows }: PerformanceLimits,
): Verdict {
  const interval = observed[metric];
  if (interval === null || observed.rows < minRows || !Number.isFinite(expected[metric])) return 'insufficient';
  const worse = metric === 'accuracy' ? expected.accuracy - interval.upper : interval.lower - expected.brier;
  return worse > worseBy ? 'fail' : 'pass';
}

/** Of two labels only; by a bootstrap of neighbouring rows, whose errors go together. */
function brierInterval(joined: readonly JoinedRow[], labels: readonly string[]): Interval | null {
  if (labels.length !== 2) return null;
  const positive = labels[1];
  const usable = joined.filter((row) => row.probability !== null);
  // Of a single row nobody can say how much the score would vary.
  if (usable.length < 2) return null;
  const losses = Float64Array.from(usable, (row) => ((row.probability ?? 0) - Number(row.truth === positive)) ** 2);
  const blockLength = Math.max(1, Math.round(Math.cbrt(losses.length)));
  return bootstrapMeans([losses], (means) => means[0] as number, { rng: createRng(0), blockLength });
}

/** Joins predictions, oldest first, with the truth of their ids. Of an id that was asked twice the later answer counts. */
export function joinTruth(
  rows: readonly {
    readonly id: string;
    readonly label: string | null;
    readonly probability: number | null;
  }[],
  timesMs: Float64Array,
  truths: ReadonlyMap<string, string>,
): JoinedRow[] {
  const joined = new Map<string, JoinedRow>();
  rows.forEach(({ id, label, probability }, i) => {
    const truth = truths.get(id);
    if (truth === undefined || label === null) return;
    joined.delete(id);
    joined.set(id, { timeMs: timesMs[i] as number, label, probability, truth });
  });
  return [...joined.values()];
}

/** Cuts joined predictions into windows of `size`, oldest first; the last one holds what is left. */
export function windowsOf<T>(rows: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size));
}
