import type { Interval } from '@fairlead/kernel';
import { type BootstrapInterval, bootstrapMeans, createRng } from '@fairlead/num';
import type { BaselineVerdict, MetricValue } from './predictions-types.js';

export const CONFIDENCE = 0.95;
const RESAMPLES = 1000;

/** How rows are drawn: with their neighbours when they have a time. */
export interface Drawing {
  readonly blockLength: 1 | 'auto';
}

/** Options of one bootstrap; the label keeps the numbers of one apart from those of another. */
export function bootstrapOptions({ blockLength }: Drawing, label: string) {
  return { rng: createRng(0).fork(label), resamples: RESAMPLES, confidence: CONFIDENCE, blockLength };
}

export const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function withInterval(name: string, interval: Interval, method: string): MetricValue {
  const { estimate, lower, upper } = interval;
  return { name, value: known(estimate), lower: known(lower), upper: known(upper), method };
}

export function bootstrapMethod(interval: BootstrapInterval): string {
  return interval.blockLength > 1 ? `bootstrap, blocks of ${interval.blockLength} rows` : 'bootstrap';
}

/** Metrics in the order of `scores`, with intervals where there are any. */
export function combine(
  scores: Readonly<Record<string, number>>,
  intervals: ReadonlyMap<string, { readonly interval: Interval; readonly method: string }>,
): MetricValue[] {
  return Object.entries(scores).map(([name, value]) => {
    const found = intervals.get(name);
    if (found === undefined) return { name, value: known(value) };
    return withInterval(name, { ...found.interval, estimate: value }, found.method);
  });
}

/** Product per row; the values themselves without weights. */
export function weighted(values: Float64Array, weights: Float64Array | undefined): Float64Array {
  return weights === undefined ? values : values.map((value, i) => value * (weights[i] as number));
}

export interface LossPair {
  readonly baseline: string;
  readonly loss: string;
  readonly model: Float64Array;
  readonly other: Float64Array;
}

/** Share of a baseline's loss that the model takes away, both resampled on the same rows. */
export function judgeBaseline(
  { baseline, loss, model, other }: LossPair,
  { drawing, weights }: { drawing: Drawing; weights: Float64Array | undefined },
): BaselineVerdict {
  const a = weighted(model, weights);
  const b = weighted(other, weights);
  const total = weights === undefined ? model.length : weights.reduce((sum, weight) => sum + weight, 0);
  const sum = (values: Float64Array) => values.reduce((all, value) => all + value, 0) / total;
  const skill = ([x, y]: Float64Array) => ((y as number) > 0 ? 1 - (x as number) / (y as number) : Number.NaN);
  const interval =
    model.length < 2
      ? { estimate: Number.NaN, lower: Number.NaN, upper: Number.NaN }
      : bootstrapMeans([a, b], skill, bootstrapOptions(drawing, `baseline ${baseline}`));
  return {
    baseline,
    loss,
    modelLoss: sum(a),
    baselineLoss: sum(b),
    skill: { estimate: known(interval.estimate), lower: known(interval.lower), upper: known(interval.upper) },
  };
}
