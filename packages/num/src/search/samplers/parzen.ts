import type { Rng } from '../../random/rng.js';
import { fastNormalCdf, fastNormalQuantile, HALF_LOG_TWO_PI, normalMass } from '../../special/error-function.js';
import { type Dimension, innerOf, valueOfInner } from '../dimension.js';

/** One parameter of a mixture: kernel k is a normal truncated to the inner bounds, or a choice that was seen. */
interface ParzenPart {
  readonly dimension: Dimension;
  /** Numeric: the centres and widths; the last is the prior. Categorical: the choice, −1 for the prior; widths unused. */
  readonly centres: Float64Array;
  readonly widths: Float64Array;
}

/**
 * Mixture of products: one kernel per observed trial and a prior over the whole space, as Optuna 5's _ParzenEstimator
 * (prior weight 1, magic clip on, endpoints off). With several parameters the kernels are shared: their joint density.
 */
export interface Parzen {
  readonly parts: readonly ParzenPart[];
  /** Per kernel; sums to 1. */
  readonly weights: Float64Array;
}

export interface ParzenInput {
  readonly dimensions: readonly Dimension[];
  /** Per dimension: inner coordinates of the trials, the oldest first. */
  readonly observations: readonly Float64Array[];
  /** Per dimension: the same trials' places by rising coordinate. */
  readonly orders: readonly ArrayLike<number>[];
  /** True: every trial counts the same. False: the newest 25 fully, older ones down a ramp to 1/n. */
  readonly evenWeights?: boolean;
}

export function createParzen(input: ParzenInput): Parzen {
  const count = input.observations[0].length;
  const weights = new Float64Array(count + 1);
  let sum = 0;
  for (let i = 0; i <= count; i++) {
    const flat = input.evenWeights || count < 25 || i >= count - 25;
    weights[i] = flat ? 1 : rampWeight(i, count);
    sum += weights[i];
  }
  for (let i = 0; i <= count; i++) weights[i] /= sum;
  const parts = input.dimensions.map((dimension, i) =>
    dimension.categorical
      ? { dimension, centres: Float64Array.of(...input.observations[i], -1), widths: new Float64Array(0) }
      : numericPart(dimension, input.observations[i], input.orders[i]),
  );
  return { parts, weights };
}

/** linspace(1/n, 1, n − 25): the oldest trial weighs 1/n. */
function rampWeight(i: number, count: number): number {
  const steps = count - 25;
  return steps === 1 ? 1 / count : 1 / count + (i * (1 - 1 / count)) / (steps - 1);
}

/** A kernel is as wide as the way to its farther neighbour, between range / min(100, n + 2) and range. */
function numericPart(dimension: Dimension, values: Float64Array, order: ArrayLike<number>): ParzenPart {
  const { innerLow, innerHigh } = dimension;
  const count = values.length;
  const range = innerHigh - innerLow;
  const centres = new Float64Array(count + 1);
  const widths = new Float64Array(count + 1);
  const least = range / Math.min(100, count + 2);
  for (let rank = 0; rank < count; rank++) {
    const here = values[order[rank]];
    let left = here - (rank > 0 ? values[order[rank - 1]] : innerLow);
    let right = (rank < count - 1 ? values[order[rank + 1]] : innerHigh) - here;
    if (count >= 2 && rank === 0) left = right;
    if (count >= 2 && rank === count - 1) right = left;
    centres[order[rank]] = here;
    widths[order[rank]] = Math.min(Math.max(left, right, least), range);
  }
  centres[count] = 0.5 * (innerLow + innerHigh);
  widths[count] = range;
  return { dimension, centres, widths };
}

/** `count` points of the mixture, each rounded to an allowed value: inner coordinates per dimension. */
export function drawParzen(parzen: Parzen, rng: Rng, count: number): Float64Array[] {
  const kernels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let left = rng.next();
    let kernel = 0;
    while (kernel < parzen.weights.length - 1 && left >= parzen.weights[kernel]) left -= parzen.weights[kernel++];
    kernels[i] = kernel;
  }
  return parzen.parts.map((part) => {
    const out = new Float64Array(count);
    for (let i = 0; i < count; i++) out[i] = drawKernel(part, kernels[i], parzen.weights.length, rng.next());
    return out;
  });
}

function drawKernel(part: ParzenPart, kernel: number, kernelCount: number, unit: number): number {
  const { dimension } = part;
  const centre = part.centres[kernel];
  if (dimension.categorical) {
    // Each choice has 1/kernels, the one that was seen 1 more: laid out with that one last.
    const choices = dimension.pointCount;
    if (centre < 0 || kernelCount === 1) return Math.min(Math.floor(unit * choices), choices - 1);
    const mass = unit * (1 + choices / kernelCount) * kernelCount;
    return mass < choices ? Math.floor(mass) : centre;
  }
  const width = part.widths[kernel];
  const a = (dimension.innerLow - centre) / width;
  const b = (dimension.innerHigh - centre) / width;
  const inner = centre + width * truncatedQuantile(unit, a, b);
  return innerOf(dimension, valueOfInner(dimension, inner));
}

/** Quantile of a standard normal cut to [a, b] with a ≤ 0 ≤ b: every kernel's centre lies inside the bounds. */
function truncatedQuantile(unit: number, a: number, b: number): number {
  const below = fastNormalCdf(a);
  const above = fastNormalCdf(-b);
  const mass = 1 - below - above;
  const p = below + unit * mass;
  const z = p <= 0.5 ? quantileOrEdge(p, a) : -quantileOrEdge(above + (1 - unit) * mass, -b);
  return Math.min(Math.max(z, a), b);
}

function quantileOrEdge(p: number, edge: number): number {
  return p > 0 ? fastNormalQuantile(Math.min(p, 0.5)) : edge;
}

/** ln density (numeric) or mass (stepped, categorical) of the mixture at each point. */
export function logDensity(parzen: Parzen, points: readonly Float64Array[]): Float64Array {
  const count = points[0].length;
  const kernelCount = parzen.weights.length;
  const logs = new Float64Array(kernelCount * count);
  for (let k = 0; k < kernelCount; k++) logs.fill(Math.log(parzen.weights[k]), k * count, (k + 1) * count);
  for (const [i, part] of parzen.parts.entries()) {
    if (part.dimension.categorical) addChoices(part, points[i], logs);
    else if (part.dimension.step > 0) addCells(part, points[i], logs);
    else addNormals(part, points[i], logs);
  }
  return logSumOverKernels(logs, count);
}

function addNormals(part: ParzenPart, points: Float64Array, logs: Float64Array): void {
  const { innerLow, innerHigh } = part.dimension;
  const count = points.length;
  for (let k = 0; k < part.centres.length; k++) {
    const centre = part.centres[k];
    const inverse = 1 / part.widths[k];
    const mass = normalMass((innerLow - centre) * inverse, (innerHigh - centre) * inverse);
    const shift = HALF_LOG_TWO_PI + Math.log(mass * part.widths[k]);
    for (let i = 0, at = k * count; i < count; i++, at++) {
      const z = (points[i] - centre) * inverse;
      logs[at] -= 0.5 * z * z + shift;
    }
  }
}

/** Stepped parameters repeat points and kernels: each pair that differs is computed once. */
function addCells(part: ParzenPart, points: Float64Array, logs: Float64Array): void {
  const { dimension, centres, widths } = part;
  const distinct = [...new Set(points)];
  const cellOf = Int32Array.from(points, (point) => distinct.indexOf(point));
  const edges = distinct.map((point) => cellEdges(dimension, point));
  const rows = new Map<number, Float64Array>();
  let narrowest = Number.POSITIVE_INFINITY;
  for (let k = 0; k < widths.length; k++) narrowest = Math.min(narrowest, widths[k]);
  for (let k = 0; k < centres.length; k++) {
    let row = widths[k] === narrowest ? rows.get(centres[k]) : undefined;
    if (row === undefined) {
      row = cellMasses(dimension, centres[k], widths[k], edges);
      if (widths[k] === narrowest) rows.set(centres[k], row);
    }
    for (let i = 0, at = k * points.length; i < points.length; i++, at++) logs[at] += row[cellOf[i]];
  }
}

function cellEdges(dimension: Dimension, point: number): readonly [number, number] {
  const half = dimension.step / 2;
  if (!dimension.log) return [point - half, point + half];
  const value = Math.round(Math.exp(point));
  return [Math.log(value - half), Math.log(value + half)];
}

/** ln mass of each cell; −Infinity is right for a far cell, the prior keeps the mixture above 0. */
function cellMasses(
  dimension: Dimension,
  centre: number,
  width: number,
  edges: readonly (readonly [number, number])[],
): Float64Array {
  const total = normalMass((dimension.innerLow - centre) / width, (dimension.innerHigh - centre) / width);
  const out = new Float64Array(edges.length);
  for (let i = 0; i < edges.length; i++) {
    const a = (edges[i][0] - centre) / width;
    const b = (edges[i][1] - centre) / width;
    // Nine widths away is less than 1e-17 of what the prior has there, and most cells are that far from most kernels.
    const mass = a > 9 || b < -9 ? 0 : normalMass(a, b);
    out[i] = mass > 0 ? Math.log(mass / total) : Number.NEGATIVE_INFINITY;
  }
  return out;
}

function addChoices(part: ParzenPart, points: Float64Array, logs: Float64Array): void {
  const kernelCount = part.centres.length;
  const choices = part.dimension.pointCount;
  const share = 1 / kernelCount;
  const total = 1 + choices * share;
  const [hit, miss, prior] = [Math.log((1 + share) / total), Math.log(share / total), -Math.log(choices)];
  const count = points.length;
  for (let k = 0; k < kernelCount; k++) {
    const seen = part.centres[k];
    for (let i = 0, at = k * count; i < count; i++, at++)
      logs[at] += seen < 0 ? prior : seen === points[i] ? hit : miss;
  }
}

function logSumOverKernels(logs: Float64Array, count: number): Float64Array {
  const most = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  for (let at = 0, i = 0; at < logs.length; at++) {
    if (logs[at] > most[i]) most[i] = logs[at];
    if (++i === count) i = 0;
  }
  const sums = new Float64Array(count);
  for (let at = 0, i = 0; at < logs.length; at++) {
    const gap = logs[at] - most[i];
    if (gap > -40) sums[i] += Math.exp(gap);
    if (++i === count) i = 0;
  }
  for (let i = 0; i < count; i++) sums[i] = Math.log(sums[i]) + most[i];
  return sums;
}
