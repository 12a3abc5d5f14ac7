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
    values: membership(codes, code),
  }));
}

function membership(codes: Int32Array, code: number): Float64Array {
  const out = new Float64Array(codes.length);
  for (let row = 0; row < out.length; row++) if (codes[row] === code) out[row] = 1;
  return out;
}

/** Counts, sums and squared deviations from the own mean of each cell: fold × category code. */
export interface TargetCells {
  readonly folds: number;
  /** Codes 0..count; the last stands for what was never seen. */
  readonly count: number;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Two passes over the rows; whatever is left out later is then a matter of cells. `foldOf`: fold of each row. */
export function collectCells(
  values: Float64Array,
  codes: Int32Array,
  { count, folds, foldOf }: { readonly count: number; readonly folds: number; readonly foldOf: Int32Array },
): TargetCells {
  const width = count + 1;
  const counts = new Float64Array(folds * width);
  const sums = new Float64Array(folds * width);
  const squares = new Float64Array(folds * width);
  for (let row = 0; row < codes.length; row++) {
    const cell = foldOf[row] * width + codes[row];
    counts[cell]++;
    sums[cell] += values[row];
  }
  for (let row = 0; row < codes.length; row++) {
    const cell = foldOf[row] * width + codes[row];
    const deviation = values[row] - sums[cell] / counts[cell];
    squares[cell] += deviation * deviation;
  }
  return { folds, count, counts, sums, squares };
}

/**
 * Mean of the target per category, shrunk towards the mean of all rows, by code 0..count (the last: the mean of all).
 * 'auto' is the empirical Bayes estimate of scikit-learn's TargetEncoder: λ = σ²n / (σ²n + s²) with σ² the variance of
 * the target and s² that within the category; a number m gives (Σ + m·mean) / (n + m).
 * D. Micci-Barreca, SIGKDD Explorations 3 (2001).
 *
 * @param left the fold whose rows do not count; −1: all count.
 */
export function encodeTarget(cells: TargetCells, left: number, smoothing: 'auto' | number): Float64Array {
  const { count } = cells;
  const { counts, sums, squares } = mergeFolds(cells, left);
  let n = 0;
  let sum = 0;
  for (let code = 0; code < count; code++) {
    n += counts[code];
    sum += sums[code];
  }
  const mean = n === 0 ? 0 : sum / n;
  let variance = 0;
  for (let code = 0; code < count; code++) {
    if (counts[code] > 0) variance += squares[code] + counts[code] * (sums[code] / counts[code] - mean) ** 2;
  }
  variance /= n;
  const out = new Float64Array(count + 1).fill(mean);
  for (let code = 0; code < count; code++) {
    if (counts[code] === 0) continue;
    if (smoothing !== 'auto') {
      out[code] = (sums[code] + smoothing * mean) / (counts[code] + smoothing);
      continue;
    }
    const weight = (variance * counts[code]) / (variance * counts[code] + squares[code] / counts[code]);
    if (!Number.isNaN(weight)) out[code] = weight * (sums[code] / counts[code]) + (1 - weight) * mean;
  }
  return out;
}

/** Squared deviations of a union: those within its parts and those of their means (Chan, Golub and LeVeque 1979). */
function mergeFolds({ folds, count, counts, sums, squares }: TargetCells, left: number) {
  const width = count + 1;
  const merged = { counts: new Float64Array(width), sums: new Float64Array(width), squares: new Float64Array(width) };
  for (let fold = 0; fold < folds; fold++) {
    if (fold === left) continue;
    for (let code = 0; code < width; code++) {
      merged.counts[code] += counts[fold * width + code];
      merged.sums[code] += sums[fold * width + code];
    }
  }
  for (let fold = 0; fold < folds; fold++) {
    if (fold === left) continue;
    for (let code = 0; code < width; code++) {
      const cell = fold * width + code;
      if (counts[cell] === 0) continue;
      const shift = sums[cell] / counts[cell] - merged.sums[code] / merged.counts[code];
      merged.squares[code] += squares[cell] + counts[cell] * shift * shift;
    }
  }
  return merged;
}
