import { checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix } from '../../linalg/matrix.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { writeSvr } from '../../onnx/onnx-svm.js';
import { prepareRegression, type RegressionTargetOptions } from '../regression-targets.js';
import { type FitHooks, type FittedRegressorBase, throwIfStopped } from '../trainer-types.js';
import { createKernelCache, exchange, type KernelSource } from './kernel-cache.js';
import { solveSmo } from './smo-solver.js';
import { withSmoMemory } from './spare-memory.js';
import { kernelRows } from './svm-kernel.js';
import { buildMachine, machineDecisions } from './svm-machine.js';
import { type SvmOptions, svmSettings } from './svm-options.js';

export interface SvrOptions extends SvmOptions, RegressionTargetOptions, FitHooks {
  /** Half the width of the tube in which an error costs nothing, in units of the target. Default 0.1. */
  readonly epsilon?: number;
}

export interface FittedSvr extends FittedRegressorBase {
  readonly kind: 'svr';
  readonly gamma: number;
  readonly supportRows: Int32Array;
  readonly rho: number;
  readonly iterations: number;
  /** False when the iterations ran out. */
  readonly converged: boolean;
}

/**
 * ε-support vector regression: the support vectors and predictions of libsvm and so of scikit-learn's SVR. Weights
 * multiply C; rows of weight 0 are left out.
 *
 * @param x feature-major matrix of finite values; standardise it.
 * @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW.
 */
export function fitSvr(x: FeatureMatrix, y: Float64Array, options: SvrOptions = {}): FittedSvr {
  const { epsilon = 0.1, signal, onProgress } = options;
  checkMatrix('x', x);
  const weights = prepareRegression(y, x.rowCount, options);
  checkRange('epsilon', epsilon, { min: 0, max: Number.MAX_VALUE });
  const settings = svmSettings(options, x);
  onProgress?.(0);
  throwIfStopped(signal);
  const all = Int32Array.from({ length: x.rowCount }, (_, i) => i);
  const used = weights ? all.filter((i) => weights[i] > 0) : all;
  const count = used.length;
  const each = (above: (row: number) => number, below: (row: number) => number) =>
    Float64Array.from({ length: 2 * count }, (_, i) => (i < count ? above(used[i]) : below(used[i - count])));
  const { cacheSizeMb, kernel } = settings;
  const problem = {
    signs: Int8Array.from({ length: 2 * count }, (_, i) => (i < count ? 1 : -1)),
    linear: each(
      (row) => epsilon - y[row],
      (row) => -epsilon - y[row],
    ),
    bounds: each(
      (row) => settings.c * (weights ? weights[row] : 1),
      (row) => settings.c * (weights ? weights[row] : 1),
    ),
    tolerance: settings.tolerance,
    shrinking: settings.shrinking,
    maxIterations: settings.maxIterations,
    onIteration: () => throwIfStopped(signal),
  };
  const solved = withSmoMemory({ rows: count, width: x.featureCount, variablesPerRow: 2, cacheSizeMb }, (memory) => {
    const single = createKernelCache(kernel, { x, rows: used }, memory);
    return solveSmo({ ...problem, memory, kernel: twofold(single, count, memory.spread) });
  });
  const duals = new Float64Array(x.rowCount);
  for (let i = 0; i < count; i++) duals[used[i]] = solved.alpha[i] - solved.alpha[i + count];
  const { rho, iterations, converged } = solved;
  const machine = buildMachine({
    kernel,
    rows: kernelRows(x),
    duals: [duals],
    rho: Float64Array.of(rho),
  });
  onProgress?.(1);
  return Object.freeze({
    kind: 'svr' as const,
    task: 'regression' as const,
    featureCount: x.featureCount,
    gamma: settings.kernel.gamma,
    supportRows: machine.supportRows,
    rho,
    iterations,
    converged,
    predict: (rows: FeatureMatrix) => machineDecisions(machine, rows),
    writeOnnx: (graph: OnnxGraph, features: string) => writeSvr(graph, machine, features),
  });
}

/** Two variables per row (error above, error below) on one kernel row, spread to the solver's order in turn in two buffers. */
function twofold(single: KernelSource, count: number, buffers: readonly Float32Array[]): KernelSource {
  const index = Int32Array.from({ length: 2 * count }, (_, i) => i % count);
  let next = 0;
  return {
    diagonal: (position) => single.diagonal(index[position]),
    row: (position, length) => {
      const row = single.row(index[position], count);
      const out = buffers[next];
      next = 1 - next;
      for (let t = 0; t < length; t++) out[t] = row[index[t]];
      return out;
    },
    swap: (a, b) => exchange(index, a, b),
  };
}
