import type { Scale } from '../preprocess-spec.js';
import { quantileOfFloats } from './order-statistics.js';

/** Feature = Float32(Float32(x − offset) · factor). */
export interface Affine {
  readonly offset: number;
  readonly factor: number;
}

const IDENTITY: Affine = { offset: 0, factor: 1 };

/**
 * Learns a scale from the feature's training values, NaN left out. A constant feature, up to the rounding of its mean,
 * keeps factor 1 as in scikit-learn: it teaches nothing.
 */
export function learnScale(values: Float32Array, scale: Scale): Affine {
  if (scale === 'none' || values.length === 0) return IDENTITY;
  if (scale === 'standard') return standard(values);
  if (scale === 'min-max') return minMax(values);
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const range = quantileOfFloats(sorted, 0.75) - quantileOfFloats(sorted, 0.25);
  return affine(quantileOfFloats(sorted, 0.5), range);
}

/** Two passes: exact enough for values far from zero, where a sum of squares loses everything. */
function standard(values: Float32Array): Affine {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isNaN(value)) squares += (value - mean) * (value - mean);
  }
  return affine(mean, Math.sqrt(squares / Math.max(count, 1)));
}

function minMax(values: Float32Array): Affine {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? IDENTITY : affine(min, max - min);
}

function affine(centre: number, spread: number): Affine {
  const offset = Math.fround(centre);
  const varies = spread > Math.max(1e-12 * Math.abs(centre), 1e-37);
  return { offset, factor: varies ? Math.fround(1 / spread) : 1 };
}
