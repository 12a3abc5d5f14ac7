import { checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { type KernelName, resolveGamma, type SvmKernel } from './svm-kernel.js';

/** Shared by classifier and regressor; names and defaults are scikit-learn's. */
export interface SvmOptions {
  /** Inverse strength of regularisation, > 0. Default 1. */
  readonly c?: number;
  /** Default 'rbf'. */
  readonly kernel?: KernelName;
  /** Default 'scale' = 1 / (features · variance of all values); 'auto' = 1 / features. */
  readonly gamma?: number | 'scale' | 'auto';
  /** Of poly and sigmoid. Default 0. */
  readonly coef0?: number;
  /** Of poly. Default 3. */
  readonly degree?: number;
  /** The largest violation of optimality that is accepted. Default 1e-3. */
  readonly tol?: number;
  /** Default true. */
  readonly shrinking?: boolean;
  /** Default 200. */
  readonly cacheSizeMb?: number;
  /** Default −1: as many as it takes (at most the larger of 10⁷ and 100 per row). */
  readonly maxIter?: number;
}

export interface SvmSettings {
  readonly c: number;
  readonly kernel: SvmKernel;
  readonly tolerance: number;
  readonly shrinking: boolean;
  readonly cacheSizeMb: number;
  readonly maxIterations: number;
}

const KERNELS: readonly KernelName[] = ['linear', 'rbf', 'poly', 'sigmoid'];

/** @throws NUM_RANGE */
export function svmSettings(options: SvmOptions, x: FeatureMatrix): SvmSettings {
  const { c = 1, kernel: name = 'rbf', coef0 = 0, degree = 3, tol = 1e-3 } = options;
  const { shrinking = true, cacheSizeMb = 200, maxIter = -1, gamma = 'scale' } = options;
  checkRange('c', c, { min: Number.MIN_VALUE, max: Number.MAX_VALUE });
  if (typeof gamma === 'number') checkRange('gamma', gamma, { min: 0, max: Number.MAX_VALUE });
  checkRange('coef0', coef0, { min: -Number.MAX_VALUE, max: Number.MAX_VALUE });
  checkRange('degree', degree, { min: 0, max: 100, integer: true });
  checkRange('tol', tol, { min: 1e-12, max: 1e3 });
  checkRange('cacheSizeMb', cacheSizeMb, { min: 0, max: 1e6 });
  checkRange('maxIter', maxIter, { min: -1, integer: true });
  if (!KERNELS.includes(name)) {
    throw numErrors.NUM_RANGE(`kernel is ${name}, but must be one of ${KERNELS.join(', ')}.`, { data: { name } });
  }
  const kernel = { name, gamma: resolveGamma(gamma, x), coef0, degree };
  return { c, kernel, tolerance: tol, shrinking, cacheSizeMb, maxIterations: maxIter };
}
