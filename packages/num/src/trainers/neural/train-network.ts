import type { FeatureMatrix } from '../../linalg/matrix.js';
import type { Rng } from '../../random/rng.js';
import { type Batch, backpropagate, createPass, forward } from './backpropagation.js';
import type { Network } from './network.js';
import type { Optimiser } from './optimisers.js';

export interface TrainingSet {
  readonly x: FeatureMatrix;
  /** Row-major rowCount × outputs. */
  readonly target: Float64Array;
  readonly weights: Float64Array;
  readonly classify: boolean;
}

export interface TrainingSettings {
  readonly alpha: number;
  readonly batchSize: number;
  readonly maxIter: number;
  readonly tol: number;
  readonly nIterNoChange: number;
  readonly shuffle: boolean;
  /** Rows held back to decide when to stop; empty = the training loss decides. */
  readonly heldBack: Int32Array;
  readonly onIteration: (iteration: number) => void;
}

export interface TrainingReport {
  readonly iterations: number;
  /** False when the epochs ran out before the loss (or the score) stood still. */
  readonly converged: boolean;
  /** Mean loss of each epoch. */
  readonly losses: readonly number[];
}

/** Trains network.values in place, epoch by epoch, until nothing has improved by `tol` for nIterNoChange epochs. */
export function trainNetwork(
  network: Network,
  data: TrainingSet,
  settings: TrainingSettings,
  means: { optimiser: Optimiser; rng: Rng },
): TrainingReport {
  const held = new Uint8Array(data.x.rowCount);
  for (const row of settings.heldBack) held[row] = 1;
  const order = Int32Array.from(held.keys()).filter((row) => held[row] === 0);
  const batchSize = Math.min(settings.batchSize, order.length);
  const batch = emptyBatch(network, batchSize);
  const pass = createPass(network, batchSize);
  const losses: number[] = [];
  const keeper = settings.heldBack.length > 0 ? new BestKeeper(network) : undefined;
  let best = Number.POSITIVE_INFINITY;
  let still = 0;
  for (let epoch = 0; epoch < settings.maxIter; epoch++) {
    settings.onIteration(epoch);
    if (settings.shuffle) means.rng.shuffle(order);
    let sum = 0;
    for (let start = 0; start < order.length; start += batchSize) {
      fillBatch(batch, data, order.subarray(start, Math.min(start + batchSize, order.length)));
      backpropagate(network, pass, batch, { alpha: settings.alpha, classify: data.classify });
      means.optimiser(network.values, pass.gradient);
      sum += pass.loss * batch.rows;
    }
    losses.push(sum / order.length);
    // A score is better when greater, a loss when smaller: both are told as something to lower.
    const measured = keeper ? keeper.measure(data, settings.heldBack) : losses[epoch];
    still = measured > best - settings.tol ? still + 1 : 0;
    best = Math.min(best, measured);
    if (still > settings.nIterNoChange) {
      keeper?.restore();
      return { iterations: epoch + 1, converged: true, losses };
    }
  }
  keeper?.restore();
  return { iterations: settings.maxIter, converged: false, losses };
}

function emptyBatch(network: Network, rows: number): Batch {
  const outputs = network.widths[network.widths.length - 1];
  return {
    input: new Float64Array(rows * network.widths[0]),
    target: new Float64Array(rows * outputs),
    weights: new Float64Array(rows),
    rows: 0,
  };
}

function fillBatch(batch: Batch, { x, target, weights }: TrainingSet, rows: Int32Array): void {
  const outputs = batch.target.length / batch.weights.length;
  const p = x.featureCount;
  batch.rows = rows.length;
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r];
    batch.weights[r] = weights[row];
    for (let k = 0; k < outputs; k++) batch.target[r * outputs + k] = target[row * outputs + k];
    for (let f = 0; f < p; f++) batch.input[r * p + f] = x.values[f * x.rowCount + row];
  }
}

/** Remembers the values that did best on the rows held back. */
class BestKeeper {
  readonly #network: Network;
  readonly #best: Float64Array;
  #lowest = Number.POSITIVE_INFINITY;

  constructor(network: Network) {
    this.#network = network;
    this.#best = network.values.slice();
  }

  /** 1 − accuracy, or 1 − R², on those rows. */
  measure(data: TrainingSet, rows: Int32Array): number {
    const batch = emptyBatch(this.#network, rows.length);
    const pass = createPass(this.#network, rows.length);
    fillBatch(batch, data, rows);
    forward(this.#network, pass, batch, data.classify);
    const answers = pass.answers[pass.answers.length - 1];
    const miss = data.classify ? missRate(answers, batch) : unexplained(answers, batch);
    if (miss < this.#lowest) {
      this.#lowest = miss;
      this.#best.set(this.#network.values);
    }
    return miss;
  }

  restore(): void {
    this.#network.values.set(this.#best);
  }
}

function missRate(answers: Float64Array, { target, weights, rows }: Batch): number {
  const width = target.length / weights.length;
  let missed = 0;
  let total = 0;
  for (let r = 0; r < rows; r++) {
    let best = 0;
    for (let k = 1; k < width; k++) if (answers[r * width + k] > answers[r * width + best]) best = k;
    const right = width === 1 ? answers[r] > 0.5 === target[r] > 0.5 : target[r * width + best] === 1;
    total += weights[r];
    if (!right) missed += weights[r];
  }
  return total > 0 ? missed / total : 0;
}

function unexplained(answers: Float64Array, { target, weights, rows }: Batch): number {
  let total = 0;
  let sum = 0;
  for (let r = 0; r < rows; r++) {
    total += weights[r];
    sum += weights[r] * target[r];
  }
  let squares = 0;
  let spread = 0;
  for (let r = 0; r < rows; r++) {
    squares += weights[r] * (target[r] - answers[r]) ** 2;
    spread += weights[r] * (target[r] - sum / total) ** 2;
  }
  return spread > 0 ? squares / spread : squares;
}
