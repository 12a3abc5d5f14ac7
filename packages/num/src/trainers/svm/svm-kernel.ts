import type { FeatureMatrix } from '../../linalg/matrix.js';
import { expNegative } from './fast-exp.js';

export type KernelName = 'linear' | 'rbf' | 'poly' | 'sigmoid';

/** linear ⟨a,b⟩; rbf exp(−γ‖a−b‖²); poly (γ⟨a,b⟩ + c₀)^degree; sigmoid tanh(γ⟨a,b⟩ + c₀). */
export interface SvmKernel {
  readonly name: KernelName;
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** Rows one after another in double, with their squared norms: what a kernel walks. */
export interface KernelRows {
  readonly values: Float64Array;
  readonly squares: Float64Array;
  readonly count: number;
  readonly width: number;
}

/** The rows at `indices` (default all) of a feature-major matrix. */
export function kernelRows(x: FeatureMatrix, indices?: Int32Array): KernelRows {
  const count = indices ? indices.length : x.rowCount;
  const width = x.featureCount;
  const values = new Float64Array(count * width);
  const squares = new Float64Array(count);
  for (let f = 0; f < width; f++) {
    const start = f * x.rowCount;
    for (let i = 0; i < count; i++) {
      const value = x.values[start + (indices ? indices[i] : i)];
      values[i * width + f] = value;
      squares[i] += value * value;
    }
  }
  return { values, squares, count, width };
}

/** ⟨row, rows[i]⟩ into `out` for i in [from, to). */
function fillDots(rows: KernelRows, row: Float64Array, out: Float64Array | Float32Array, range: Range): void {
  const { values, width } = rows;
  const { to } = range;
  let i = range.from;
  let at = i * width;
  for (; i + 1 < to; i += 2) {
    let first = 0;
    let second = 0;
    const b = at + width;
    for (let f = 0; f < width; f++) {
      const own = row[f];
      first += own * values[at + f];
      second += own * values[b + f];
    }
    at = b + width;
    out[i] = first;
    out[i + 1] = second;
  }
  if (i < to) {
    let sum = 0;
    for (let f = 0; f < width; f++) sum += row[f] * values[at + f];
    out[i] = sum;
  }
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** exp(−γ‖row − rows[i]‖²), the inner loop of everything here: two rows at once keep both adders busy. */
function fillRbf(
  rows: KernelRows,
  row: Float64Array,
  out: Float64Array | Float32Array,
  at: { from: number; to: number; gamma: number; square: number },
): void {
  const { values, squares, width } = rows;
  const { to, gamma, square } = at;
  let i = at.from;
  let a = i * width;
  for (; i + 1 < to; i += 2) {
    let first = 0;
    let second = 0;
    const b = a + width;
    for (let f = 0; f < width; f++) {
      const own = row[f];
      first += own * values[a + f];
      second += own * values[b + f];
    }
    a = b + width;
    const near = gamma * (square + squares[i] - 2 * first);
    const far = gamma * (square + squares[i + 1] - 2 * second);
    out[i] = expNegative(Math.max(near, 0));
    out[i + 1] = expNegative(Math.max(far, 0));
  }
  if (i < to) {
    let sum = 0;
    for (let f = 0; f < width; f++) sum += row[f] * values[a + f];
    const distance = gamma * (square + squares[i] - 2 * sum);
    out[i] = expNegative(Math.max(distance, 0));
  }
}

/** Kernel of one row (`width` values and their squared norm) with rows[from, to), into the same places of `out`. */
export function fillKernel(
  kernel: SvmKernel,
  rows: KernelRows,
  row: { values: Float64Array; square: number },
  out: Float64Array | Float32Array,
  range: Range = { from: 0, to: rows.count },
): void {
  const { name, gamma, coef0, degree } = kernel;
  if (name === 'rbf') {
    fillRbf(rows, row.values, out, { ...range, gamma, square: row.square });
    return;
  }
  fillDots(rows, row.values, out, range);
  if (name === 'linear') return;
  for (let i = range.from; i < range.to; i++) {
    const inner = gamma * out[i] + coef0;
    out[i] = name === 'poly' ? integerPower(inner, degree) : Math.tanh(inner);
  }
}

/** Kernel of each row with itself. */
export function kernelDiagonal(kernel: SvmKernel, rows: KernelRows): Float64Array {
  return rows.squares.map((square) => {
    const inner = kernel.gamma * square + kernel.coef0;
    if (kernel.name === 'rbf') return 1;
    if (kernel.name === 'linear') return square;
    return kernel.name === 'poly' ? integerPower(inner, kernel.degree) : Math.tanh(inner);
  });
}

/** 'scale' = 1 / (features · variance of all values), 'auto' = 1 / features: scikit-learn's conventions. */
export function resolveGamma(gamma: number | 'scale' | 'auto', x: FeatureMatrix): number {
  if (typeof gamma === 'number') return gamma;
  if (gamma === 'auto') return 1 / x.featureCount;
  const count = x.values.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += x.values[i];
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (x.values[i] - mean) ** 2;
  return squares === 0 ? 1 : count / (x.featureCount * squares);
}

function integerPower(base: number, exponent: number): number {
  let result = 1;
  for (let factor = base, rest = exponent; rest > 0; rest >>= 1, factor *= factor) if (rest & 1) result *= factor;
  return result;
}
