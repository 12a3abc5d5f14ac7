import { checkFinite, checkLength, checkRange } from '../checks.js';

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
}

/** Reliability curve of P(class 1) against truth 0/1; empty bins are dropped, as in scikit-learn. */
export function calibrationCurve(
  yTrue: Int32Array,
  probability: Float64Array,
  options: CalibrationOptions = {},
): CalibrationBin[] {
  const { bins = 10, strategy = 'uniform' } = options;
  checkLength('probability', probability.length, yTrue.length);
  checkFinite('probability', probability);
  for (const p of probability) checkRange('probability', p, { min: 0, max: 1 });
  checkRange('bins', bins, { min: 1, integer: true });
  const edges = strategy === 'uniform' ? uniformEdges(bins) : quantileEdges(probability, bins);
  const last = edges.length - 2;
  const counts = new Float64Array(last + 1);
  const predicted = new Float64Array(last + 1);
  const observed = new Float64Array(last + 1);
  for (let i = 0; i < probability.length; i++) {
    let bin = 0;
    while (bin < last && probability[i] >= edges[bin + 1]) bin++;
    counts[bin]++;
    predicted[bin] += probability[i];
    observed[bin] += yTrue[i];
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

/** Expected calibration error: mean |observed − predicted| over the bins, weighted by count (Naeini et al. 2015). */
export function expectedCalibrationError(
  yTrue: Int32Array,
  probability: Float64Array,
  options: CalibrationOptions = {},
): number {
  let sum = 0;
  for (const bin of calibrationCurve(yTrue, probability, options)) {
    sum += bin.count * Math.abs(bin.shareObserved - bin.meanPredicted);
  }
  return sum / yTrue.length;
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
