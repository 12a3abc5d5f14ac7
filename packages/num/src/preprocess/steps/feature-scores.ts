import { checkLength } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { PreprocessTarget } from '../preprocess-types.js';

/** Population variance of each feature, NaN left out. */
export function variances(x: FeatureMatrix): Float64Array {
  return forEachFeature(x, (values) => {
    let mean = 0;
    let squares = 0;
    let count = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      count++;
      const delta = value - mean;
      mean += delta / count;
      squares += delta * (value - mean);
    }
    return count === 0 ? 0 : squares / count;
  });
}

/** F statistic of each feature: one-way analysis of variance for classes, simple regression for numbers. NaN left out. */
export function fScores(x: FeatureMatrix, target: PreprocessTarget): Float64Array {
  checkLength('target', target.kind === 'classes' ? target.codes.length : target.values.length, x.rowCount);
  return forEachFeature(x, (values) =>
    target.kind === 'classes' ? anovaF(values, target.codes, target.classCount) : regressionF(values, target.values),
  );
}

function anovaF(values: Float32Array, codes: Int32Array, classCount: number): number {
  const sums = new Float64Array(classCount);
  const counts = new Float64Array(classCount);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    sums[codes[i]] += values[i];
    counts[codes[i]]++;
    count++;
  }
  const mean = sums.reduce((sum, value) => sum + value, 0) / count;
  let between = 0;
  let classes = 0;
  for (let k = 0; k < classCount; k++) {
    if (counts[k] === 0) continue;
    classes++;
    between += counts[k] * (sums[k] / counts[k] - mean) ** 2;
  }
  let within = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) within += (values[i] - sums[codes[i]] / counts[codes[i]]) ** 2;
  }
  if (classes < 2 || count <= classes || between === 0) return 0;
  return between / (classes - 1) / (within / (count - classes));
}

function regressionF(values: Float32Array, y: Float64Array): number {
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    count++;
    meanX += values[i];
    meanY += y[i];
  }
  meanX /= count;
  meanY /= count;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    xx += (values[i] - meanX) ** 2;
    yy += (y[i] - meanY) ** 2;
    xy += (values[i] - meanX) * (y[i] - meanY);
  }
  if (count < 3 || !(xx * yy > 0)) return 0;
  const r2 = (xy * xy) / (xx * yy);
  return (r2 / (1 - r2)) * (count - 2);
}

const BINS = 32;

/**
 * Mutual information in nats between each feature and the target, both cut into at most 32 quantile bins; NaN is a bin
 * of its own. Coarser than the neighbour estimate of scikit-learn, and linear in the rows.
 */
export function mutualInformation(x: FeatureMatrix, target: PreprocessTarget): Float64Array {
  checkLength('target', target.kind === 'classes' ? target.codes.length : target.values.length, x.rowCount);
  const classes = target.kind === 'classes' ? target.codes : quantileBins(target.values);
  const classCount = target.kind === 'classes' ? target.classCount : BINS + 1;
  return forEachFeature(x, (values) => {
    const bins = quantileBins(values);
    const joint = new Float64Array((BINS + 1) * classCount);
    for (let i = 0; i < bins.length; i++) joint[bins[i] * classCount + classes[i]]++;
    return informationOf(joint, classCount, bins.length);
  });
}

function informationOf(joint: Float64Array, classCount: number, n: number): number {
  const rows = new Float64Array(joint.length / classCount);
  const columns = new Float64Array(classCount);
  for (let i = 0; i < joint.length; i++) {
    rows[Math.floor(i / classCount)] += joint[i];
    columns[i % classCount] += joint[i];
  }
  let sum = 0;
  for (let i = 0; i < joint.length; i++) {
    if (joint[i] === 0) continue;
    sum += (joint[i] / n) * Math.log((joint[i] * n) / (rows[Math.floor(i / classCount)] * columns[i % classCount]));
  }
  return Math.max(sum, 0);
}

/** Bin 0..31 by rank, equal values in one bin; 32 for NaN. */
function quantileBins(values: Float32Array | Float64Array): Int32Array {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const edges = Float64Array.from({ length: BINS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / BINS)]);
  return Int32Array.from(values, (value) => {
    if (Number.isNaN(value)) return BINS;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

function forEachFeature(x: FeatureMatrix, score: (values: Float32Array) => number): Float64Array {
  const n = x.rowCount;
  return Float64Array.from({ length: x.featureCount }, (_, f) => score(x.values.subarray(f * n, (f + 1) * n)));
}
