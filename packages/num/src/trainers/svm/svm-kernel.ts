import type { FeatureMatrix } from '../../linalg/matrix.js';

export type KernelName = 'linear' | 'rbf' | 'poly' | 'sigmoid';

/** linear ⟨a,b⟩; rbf exp(−γ‖a−b‖²); poly (γ⟨a,b⟩ + c₀)^degree; sigmoid tanh(γ⟨a,b⟩ + c₀). */
export interface SvmKernel {
  readonly name: KernelName;
  readonly gamma: number;
  readonly coef0: number;
  readonly degree: number;
}

/** Rows one after another in double, with their squared norms: what a fitted machine keeps. */
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

/** What `SmoLoops` computes of this kernel; `bendDots` makes the rest of it. */
export function gammaOfLoops({ name, gamma }: SvmKernel): number | undefined {
  return name === 'rbf' ? gamma : undefined;
}

/** Makes kernel values of what the loops left in values[from, to). */
export function bendDots(kernel: SvmKernel, values: Float64Array | Float32Array, from: number, to: number): void {
  const { name, gamma, coef0, degree } = kernel;
  if (name !== 'poly' && name !== 'sigmoid') return;
  for (let i = from; i < to; i++) {
    const inner = gamma * values[i] + coef0;
    values[i] = name === 'poly' ? integerPower(inner, degree) : Math.tanh(inner);
  }
}

/** Kernel of a row of this squared norm with itself. */
export function kernelOfItself(kernel: SvmKernel, square: number): number {
  const inner = kernel.gamma * square + kernel.coef0;
  if (kernel.name === 'rbf') return 1;
  if (kernel.name === 'linear') return square;
  return kernel.name === 'poly' ? integerPower(inner, kernel.degree) : Math.tanh(inner);
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
