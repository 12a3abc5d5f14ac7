import type { KernelSource } from './kernel-cache.js';
import type { SmoMemory } from './smo-memory.js';

/**
 * min ½ Σ yᵢαᵢ yⱼαⱼ K(i,j) + Σ pᵢαᵢ with 0 ≤ αᵢ ≤ Cᵢ and Σ yᵢαᵢ = 0: what C-SVC and ε-SVR come to.
 */
export interface SmoProblem {
  readonly kernel: KernelSource;
  /** Where the solver works; no other problem may use it meanwhile. */
  readonly memory: SmoMemory;
  /** ±1 per variable. */
  readonly signs: Int8Array;
  /** yᵢ·pᵢ per variable. */
  readonly linear: Float64Array;
  /** Upper bounds Cᵢ > 0. */
  readonly bounds: Float64Array;
  /** The largest violation of optimality that is accepted. */
  readonly tolerance: number;
  readonly shrinking: boolean;
  /** Negative: the larger of 10⁷ and 100 per variable. */
  readonly maxIterations: number;
  /** Called every 1,000 iterations. */
  readonly onIteration: () => void;
}

export interface SmoSolution {
  readonly alpha: Float64Array;
  /** Σⱼ yⱼαⱼ K(i,j) + yᵢpᵢ per variable: its decision value but for `rho` and the linear term. */
  readonly gradient: Float64Array;
  /** The decision function is Σ yⱼαⱼ K(x,j) − rho. */
  readonly rho: number;
  readonly iterations: number;
  readonly converged: boolean;
}
