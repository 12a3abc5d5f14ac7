import type { MetricPoint } from './metric-types.js';

const identity = ({ key, step, timestampMs, value }: MetricPoint) => `${step} ${timestampMs} ${value} ${key}`;

/** Points with what they were measured on: one that was measured on several datasets stands once for each. */
export function withDatasets(points: readonly MetricPoint[], measured: readonly MetricPoint[]): readonly MetricPoint[] {
  if (measured.length === 0) return points;
  const byPoint = new Map<string, MetricPoint[]>();
  for (const one of measured) {
    const same = byPoint.get(identity(one));
    if (same === undefined) byPoint.set(identity(one), [one]);
    else same.push(one);
  }
  return points.flatMap((point) => byPoint.get(identity(point)) ?? [point]);
}

/** The same for points that must stay one each: the first dataset by name stands. */
export function withFirstDataset(
  points: readonly MetricPoint[],
  measured: readonly MetricPoint[],
): readonly MetricPoint[] {
  if (measured.length === 0) return points;
  const first = new Map([...measured].reverse().map((one) => [identity(one), one]));
  return points.map((point) => first.get(identity(point)) ?? point);
}
