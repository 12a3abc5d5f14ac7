import { checkFinite, checkLength, checkRange } from '../../checks.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { sharedBytes } from '../../parallel/thread-pool.js';
import { type ClassTargetOptions, prepareTargets } from '../class-targets.js';
import type { FitHooks } from '../trainer-types.js';
import { binMatrix } from './binning.js';
import { PACKED_ROW_LIMIT, packRecords, recordSize } from './packed-rows.js';
import { CRITERION, type TreeTask } from './tree-task.js';

/** What decides the shape of a tree; names and defaults as in scikit-learn. */
export interface TreeOptions extends FitHooks {
  /** An integer in [0, 2³²). Equal seed, data and options give equal bytes. */
  readonly seed: number;
  /** The root has depth 0. Default: grow until pure. */
  readonly maxDepth?: number;
  /** Distinct rows a node needs to be split; below 1, as a share of the rows. Default 2. */
  readonly minSamplesSplit?: number;
  /** Distinct rows each child must keep; below 1, as a share of the rows. Default 1. */
  readonly minSamplesLeaf?: number;
  /** Share of the tree's weight that each child must keep, 0..0.5. Default 0. */
  readonly minWeightFractionLeaf?: number;
  /** Features drawn per node: 'sqrt', 'log2', 'all', a count, or below 1 a share. */
  readonly maxFeatures?: 'sqrt' | 'log2' | 'all' | number;
  /** Best-first growth up to this many leaves. Default: no limit, depth first. */
  readonly maxLeafNodes?: number;
  /** A split must lower the impurity by this much, weighted by the node's share of the rows. Default 0. */
  readonly minImpurityDecrease?: number;
  /** Histogram bins per feature, at most 255 (default). Missing values have one of their own. */
  readonly maxBins?: number;
}

export interface ForestOptions extends TreeOptions {
  /** Default 100. */
  readonly nEstimators?: number;
  /** Each tree sees rows drawn with replacement. Default: true for random forests, false for extra trees. */
  readonly bootstrap?: boolean;
  /** With bootstrap: rows drawn for each tree, a count, or up to 1 a share. Default: as many as there are. */
  readonly maxSamples?: number | undefined;
  /** With bootstrap: judge each row by the trees that did not see it. Default false. */
  readonly oobScore?: boolean;
}

export interface ClassTreeOptions extends ClassTargetOptions {
  /** Default 'gini'; 'log_loss' is another name of 'entropy'. */
  readonly criterion?: 'gini' | 'entropy' | 'log_loss';
}

export interface ValueTreeOptions {
  /**
   * Default 'squared_error'; 'poisson' needs targets ≥ 0 with a positive sum; 'absolute_error' answers with medians and takes
   * several times as long.
   */
  readonly criterion?: 'squared_error' | 'absolute_error' | 'poisson';
  /** One non-negative weight per row. */
  readonly sampleWeight?: Float64Array;
}

/** Bytes of a packed row; moving longer ones costs more than reading from columns. */
const WIDEST_RECORD = 128;

/** How one kind of tree differs from the others. */
export interface TreeKind {
  readonly maxFeatures: 'sqrt' | 'all';
  readonly bootstrap: boolean;
  readonly randomThresholds: boolean;
  readonly roundedLeaves: boolean;
}

/** @throws NUM_SHAPE, NUM_NOT_FINITE, NUM_RANGE, NUM_TOO_FEW */
export function classTreeTask(
  x: FeatureMatrix,
  y: Int32Array,
  options: ForestOptions & ClassTreeOptions,
  kind: TreeKind,
): TreeTask {
  checkCriterion(options.criterion ?? 'gini', ['gini', 'entropy', 'log_loss']);
  checkMatrixWithHoles(x);
  const { classCount, weights } = prepareTargets(y, x.rowCount, options);
  const classes = new Int32Array(sharedBytes(4 * y.length, options.threads));
  classes.set(y);
  const plain = !options.sampleWeight && !options.classWeight;
  const shape = shapeOf(x, options, kind);
  const size = recordSize(x.featureCount);
  const packs = plain && classCount <= 256 && size <= WIDEST_RECORD && x.rowCount < PACKED_ROW_LIMIT;
  const records = new Uint8Array(sharedBytes(packs ? size * x.rowCount : 0, options.threads));
  if (packs) packRecords(records, shape.bins, y);
  return {
    ...shape,
    records,
    criterion: (options.criterion ?? 'gini') === 'gini' ? CRITERION.gini : CRITERION.entropy,
    width: classCount,
    classes,
    targets: new Float64Array(0),
    weights: plain ? new Float64Array(0) : shared(checkWeight(weights), options),
    roundedLeaves: kind.roundedLeaves,
  };
}

const VALUE_CRITERIA = {
  squared_error: CRITERION.squaredError,
  absolute_error: CRITERION.absoluteError,
  poisson: CRITERION.poisson,
} as const;

/** Targets are centred, which squared error does not mind and rounding does; `base` is what was taken away. */
export function valueTreeTask(
  x: FeatureMatrix,
  y: Float64Array,
  options: ForestOptions & ValueTreeOptions,
  kind: TreeKind,
): { task: TreeTask; base: number } {
  checkCriterion(options.criterion ?? 'squared_error', ['squared_error', 'absolute_error', 'poisson']);
  checkMatrixWithHoles(x);
  checkLength('y', y.length, x.rowCount);
  if (x.rowCount === 0) throw numErrors.NUM_TOO_FEW('There are no rows to fit on.');
  checkFinite('y', y);
  const { sampleWeight } = options;
  if (sampleWeight) {
    checkLength('sampleWeight', sampleWeight.length, x.rowCount);
    for (const weight of sampleWeight) checkRange('sampleWeight', weight, { min: 0, max: Number.MAX_VALUE });
    checkWeight(sampleWeight);
  }
  const criterion = VALUE_CRITERIA[options.criterion ?? 'squared_error'];
  const poisson = criterion === CRITERION.poisson;
  if (poisson) checkPoisson(y);
  const base = poisson ? 0 : meanOf(y, sampleWeight);
  return {
    base,
    task: {
      ...shapeOf(x, options, kind),
      criterion,
      width: 2,
      records: new Uint8Array(0),
      classes: new Int32Array(0),
      targets: shared(
        y.map((value) => value - base),
        options,
      ),
      weights: sampleWeight ? shared(sampleWeight, options) : new Float64Array(0),
      roundedLeaves: false,
    },
  };
}

function checkCriterion(criterion: string, known: readonly string[]): void {
  if (known.includes(criterion)) return;
  throw numErrors.NUM_RANGE(`criterion is ${criterion}, but for this task must be one of ${known.join(', ')}.`);
}

function shapeOf(x: FeatureMatrix, options: ForestOptions, kind: TreeKind) {
  const { maxDepth = Number.POSITIVE_INFINITY, minSamplesSplit = 2, minSamplesLeaf = 1 } = options;
  const { minWeightFractionLeaf = 0, minImpurityDecrease = 0, maxLeafNodes = Number.POSITIVE_INFINITY } = options;
  const { bootstrap = kind.bootstrap, maxSamples, threads } = options;
  const n = x.rowCount;
  checkRange('maxDepth', maxDepth, { min: 1 });
  checkRange('minWeightFractionLeaf', minWeightFractionLeaf, { min: 0, max: 0.5 });
  checkRange('minImpurityDecrease', minImpurityDecrease, { min: 0 });
  checkRange('maxLeafNodes', maxLeafNodes, { min: 2 });
  const binned = binMatrix(x, { maxBins: options.maxBins ?? 255, threads });
  return {
    ...binned,
    seed: options.seed,
    bootstrap,
    draws: bootstrap && maxSamples !== undefined ? Math.max(1, countOf('maxSamples', maxSamples, { n, whole: 1 })) : n,
    maxDepth,
    minSamplesSplit: Math.max(2, Math.ceil(countOf('minSamplesSplit', minSamplesSplit, { n }))),
    minSamplesLeaf: Math.max(1, Math.ceil(countOf('minSamplesLeaf', minSamplesLeaf, { n }))),
    minWeightFractionLeaf,
    minImpurityDecrease,
    maxLeafNodes,
    maxFeatures: drawnFeatures(options.maxFeatures ?? kind.maxFeatures, x.featureCount),
    randomThresholds: kind.randomThresholds,
  };
}

/** A count as it is; a share below 1 (with `whole` 1: up to 1) of n. */
function countOf(what: string, choice: number, { n, whole = 0 }: { n: number; whole?: number }): number {
  const isShare = choice > 0 && (choice < 1 || (whole === 1 && choice === 1));
  if (isShare) return whole === 1 ? Math.round(choice * n) : choice * n;
  checkRange(what, choice, { min: 1, integer: true });
  return choice;
}

function drawnFeatures(choice: 'sqrt' | 'log2' | 'all' | number, featureCount: number): number {
  if (choice === 'sqrt') return Math.max(1, Math.floor(Math.sqrt(featureCount)));
  if (choice === 'log2') return Math.max(1, Math.floor(Math.log2(featureCount)));
  if (choice === 'all') return featureCount;
  if (choice > 0 && choice < 1) return Math.max(1, Math.floor(choice * featureCount));
  checkRange('maxFeatures', choice, { min: 1, max: featureCount, integer: true });
  return choice;
}

/** As checkMatrix, but NaN is a missing value. */
export function checkMatrixWithHoles(x: FeatureMatrix): void {
  checkLength('x.values', x.values.length, x.rowCount * x.featureCount);
  let sum = 0;
  for (let i = 0; i < x.values.length; i++) sum += x.values[i] * 0;
  if (sum === 0) return;
  const index = x.values.findIndex((value) => value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY);
  if (index < 0) return;
  throw numErrors.NUM_NOT_FINITE(
    `x.values[${index}] is ${x.values[index]}; only finite values and NaN are learned from.`,
    {
      data: { argument: 'x.values', index, observed: String(x.values[index]) },
    },
  );
}

function checkWeight(weights: Float64Array): Float64Array {
  if (weights.some((weight) => weight > 0)) return weights;
  throw numErrors.NUM_TOO_FEW('Every row has weight 0: there is nothing to fit on.');
}

function checkPoisson(y: Float64Array): void {
  for (const value of y) checkRange('y', value, { min: 0 });
  if (!y.some((value) => value > 0)) throw numErrors.NUM_RANGE('The Poisson criterion needs a target above 0.');
}

function meanOf(y: Float64Array, weights: Float64Array | undefined): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    const weight = weights ? weights[i] : 1;
    sum += weight * y[i];
    total += weight;
  }
  return sum / total;
}

function shared(values: Float64Array, { threads }: FitHooks): Float64Array {
  const out = new Float64Array(sharedBytes(8 * values.length, threads));
  out.set(values);
  return out;
}
