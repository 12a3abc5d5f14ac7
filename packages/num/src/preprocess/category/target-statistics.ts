import { numErrors } from '../../num-errors.js';
import type { PreprocessTarget } from '../preprocess-types.js';

/** One number per row to average by category: the target itself, or 1 where it is class `code`. */
export interface TargetColumn {
  readonly name: string;
  readonly values: Float64Array;
}

/** The target's columns: numbers one, two classes one (class 1), K classes K. @throws NUM_SHAPE, NUM_NOT_FINITE */
export function targetColumns(column: string, target: PreprocessTarget): TargetColumn[] {
  if (target.kind === 'numbers') {
    for (const value of target.values) {
      if (Number.isFinite(value)) continue;
      throw numErrors.NUM_NOT_FINITE(`The target that ${column} is encoded with holds ${value}.`);
    }
    return [{ name: `${column}_target`, values: target.values }];
  }
  const { codes, classCount } = target;
  const classes = classCount === 2 ? [1] : Array.from({ length: classCount }, (_, code) => code);
  return classes.map((code) => ({
    name: classCount === 2 ? `${column}_target` : `${column}_target${code}`,
    values: Float64Array.from(codes, (observed) => Number(observed === code)),
  }));
}

export interface EncodingRows {
  /** Category code of every row; codes never seen in `rows` get the mean of all. */
  readonly codes: Int32Array;
  readonly count: number;
  /** The rows to learn from; all when absent. */
  readonly rows?: Int32Array;
  readonly smoothing: 'auto' | number;
}

/**
 * Mean of the target per category, shrunk towards the mean of all rows, by code 0..count (the last: the mean of all).
 * 'auto' is the empirical Bayes estimate of scikit-learn's TargetEncoder: λ = σ²n / (σ²n + s²) with σ² the variance of
 * the target and s² that within the category; a number m gives (Σ + m·mean) / (n + m).
 * D. Micci-Barreca, SIGKDD Explorations 3 (2001).
 */
export function encodeTarget(values: Float64Array, { codes, count, rows, smoothing }: EncodingRows): Float64Array {
  const n = rows?.length ?? values.length;
  const sums = new Float64Array(count + 1);
  const counts = new Float64Array(count + 1);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const row = rows ? rows[i] : i;
    sums[codes[row]] += values[row];
    counts[codes[row]]++;
    sum += values[row];
  }
  const mean = sum / n;
  const out = new Float64Array(count + 1).fill(mean);
  if (smoothing !== 'auto') {
    for (let code = 0; code < count; code++) {
      if (counts[code] + smoothing > 0) out[code] = (sums[code] + smoothing * mean) / (counts[code] + smoothing);
    }
    return out;
  }
  const squares = new Float64Array(count + 1);
  let variance = 0;
  for (let i = 0; i < n; i++) {
    const row = rows ? rows[i] : i;
    squares[codes[row]] += (values[row] - sums[codes[row]] / counts[codes[row]]) ** 2;
    variance += (values[row] - mean) ** 2;
  }
  variance /= n;
  for (let code = 0; code < count; code++) {
    const weight = (variance * counts[code]) / (variance * counts[code] + squares[code] / counts[code]);
    if (!Number.isNaN(weight)) out[code] = weight * (sums[code] / counts[code]) + (1 - weight) * mean;
  }
  return out;
}
