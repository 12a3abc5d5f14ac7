import { addGram, BLOCK_ROWS, type ColumnScale, loadBlock, scaleBlockRows } from '../../linalg/column-block.js';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { chunkRows } from '../../parallel/row-chunks.js';
import type { Kernel, SharedState } from '../../parallel/thread-pool.js';
import { expNegative } from '../svm/fast-exp.js';

/** What the threads of a binary fit share. */
export interface LogisticState {
  readonly x: FeatureMatrix;
  /** 1 for the rows of class 1. */
  readonly y: Int32Array;
  readonly weights: Float64Array;
  /** All weights are the same. */
  readonly equalWeights: boolean;
  readonly scale: ColumnScale;
  readonly fitIntercept: boolean;
  readonly theta: Float64Array;
  readonly chunks: number;
  /** Per chunk of rows: loss, gradient and, when there is room, Hessian (lower triangle), all not yet divided. */
  readonly partial: Float64Array;
  readonly next: Int32Array;
}

/** Values of one chunk's sums. */
export function sumsLength(width: number, withHessian: boolean): number {
  return 1 + width + (withHessian ? width * width : 0);
}

/** Command 0 sums loss and gradient, command 1 the Hessian too; members take chunks of rows until none is left. */
export function createLogisticKernel(shared: SharedState): Kernel {
  const state = shared as unknown as LogisticState;
  const width = state.theta.length;
  const stride = state.partial.length / state.chunks;
  const work = {
    block: new Float64Array(width * BLOCK_ROWS),
    z: new Float64Array(BLOCK_ROWS),
    root: new Float64Array(BLOCK_ROWS),
  };
  return {
    run: (command) => {
      for (let chunk = take(state); chunk < state.chunks; chunk = take(state)) {
        const sums = state.partial.subarray(chunk * stride, (chunk + 1) * stride);
        sums.fill(0);
        sumChunk(state, work, chunkRows(state.x.rowCount, chunk, state.chunks), { sums, curved: command === 1 });
      }
    },
  };
}

function take({ next }: LogisticState): number {
  return Atomics.add(next, 0, 1);
}

interface Working {
  readonly block: Float64Array;
  /** Margins of a block's rows, then weighted residuals. */
  readonly z: Float64Array;
  /** Roots of the weighted curvatures. */
  readonly root: Float64Array;
}

function sumChunk(
  state: LogisticState,
  work: Working,
  [from, to]: [number, number],
  { sums, curved }: { sums: Float64Array; curved: boolean },
): void {
  const { x, scale, theta } = state;
  const width = theta.length;
  const gradient = sums.subarray(1, 1 + width);
  const hessian = sums.subarray(1 + width);
  for (let start = from; start < to; start += BLOCK_ROWS) {
    const rows = Math.min(BLOCK_ROWS, to - start);
    loadBlock(x, { start, rows }, scale, work.block);
    work.block.fill(state.fitIntercept ? 1 : 0, (width - 1) * BLOCK_ROWS);
    fillMargins(work.block, theta, work.z, rows);
    sums[0] += weighResiduals(state, work, start, rows);
    addSlopes(work.block, work.z, gradient, rows);
    if (!curved) continue;
    scaleBlockRows(work.block, work.root, { width, rows });
    addGram(work.block, { width, rows }, hessian);
  }
}

/** z = block · θ, two columns at a time. */
function fillMargins(block: Float64Array, theta: Float64Array, z: Float64Array, rows: number): void {
  const last = theta.length - 1;
  for (let i = 0, at = last * BLOCK_ROWS; i < rows; i++) z[i] = theta[last] * block[at + i];
  let f = 0;
  for (; f + 1 < last; f += 2) {
    const a = f * BLOCK_ROWS;
    const b = a + BLOCK_ROWS;
    const ta = theta[f];
    const tb = theta[f + 1];
    for (let i = 0; i < rows; i++) z[i] += ta * block[a + i] + tb * block[b + i];
  }
  if (f < last) for (let i = 0, a = f * BLOCK_ROWS; i < rows; i++) z[i] += theta[f] * block[a + i];
}

/** Turns margins into residuals and roots of curvatures; returns the loss of the block. */
function weighResiduals(state: LogisticState, { z, root }: Working, start: number, rows: number): number {
  const { y, weights, equalWeights } = state;
  let loss = 0;
  let product = 1;
  for (let i = 0; i < rows; i++) {
    const weight = weights[start + i];
    const one = y[start + i];
    const size = Math.abs(z[i]);
    // One exponential for all three: e = exp(−|z|), so that nothing overflows.
    const e = expNegative(-size);
    const large = 1 / (1 + e);
    const small = e * large;
    const positive = z[i] > 0 ? 1 : 0;
    // Rows of one weight share a logarithm: a block's product of at most 2 each stays at 2^256.
    if (equalWeights) product *= 1 + e;
    else loss += weight * Math.log1p(e);
    if (positive !== one) loss += weight * size;
    z[i] = weight * (positive === one ? (one === 1 ? -small : small) : one === 1 ? -large : large);
    root[i] = Math.sqrt(weight * small * large);
  }
  return equalWeights ? loss + weights[start] * Math.log(product) : loss;
}

/** gradient += blockᵀ · residuals, two columns at a time. */
function addSlopes(block: Float64Array, z: Float64Array, gradient: Float64Array, rows: number): void {
  const width = gradient.length;
  for (let f = 0; f < width; f += 2) {
    const a = f * BLOCK_ROWS;
    const b = f + 1 < width ? a + BLOCK_ROWS : a;
    let sa = 0;
    let sb = 0;
    for (let i = 0; i < rows; i++) {
      sa += z[i] * block[a + i];
      sb += z[i] * block[b + i];
    }
    gradient[f] += sa;
    if (b > a) gradient[f + 1] += sb;
  }
}
