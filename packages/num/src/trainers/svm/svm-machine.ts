import { checkLength } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { fillKernel, type KernelRows, type SvmKernel } from './svm-kernel.js';

/** One or more decision functions Σₛ coefficient · K(support, x) − rho over shared support vectors. */
export interface SvmMachine {
  readonly kernel: SvmKernel;
  readonly featureCount: number;
  readonly support: KernelRows;
  readonly outputs: number;
  /** Row-major, support × outputs. */
  readonly coefficients: Float64Array;
  /** One per output. */
  readonly rho: Float64Array;
  /** Of a linear kernel: row-major features × outputs, which makes the support vectors needless. */
  readonly weights?: Float64Array;
}

export interface MachineParts {
  readonly kernel: SvmKernel;
  readonly rows: KernelRows;
  /** Coefficient of each row, one array per output. */
  readonly duals: readonly Float64Array[];
  readonly rho: Float64Array;
}

/** Keeps the rows that any output supports itself on. */
export function buildMachine({ kernel, rows, duals, rho }: MachineParts): SvmMachine & { supportRows: Int32Array } {
  const outputs = duals.length;
  const supportRows = Int32Array.from(
    Array.from({ length: rows.count }, (_, i) => i).filter((i) => duals.some((dual) => dual[i] !== 0)),
  );
  const count = supportRows.length;
  const { width } = rows;
  const values = new Float64Array(count * width);
  const coefficients = new Float64Array(count * outputs);
  for (let s = 0; s < count; s++) {
    const row = supportRows[s];
    values.set(rows.values.subarray(row * width, (row + 1) * width), s * width);
    for (let o = 0; o < outputs; o++) coefficients[s * outputs + o] = duals[o][row];
  }
  const squares = Float64Array.from(supportRows, (row) => rows.squares[row]);
  const support = { values, squares, count, width };
  const machine = { kernel, featureCount: width, support, outputs, coefficients, rho, supportRows };
  return kernel.name === 'linear' ? { ...machine, weights: linearWeights(machine) } : machine;
}

function linearWeights({ support, coefficients, outputs }: Omit<SvmMachine, 'weights'>): Float64Array {
  const weights = new Float64Array(support.width * outputs);
  for (let s = 0; s < support.count; s++) {
    for (let f = 0; f < support.width; f++) {
      const value = support.values[s * support.width + f];
      for (let o = 0; o < outputs; o++) weights[f * outputs + o] += value * coefficients[s * outputs + o];
    }
  }
  return weights;
}

/** Row-major decision values, rows × outputs. @throws NUM_SHAPE, NUM_NOT_FINITE */
export function machineDecisions(machine: SvmMachine, x: FeatureMatrix): Float64Array {
  checkLength('x.featureCount', x.featureCount, machine.featureCount);
  checkMatrix('x', x);
  const { outputs, rho, support, coefficients, weights, kernel } = machine;
  const width = x.featureCount;
  const out = new Float64Array(x.rowCount * outputs);
  const values = new Float64Array(width);
  const row = { values, square: 0 };
  const inner = weights ? values : new Float64Array(support.count);
  const factors = weights ?? coefficients;
  for (let i = 0; i < x.rowCount; i++) {
    row.square = 0;
    for (let f = 0; f < width; f++) {
      const value = x.values[f * x.rowCount + i];
      values[f] = value;
      row.square += value * value;
    }
    if (!weights) fillKernel(kernel, support, row, inner);
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let s = 0; s < inner.length; s++) sum += inner[s] * factors[s * outputs + o];
      out[i * outputs + o] = sum - rho[o];
    }
  }
  return out;
}
