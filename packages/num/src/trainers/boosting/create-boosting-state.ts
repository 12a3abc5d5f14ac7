import { sharedBytes, type ThreadPool } from '../../parallel/thread-pool.js';
import type { BinnedMatrix } from '../trees/binning.js';
import { hasUnitHessian, type Loss } from './boosting-losses.js';
import type { BoostingPlan } from './boosting-options.js';
import { BINS, type BoostingState, NODE, SET_WORDS, SPLIT, TASK } from './boosting-state.js';
import { packTriples, TRIPLE } from './count-triples.js';

/** Histograms kept for later splits may take this many bytes; nodes beyond it are counted twice. */
const HISTOGRAM_BYTES = 256e6;

export interface StateInput {
  readonly binned: BinnedMatrix;
  readonly plan: BoostingPlan;
  readonly loss: Loss;
  readonly outputCount: number;
  readonly target: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly categoryCounts: Int32Array;
  readonly threads: ThreadPool;
}

/** All memory of a fit, where every thread can see it: about 46 bytes per row and the bins twice (one output). */
export function createBoostingState(input: StateInput): { state: BoostingState; slotCount: number } {
  const { binned, plan, loss, outputCount, threads } = input;
  const { rowCount: n, featureCount } = binned;
  const constantHessian = hasUnitHessian(loss) && input.weights === undefined;
  const leafLimit = Math.max(1, Math.min(plan.maxLeafNodes, Math.floor(n / plan.minSamplesLeaf)));
  const affordable = Math.floor(HISTOGRAM_BYTES / (20 * BINS * featureCount));
  const slotCount = Math.max(4, Math.min(leafLimit + 2, affordable));
  const int32 = (length: number) => new Int32Array(sharedBytes(4 * length, threads));
  const uint32 = (length: number) => new Uint32Array(sharedBytes(4 * length, threads));
  const uint8 = (length: number) => new Uint8Array(sharedBytes(length, threads));
  const float32 = (length: number) => new Float32Array(sharedBytes(4 * length, threads));
  const float64 = (length: number) => new Float64Array(sharedBytes(8 * length, threads));
  const shared = (values: Float64Array) => {
    const out = float64(values.length);
    out.set(values);
    return out;
  };
  const stride = constantHessian ? 1 : 2;
  const packed = int32(Math.floor(featureCount / TRIPLE) * n);
  packTriples(binned.bins, n, packed);
  const state: BoostingState = {
    rowCount: n,
    featureCount,
    outputCount,
    bins: binned.bins,
    packed,
    binCounts: binned.binCounts,
    hasMissing: binned.hasMissing,
    categorical: Uint8Array.from(input.categoryCounts, (levels) => Number(levels > 0)),
    monotone: plan.monotone,
    loss,
    constantHessian,
    minSamplesLeaf: plan.minSamplesLeaf,
    l2Regularization: plan.l2Regularization,
    learningRate: plan.learningRate,
    target: threads.size > 1 ? shared(input.target) : input.target,
    weights: input.weights && shared(input.weights),
    raw: float64(outputCount * n),
    gradients: float32(stride * outputCount * n),
    gathered: float32(stride * n),
    order0: uint32(n),
    order1: uint32(n),
    sums: float64(2 * slotCount * featureCount * BINS),
    counts: int32(slotCount * featureCount * BINS),
    task: int32(TASK.length),
    nodes: float64(2 * NODE.length),
    goesLeft: uint8(BINS),
    treeFeatures: uint8(featureCount),
    allowed: uint8(2 * featureCount),
    splits: float64(2 * featureCount * SPLIT.length),
    sets: uint32(2 * featureCount * SET_WORDS),
    leaves: int32(3 * leafLimit),
    leafValues: float64(leafLimit),
    scratch: float64(loss.kind === 'absolute_error' || loss.kind === 'quantile' ? n : 0),
    meeting: int32(2),
    next: int32(1),
  };
  return { state, slotCount };
}
