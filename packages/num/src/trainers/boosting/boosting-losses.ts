import { quantileOf, weightedQuantileOf } from './order-statistics.js';

export type Loss =
  | { readonly kind: 'log_loss' }
  | { readonly kind: 'squared_error' }
  | { readonly kind: 'absolute_error' }
  | { readonly kind: 'quantile'; readonly quantile: number }
  | { readonly kind: 'poisson' };

/** Hessian 1 whatever the answer is, unless rows have weights. */
export function hasUnitHessian(loss: Loss): boolean {
  return loss.kind === 'squared_error' || isRenewed(loss);
}

/** Leaves of these losses are set to a quantile of the residuals: their hessian says nothing. */
export function isRenewed(loss: Loss): loss is Extract<Loss, { kind: 'absolute_error' | 'quantile' }> {
  return loss.kind === 'absolute_error' || loss.kind === 'quantile';
}

export function quantileLevel(loss: Loss): number {
  return loss.kind === 'quantile' ? loss.quantile : 0.5;
}

export interface Sample {
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly rows: Uint32Array;
}

const EPSILON = 10 * Number.EPSILON;

/** The best constant answer before the link, one per output, as scikit-learn's `fit_intercept_only`. */
export function baselineOf(loss: Loss, sample: Sample, outputCount: number): Float64Array {
  if (outputCount > 1) return multinomialBaseline(sample, outputCount);
  if (isRenewed(loss)) return Float64Array.of(weightedLevel(loss, sample));
  const mean = weightedMean(sample, (y) => y);
  if (loss.kind === 'squared_error') return Float64Array.of(mean);
  if (loss.kind === 'poisson') return Float64Array.of(Math.log(Math.max(mean, EPSILON)));
  const p = Math.min(Math.max(mean, EPSILON), 1 - EPSILON);
  return Float64Array.of(Math.log(p / (1 - p)));
}

function weightedLevel(loss: Loss, { target, weights, rows }: Sample): number {
  const values = Float64Array.from(rows, (row) => target[row]);
  if (!weights) return quantileOf(values, 0, values.length, quantileLevel(loss));
  return weightedQuantileOf(
    values,
    Float64Array.from(rows, (row) => weights[row]),
    quantileLevel(loss),
  );
}

/** Logarithms of the class shares, moved so that their mean is 0. */
function multinomialBaseline(sample: Sample, outputCount: number): Float64Array {
  const logs = new Float64Array(outputCount);
  for (let k = 0; k < outputCount; k++) {
    const share = weightedMean(sample, (y) => (y === k ? 1 : 0));
    logs[k] = Math.log(Math.min(Math.max(share, EPSILON), 1 - EPSILON));
  }
  const mean = logs.reduce((sum, value) => sum + value, 0) / outputCount;
  return logs.map((value) => value - mean);
}

function weightedMean({ target, weights, rows }: Sample, value: (y: number) => number): number {
  let sum = 0;
  let total = 0;
  for (const row of rows) {
    const weight = weights ? weights[row] : 1;
    sum += weight * value(target[row]);
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

/** Mean loss of the rows, in scikit-learn's halved forms; `raw` is K × n. */
export function meanLoss(loss: Loss, sample: Sample, raw: Float64Array): number {
  const { target, weights, rows } = sample;
  const n = target.length;
  const outputCount = raw.length / n;
  let sum = 0;
  let total = 0;
  for (const row of rows) {
    const weight = weights ? weights[row] : 1;
    const one = outputCount > 1 ? multinomialLoss(raw, row, target) : lossOf(loss, target[row], raw[row]);
    sum += weight * one;
    total += weight;
  }
  return total > 0 ? sum / total : 0;
}

function lossOf(loss: Loss, y: number, raw: number): number {
  switch (loss.kind) {
    case 'log_loss':
      return (raw > 0 ? raw + Math.log1p(Math.exp(-raw)) : Math.log1p(Math.exp(raw))) - y * raw;
    case 'squared_error':
      return 0.5 * (raw - y) * (raw - y);
    case 'absolute_error':
      return Math.abs(raw - y);
    case 'quantile':
      return y >= raw ? loss.quantile * (y - raw) : (1 - loss.quantile) * (raw - y);
    case 'poisson':
      return Math.exp(raw) - y * raw;
  }
}

function multinomialLoss(raw: Float64Array, row: number, target: Float64Array): number {
  const n = target.length;
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = row; i < raw.length; i += n) largest = Math.max(largest, raw[i]);
  let sum = 0;
  for (let i = row; i < raw.length; i += n) sum += Math.exp(raw[i] - largest);
  return largest + Math.log(sum) - raw[target[row] * n + row];
}
