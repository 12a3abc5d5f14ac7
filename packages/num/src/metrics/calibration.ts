import { checkFinite, checkLength, checkRange, checkWeights } from '../checks.js';

/** One bin of forecasts in [lower, upper) (the last bin is closed). */
export interface CalibrationBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  readonly meanPredicted: number;
  readonly shareObserved: number;
}

export interface CalibrationOptions {
  /** Default 10. */
  readonly bins?: number;
  /** 'uniform' (default): equal width; 'quantile': about equal counts. */
  readonly strategy?: 'uniform' | 'quantile';
  /** Weight per row; then `count` is a sum of weights. */
  readonly weights?: Float64Array | undefined;
}

/** Reliability curve of P(class 1) against truth 0/1; empty bins are dropped, as in scikit-learn. */
export function calibrationCurve(
  yTrue: Int32Array,
  probability: Float64Array,
  options: CalibrationOptions = {},
): CalibrationBin[] {
  const { bins = 10, strategy = 'uniform', weights } = options;
  checkLength('probability', probability.length, yTrue.length);
  checkFinite('probability', probability);
  checkUnit(probability);
  if (weights) checkWeights(weights, yTrue.length);
  checkRange('bins', bins, { min: 1, integer: true });
  const edges = strategy === 'uniform' ? uniformEdges(bins) : quantileEdges(probability, bins);
  const last = edges.length - 2;
  const counts = new Float64Array(last + 1);
  const predicted = new Float64Array(last + 1);
  const observed = new Float64Array(last + 1);
  for (let i = 0; i < probability.length; i++) {
    const p = probability[i];
    const weight = weights === undefined ? 1 : weights[i];
    let bin = strategy === 'uniform' ? Math.min(last, Math.floor(p * bins)) : 0;
    while (bin < last && p >= edges[bin + 1]) bin++;
    while (bin > 0 && p < edges[bin]) bin--;
    counts[bin] += weight;
    predicted[bin] += weight * p;
    observed[bin] += weight * yTrue[i];
  }
  const curve: CalibrationBin[] = [];
  for (let bin = 0; bin <= last; bin++) {
    const count = counts[bin];
    if (count === 0) continue;
    curve.push({
      lower: edges[bin],
      upper: edges[bin + 1],
      count,
      meanPredicted: predicted[bin] / count,
      shareObserved: observed[bin] / count,
    });
  }
  return curve;
}

export interface CalibrationError {
  /** Mean |observed − predicted| over the bins, weighted by count (Naeini et al. 2015). */
  readonly expected: number;
  /** The largest |observed − predicted| of a bin. */
  readonly max: number;
}

/** How far a reliability curve lies from the diagonal, on average and at worst. */
export function calibrationError(curve: readonly CalibrationBin[]): CalibrationError {
  let sum = 0;
  let total = 0;
  let max = 0;
  for (const { count, shareObserved, meanPredicted } of curve) {
    const gap = Math.abs(shareObserved - meanPredicted);
    sum += count * gap;
    total += count;
    max = Math.max(max, gap);
  }
  return { expected: total > 0 ? sum / total : Number.NaN, max };
}

/** {@link calibrationError}.expected of P(class 1). */
export function expectedCalibrationError(
  yTrue: Int32Array,
  probability: Float64Array,
  options: CalibrationOptions = {},
): number {
  return calibrationError(calibrationCurve(yTrue, probability, options)).expected;
}

function checkUnit(probability: Float64Array): void {
  for (let i = 0; i < probability.length; i++) {
    if (!(probability[i] >= 0 && probability[i] <= 1)) checkRange('probability', probability[i], { min: 0, max: 1 });
  }
}

function uniformEdges(bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, i) => i / bins);
}

function quantileEdges(probability: Float64Array, bins: number): number[] {
  const sorted = probability.slice().sort();
  const edges = [0];
  for (let i = 1; i < bins; i++) {
    const edge = sorted[Math.floor((i * sorted.length) / bins)];
    if (edge > edges[edges.length - 1]) edges.push(edge);
  }
  return edges[edges.length - 1] < 1 ? [...edges, 1] : edges;
}
