import { checkLength } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import { type BlockMemory, createBlockMemory, ROWS_PER_BLOCK } from './block-memory.js';
import { bendDots, gammaOfLoops, type KernelRows, type SvmKernel } from './svm-kernel.js';

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
  const { outputs, rho, weights } = machine;
  const out = new Float64Array(x.rowCount * outputs);
  if (weights) addLinear(x, { weights, outputs }, out);
  else {
    const memory = createBlockMemory(x.featureCount, outputs);
    for (let start = 0; start < x.rowCount; start += ROWS_PER_BLOCK) addBlock(machine, { x, start, memory }, out);
  }
  for (let at = 0; at < out.length; at++) out[at] -= rho[at % outputs];
  return out;
}

function addLinear(
  x: FeatureMatrix,
  { weights, outputs }: { weights: Float64Array; outputs: number },
  out: Float64Array,
) {
  for (let f = 0; f < x.featureCount; f++) {
    for (let i = 0; i < x.rowCount; i++) {
      const value = x.values[f * x.rowCount + i];
      for (let o = 0; o < outputs; o++) out[i * outputs + o] += value * weights[f * outputs + o];
    }
  }
}

/** Sums for the rows of one block, one support vector after the other: the block stays in the cache while they pass. */
function addBlock(
  { kernel, support, coefficients, outputs }: SvmMachine,
  { x, start, memory }: { x: FeatureMatrix; start: number; memory: BlockMemory },
  out: Float64Array,
): void {
  const { loops, columns, own, inner, sums } = memory;
  const { width } = support;
  const count = Math.min(ROWS_PER_BLOCK, x.rowCount - start);
  const { values, squares, stride } = columns;
  squares.fill(0);
  for (let f = 0; f < width; f++) {
    for (let i = 0; i < count; i++) {
      const value = x.values[f * x.rowCount + start + i];
      values[f * stride + i] = value;
      squares[i] += value * value;
    }
  }
  for (const sum of sums) sum.fill(0);
  const gamma = gammaOfLoops(kernel);
  for (let s = 0; s < support.count; s++) {
    for (let f = 0; f < width; f++) own[f] = support.values[s * width + f];
    loops.fillDouble({ columns, own: { values: own, square: support.squares[s] }, from: 0, to: count, gamma }, inner);
    bendDots(kernel, inner, 0, count);
    for (let o = 0; o < outputs; o++) {
      const factor = coefficients[s * outputs + o];
      if (factor !== 0) loops.addScaled(sums[o], inner, factor, count);
    }
  }
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < count; i++) out[(start + i) * outputs + o] = sums[o][i];
  }
}
