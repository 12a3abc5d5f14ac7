import type { MetricPointView, RunDifferenceView, RunView } from '@fairlead/contracts';
import { type Immutable, present } from '../../platform/http/index.js';
import type { MetricPoint, Run, RunDifference } from './tracking-types.js';

type WireNumber = MetricPointView['value'];

/** JSON carries no NaN and no infinities: they travel under their names. */
function toWireNumber(value: number): WireNumber {
  return Number.isFinite(value) ? value : (String(value) as WireNumber);
}

export function fromWirePoint(point: MetricPointView): MetricPoint {
  return { ...point, value: Number(point.value) };
}

export function presentPoint(point: MetricPoint): MetricPointView {
  return { ...point, value: toWireNumber(point.value) };
}

export function presentRun(run: Run): RunView {
  const { latest: _, ...rest } = run;
  const metrics = Object.entries(run.metrics).map(([key, value]) => [key, toWireNumber(value)] as const);
  const view: Immutable<RunView> = { ...rest, metrics: Object.fromEntries(metrics) };
  return present<RunView>(view);
}

export function presentDifference({ field, key, values }: RunDifference): RunDifferenceView {
  return { field, key, values: values.map((value) => (typeof value === 'number' ? toWireNumber(value) : value)) };
}
