import { checkRange } from '../../checks.js';
import { numErrors } from '../../num-errors.js';
import type { FitHooks } from '../trainer-types.js';

/** Names and defaults as scikit-learn's HistGradientBoosting. */
export interface BoostingOptions extends FitHooks {
  /** An integer in [0, 2³²), default 0: draws of rows, features and the rows held out. */
  readonly seed?: number;
  readonly sampleWeight?: Float64Array | undefined;
  /** Number of levels of each feature given as codes; 0 for a numeric one. Such features are split by sets of codes. */
  readonly categoryCounts?: Int32Array | undefined;
  /** Shrinks every leaf. Default 0.1. */
  readonly learningRate?: number;
  /** Iterations; each grows one tree, or one per class of three and more. Default 100. */
  readonly maxIter?: number;
  /** Default 31; null: no limit. */
  readonly maxLeafNodes?: number | null;
  /** Edges from the root to the deepest leaf. Default: no limit. */
  readonly maxDepth?: number | null;
  /** Default 20. */
  readonly minSamplesLeaf?: number;
  /** Added to the hessian of every leaf. Default 0. */
  readonly l2Regularization?: number;
  /** Share of the features drawn for each node, in (0, 1]. Default 1. */
  readonly maxFeatures?: number;
  /** Share of the features drawn for each tree, in (0, 1]. Default 1. */
  readonly colsample?: number;
  /** Share of the rows drawn, without replacement, for each iteration, in (0, 1]. Default 1. */
  readonly subsample?: number;
  /** Default 255; missing values have a bin of their own beside them. */
  readonly maxBins?: number;
  /** By feature name or index: 1 the answer never falls with the feature, −1 it never rises. */
  readonly monotonicCst?: Readonly<Record<string, number>> | readonly number[] | undefined;
  /** Groups of feature indices or names; features may meet on one path only within a group. */
  readonly interactionCst?: readonly (readonly (number | string)[])[] | undefined;
  /** 'auto' (default): with more than 10,000 rows. */
  readonly earlyStopping?: 'auto' | boolean;
  /** Share of the rows held out to stop by, in (0, 1). Default 0.1. */
  readonly validationFraction?: number;
  /** Iterations without a better validation score before stopping. Default 10. */
  readonly nIterNoChange?: number;
  /** How much better a score must be to count. Default 1e-7. */
  readonly tol?: number;
  /** false: TypeScript alone, which gives the same model in twice to three times the time. Default true. */
  readonly useWasm?: boolean;
}

/** Options with their defaults, checked. Limits that are absent are infinite. */
export interface BoostingPlan {
  readonly seed: number;
  readonly learningRate: number;
  readonly maxIter: number;
  readonly maxLeafNodes: number;
  readonly maxDepth: number;
  readonly minSamplesLeaf: number;
  readonly l2Regularization: number;
  readonly maxFeatures: number;
  readonly colsample: number;
  readonly subsample: number;
  readonly earlyStopping: boolean;
  readonly validationFraction: number;
  readonly nIterNoChange: number;
  readonly tol: number;
  readonly monotone: Int8Array;
  readonly groups: readonly (readonly number[])[] | undefined;
}

const SMALLEST = Number.MIN_VALUE;

/** @throws NUM_RANGE for an option out of range, an unknown feature, or a categorical one that should be monotone */
export function planBoosting(
  options: BoostingOptions,
  data: { readonly rowCount: number; readonly featureNames: readonly string[] },
): BoostingPlan {
  const { earlyStopping = 'auto' } = options;
  const plan: BoostingPlan = {
    seed: options.seed ?? 0,
    learningRate: options.learningRate ?? 0.1,
    maxIter: options.maxIter ?? 100,
    maxLeafNodes: options.maxLeafNodes === null ? Number.POSITIVE_INFINITY : (options.maxLeafNodes ?? 31),
    maxDepth: options.maxDepth ?? Number.POSITIVE_INFINITY,
    minSamplesLeaf: options.minSamplesLeaf ?? 20,
    l2Regularization: options.l2Regularization ?? 0,
    maxFeatures: options.maxFeatures ?? 1,
    colsample: options.colsample ?? 1,
    subsample: options.subsample ?? 1,
    earlyStopping: earlyStopping === 'auto' ? data.rowCount > 10_000 : earlyStopping,
    validationFraction: options.validationFraction ?? 0.1,
    nIterNoChange: options.nIterNoChange ?? 10,
    tol: options.tol ?? 1e-7,
    monotone: monotoneOf(options.monotonicCst, data.featureNames),
    groups: groupsOf(options.interactionCst, data.featureNames),
  };
  for (let f = 0; f < data.featureNames.length; f++) {
    if (plan.monotone[f] === 0 || !options.categoryCounts?.[f]) continue;
    throw numErrors.NUM_RANGE(`${data.featureNames[f]} is categorical: it has no order to be monotone in.`, {
      data: { feature: data.featureNames[f] },
    });
  }
  checkRanges(plan);
  return plan;
}

function checkRanges(plan: BoostingPlan): void {
  checkRange('learningRate', plan.learningRate, { min: SMALLEST, max: Number.MAX_VALUE });
  checkRange('maxIter', plan.maxIter, { min: 1, integer: true });
  if (plan.maxLeafNodes < Number.POSITIVE_INFINITY) {
    checkRange('maxLeafNodes', plan.maxLeafNodes, { min: 2, integer: true });
  }
  checkRange('maxDepth', plan.maxDepth, { min: 1 });
  checkRange('minSamplesLeaf', plan.minSamplesLeaf, { min: 1, integer: true });
  checkRange('l2Regularization', plan.l2Regularization, { min: 0, max: Number.MAX_VALUE });
  checkRange('maxFeatures', plan.maxFeatures, { min: SMALLEST, max: 1 });
  checkRange('colsample', plan.colsample, { min: SMALLEST, max: 1 });
  checkRange('subsample', plan.subsample, { min: SMALLEST, max: 1 });
  checkRange('validationFraction', plan.validationFraction, { min: SMALLEST, max: 1 - Number.EPSILON });
  checkRange('nIterNoChange', plan.nIterNoChange, { min: 1, integer: true });
  checkRange('tol', plan.tol, { min: 0, max: Number.MAX_VALUE });
}

function monotoneOf(constraint: BoostingOptions['monotonicCst'], names: readonly string[]): Int8Array {
  const out = new Int8Array(names.length);
  for (const [key, value] of Object.entries(constraint ?? {})) {
    checkRange(`monotonicCst.${key}`, value, { min: -1, max: 1, integer: true });
    out[featureAt(key, names)] = value;
  }
  return out;
}

/** Features in no group form one group more, as in scikit-learn. */
function groupsOf(groups: BoostingOptions['interactionCst'], names: readonly string[]): number[][] | undefined {
  if (!groups) return undefined;
  const out = groups.map((group) => group.map((feature) => featureAt(String(feature), names)));
  const rest = names.map((_, f) => f).filter((f) => !out.some((group) => group.includes(f)));
  return rest.length > 0 ? [...out, rest] : out;
}

/** A name counts before an index of the same spelling. */
function featureAt(key: string, names: readonly string[]): number {
  const named = names.indexOf(key);
  if (named >= 0) return named;
  if (/^\d+$/.test(key) && Number(key) < names.length) return Number(key);
  throw numErrors.NUM_RANGE(`There is no feature "${key}"; there are ${names.join(', ')}.`, { data: { feature: key } });
}
