import { checkLength, checkRange } from '../checks.js';
import { addGram, BLOCK_ROWS, type ColumnScale, columnScale, loadBlock, mirrorLower } from '../linalg/column-block.js';
import { checkMatrix, type FeatureMatrix } from '../linalg/matrix.js';
import { symmetricEigen } from '../linalg/symmetric-eigen.js';
import { numErrors } from '../num-errors.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { writeAffine } from '../onnx/onnx-linear.js';

export interface PcaOptions {
  /** An integer from 1: so many components. A number in (0, 1): as few as explain more than that ratio of the variance. Default: all. */
  readonly nComponents?: number;
  /** Divide each component by its standard deviation. Default false. */
  readonly whiten?: boolean;
}

export interface FittedPca {
  readonly featureCount: number;
  readonly componentCount: number;
  readonly mean: Float64Array;
  /** Row-major componentCount × featureCount, unit rows; the largest loading of each is positive. */
  readonly components: Float64Array;
  /** Per component, ddof 1. */
  readonly explainedVariance: Float64Array;
  /** Per component, of the variance of all features; 0 when nothing varies. */
  readonly explainedVarianceRatio: Float64Array;
  /** Features pca0, pca1, … in Float32. */
  transform(x: FeatureMatrix): FeatureMatrix;
  /** Adds the projection of Float32 [N, F] features; returns the name of Float32 [N, componentCount]. */
  writeOnnx(graph: OnnxGraph, features: string): string;
}

/**
 * Principal components by the eigenvectors of the covariance matrix (of the rows' inner products when there are fewer
 * rows than features), signs and conventions as in scikit-learn's PCA. Nothing is scaled: standardise the features
 * first unless they share a unit. Components without variance are whitened to 0, where scikit-learn blows up noise.
 *
 * Cost: rows · features² / 2 + about 8 · min(rows, features)³ operations.
 *
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE (more components than min(rows, features)), NUM_TOO_FEW (under two rows).
 */
export function fitPca(x: FeatureMatrix, options: PcaOptions = {}): FittedPca {
  checkMatrix('x', x);
  const { rowCount: n, featureCount: p } = x;
  if (n < 2) throw numErrors.NUM_TOO_FEW('Principal components need at least two rows.', { data: { rows: n } });
  const most = Math.min(n, p);
  const { nComponents = most, whiten = false } = options;
  checkRange('nComponents', nComponents, { min: Number.MIN_VALUE, max: most, integer: nComponents >= 1 });
  const { centre } = columnScale(x);
  const scale = { centre, factor: new Float64Array(p).fill(1) };
  const { variances, vectors } = n < p ? wideEigen(x, scale) : tallEigen(x, scale);
  const total = variances.reduce((sum, value) => sum + value, 0);
  const ratios = variances.map((value) => (total > 0 ? value / total : 0));
  const count = nComponents >= 1 ? nComponents : countFor(ratios, nComponents);
  const components = vectors.slice(0, count * p);
  for (let k = 0; k < count; k++) turnPositive(components.subarray(k * p, (k + 1) * p));
  const explainedVariance = variances.slice(0, count);
  const affine = projection({ centre, components, explainedVariance, whiten });
  return Object.freeze({
    featureCount: p,
    componentCount: count,
    mean: centre,
    components,
    explainedVariance,
    explainedVarianceRatio: ratios.slice(0, count),
    transform: (rows: FeatureMatrix) => project(rows, affine),
    writeOnnx: (graph: OnnxGraph, features: string) =>
      writeAffine(graph, { ...affine, inputs: p, outputs: count }, features),
  });
}

function tallEigen(x: FeatureMatrix, scale: ColumnScale): { variances: Float64Array; vectors: Float64Array } {
  const { rowCount: n, featureCount: p } = x;
  const covariance = new Float64Array(p * p);
  const block = new Float64Array(p * BLOCK_ROWS);
  for (let start = 0; start < n; start += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, n - start);
    loadBlock(x, { start, rows }, scale, block);
    addGram(block, { width: p, rows }, covariance);
  }
  mirrorLower(covariance, p);
  for (let i = 0; i < covariance.length; i++) covariance[i] /= n - 1;
  const { values, vectors } = symmetricEigen(covariance);
  return { variances: values.map((value) => Math.max(0, value)), vectors };
}

/** Fewer rows than features: X Xᵀ has the same eigenvalues, and Xᵀu / σ are the components. */
function wideEigen(x: FeatureMatrix, { centre }: ColumnScale): { variances: Float64Array; vectors: Float64Array } {
  const { rowCount: n, featureCount: p, values } = x;
  const inner = new Float64Array(n * n);
  for (let f = 0; f < p; f++) {
    for (let i = 0; i < n; i++) {
      const own = values[f * n + i] - centre[f];
      for (let j = 0; j <= i; j++) inner[i * n + j] += own * (values[f * n + j] - centre[f]);
    }
  }
  mirrorLower(inner, n);
  const eigen = symmetricEigen(inner);
  const vectors = new Float64Array(n * p);
  for (let k = 0; k < n; k++) {
    let squares = 0;
    for (let f = 0; f < p; f++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += eigen.vectors[k * n + i] * (values[f * n + i] - centre[f]);
      vectors[k * p + f] = sum;
      squares += sum * sum;
    }
    const flat = !(eigen.values[k] > 1e-14 * eigen.values[0]);
    for (let f = 0; f < p; f++) vectors[k * p + f] = flat ? 0 : vectors[k * p + f] / Math.sqrt(squares);
    if (flat) eigen.values[k] = 0;
  }
  return { variances: eigen.values.map((value) => Math.max(0, value) / (n - 1)), vectors };
}

/** As few components as explain more than `ratio`, as scikit-learn counts them. */
function countFor(ratios: Float64Array, ratio: number): number {
  let sum = 0;
  for (let k = 0; k < ratios.length; k++) {
    sum += ratios[k];
    if (sum > ratio) return k + 1;
  }
  return Math.max(1, ratios.length);
}

/** scikit-learn's svd_flip: the loading that is largest in size is positive. */
function turnPositive(component: Float64Array): void {
  let largest = 0;
  for (let f = 1; f < component.length; f++) {
    if (Math.abs(component[f]) > Math.abs(component[largest])) largest = f;
  }
  if (component[largest] < 0) for (let f = 0; f < component.length; f++) component[f] = -component[f];
}

/** Weights [features × components], row-major, applied to x − offset. */
function projection(fit: {
  centre: Float64Array;
  components: Float64Array;
  explainedVariance: Float64Array;
  whiten: boolean;
}): { offset: Float64Array; weights: Float64Array; bias: Float64Array } {
  const p = fit.centre.length;
  const count = fit.explainedVariance.length;
  const weights = new Float64Array(p * count);
  for (let k = 0; k < count; k++) {
    const variance = fit.explainedVariance[k];
    const flat = !(variance > 1e-14 * fit.explainedVariance[0]);
    const factor = fit.whiten ? (flat ? 0 : 1 / Math.sqrt(variance)) : 1;
    for (let f = 0; f < p; f++) weights[f * count + k] = fit.components[k * p + f] * factor;
  }
  return { offset: fit.centre, weights, bias: new Float64Array(count) };
}

function project(x: FeatureMatrix, affine: { offset: Float64Array; weights: Float64Array }): FeatureMatrix {
  const { offset, weights } = affine;
  const p = offset.length;
  const count = weights.length / p;
  checkLength('x.featureCount', x.featureCount, p);
  checkMatrix('x', x);
  const n = x.rowCount;
  const values = new Float32Array(n * count);
  const sum = new Float64Array(n);
  for (let k = 0; k < count; k++) {
    sum.fill(0);
    for (let f = 0; f < p; f++) {
      const weight = weights[f * count + k];
      const centre = offset[f];
      for (let i = 0, a = f * n; i < n; i++) sum[i] += (x.values[a + i] - centre) * weight;
    }
    values.set(sum, k * n);
  }
  const featureNames = Array.from({ length: count }, (_, k) => `pca${k}`);
  return Object.freeze({ values, rowCount: n, featureCount: count, featureNames });
}
