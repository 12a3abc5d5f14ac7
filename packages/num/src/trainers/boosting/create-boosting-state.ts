import type { FeatureMatrix } from '../../linalg/matrix.js';
import { createMeeting } from '../../parallel/meeting.js';
import type { ThreadPool } from '../../parallel/thread-pool.js';
import { allocateShared } from '../../wasm/shared-heap.js';
import { type BinnedMatrix, binMatrix } from '../trees/binning.js';
import { blockLimit, CELL_BYTES } from './boosting-histograms.js';
import { hasUnitHessian, isRenewed, type Loss } from './boosting-losses.js';
import type { BoostingPlan } from './boosting-options.js';
import { GATHERED_BYTES, packWords, WHOLES_BYTES, WORD_FEATURES } from './boosting-routines.js';
import { BINS, type BoostingState, NODE, SET_WORDS, SPLIT, TASK } from './boosting-state.js';

/** Histograms kept for later splits may take this many bytes; nodes beyond it are counted twice. */
const HISTOGRAM_BYTES = 256e6;

export interface StateInput {
  readonly x: FeatureMatrix;
  readonly maxBins: number;
  readonly plan: BoostingPlan;
  readonly loss: Loss;
  readonly outputCount: number;
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly categoryCounts: Int32Array;
  readonly threads: ThreadPool;
  readonly useWasm: boolean;
}

/** All memory of a fit, where every thread can see it: about 32 bytes per row and its bins twice (one output). */
export function createBoostingState(input: StateInput): { state: BoostingState; binned: BinnedMatrix } {
  const { x, plan, loss, outputCount, threads } = input;
  const { rowCount: n, featureCount } = x;
  const constantHessian = hasUnitHessian(loss) && input.weights === undefined;
  const leafLimit = Math.max(1, Math.min(plan.maxLeafNodes, Math.floor(n / plan.minSamplesLeaf)));
  const affordable = Math.floor(HISTOGRAM_BYTES / (CELL_BYTES * BINS * featureCount));
  const slotCount = Math.max(4, Math.min(leafLimit + 2, affordable));
  const cells = (slotCount + 2 * (blockLimit(featureCount) - 1)) * featureCount * BINS;
  const { memory, arrays } = allocateShared(
    {
      raw: ['float64', outputCount * n],
      target: ['float64', n],
      weights: ['float64', input.weights ? n : 0],
      gradients: ['float32', 2 * outputCount * n],
      bins: ['uint8', featureCount * n],
      words: ['uint8', WORD_FEATURES * Math.ceil(featureCount / WORD_FEATURES) * n],
      order0: ['uint32', n],
      order1: ['uint32', n],
      sums: ['float64', 2 * cells],
      counts: ['int32', cells],
      task: ['int32', TASK.length],
      nodes: ['float64', 2 * NODE.length],
      goesLeft: ['uint8', BINS],
      treeFeatures: ['uint8', featureCount],
      allowed: ['uint8', 2 * featureCount],
      splits: ['float64', 2 * featureCount * SPLIT.length],
      sets: ['uint32', 2 * featureCount * SET_WORDS],
      leaves: ['int32', 3 * leafLimit],
      leafValues: ['float64', leafLimit],
      scratch: ['float64', isRenewed(loss) ? n : 0],
      next: ['int32', 2],
      shares: ['int32', threads.size],
      gathered: ['uint8', GATHERED_BYTES * threads.size],
      wholes: ['uint8', WHOLES_BYTES * threads.size],
    },
    input.useWasm,
  );
  const { maxBins, categoryCounts } = input;
  const weights = input.weights && arrays.weights;
  if (input.weights) arrays.weights.set(input.weights);
  const options = { maxBins, categoryCounts, threads, weights, edges: 'percentiles', bins: arrays.bins } as const;
  const binned = binMatrix(x, options);
  packWords(arrays.bins, arrays.words, n);
  arrays.target.set(input.target);
  if (constantHessian) for (let i = 1; i < arrays.gradients.length; i += 2) arrays.gradients[i] = 1;
  const state: BoostingState = {
    ...arrays,
    weights,
    memory,
    rowCount: n,
    featureCount,
    outputCount,
    binCounts: binned.binCounts,
    hasMissing: binned.hasMissing,
    categorical: Uint8Array.from(categoryCounts, (levels) => Number(levels > 0)),
    monotone: plan.monotone,
    loss,
    constantHessian,
    quantum: quantumOf(loss, input.weights, n),
    minSamplesLeaf: plan.minSamplesLeaf,
    l2Regularization: plan.l2Regularization,
    learningRate: plan.learningRate,
    meeting: createMeeting(threads),
    slotCount,
  };
  return { state, binned };
}

/** Fewer rows are counted soon enough, and their gradients keep every digit. */
const LEAST_ROWS = 16_384;
/** Bits of a gradient of the greatest weight; with those of the sum's rows they must fit into a Float64. */
const MOST_BITS = 36;
const SUM_BITS = 52;
/** Weights further apart would leave the lightest rows too few bits. */
const WIDEST_WEIGHTS = 256;

/**
 * Gradients of log loss are at most the weight of their row, so they can be whole multiples of a power of two whose sums are
 * exact: at 1,000,000 rows 2⁻³² of the greatest weight, where Float32 has 24 bits of each.
 */
function quantumOf(loss: Loss, weights: Float64Array | undefined, rowCount: number): number {
  if (loss.kind !== 'log_loss' || rowCount < LEAST_ROWS) return 0;
  let least = 1;
  let greatest = 1;
  if (weights) {
    least = Number.POSITIVE_INFINITY;
    greatest = 0;
    for (const weight of weights) {
      if (weight > greatest) greatest = weight;
      if (weight > 0 && weight < least) least = weight;
    }
  }
  if (greatest > WIDEST_WEIGHTS * least) return 0;
  const bits = Math.min(MOST_BITS, SUM_BITS - Math.ceil(Math.log2(rowCount)));
  return 2 ** (Math.ceil(Math.log2(greatest)) - bits);
}
