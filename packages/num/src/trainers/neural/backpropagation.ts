import { activate, forwardLayer, type Network, normaliseRows, timesDerivative } from './network.js';

/** Rows of a batch, row-major, with what they should answer. */
export interface Batch {
  readonly input: Float64Array;
  readonly target: Float64Array;
  readonly weights: Float64Array;
  rows: number;
}

export interface Pass {
  /** Of the batch: mean weighted loss + alpha / 2 · ‖weights‖² / total weight. */
  loss: number;
  readonly gradient: Float64Array;
  /** Answers of every layer; the last are probabilities or values. */
  readonly answers: readonly Float64Array[];
  readonly deltas: readonly Float64Array[];
}

export function createPass(network: Network, mostRows: number): Pass {
  const buffers = () => network.widths.slice(1).map((width) => new Float64Array(width * mostRows));
  return { loss: 0, gradient: new Float64Array(network.values.length), answers: buffers(), deltas: buffers() };
}

/** Fills pass.answers. `classify`: softmax (logistic for one output) at the end. */
export function forward(network: Network, pass: Pass, batch: { input: Float64Array; rows: number }, classify: boolean) {
  const last = pass.answers.length - 1;
  for (let l = 0; l <= last; l++) {
    const input = l === 0 ? batch.input : pass.answers[l - 1];
    forwardLayer(network, l, batch.rows, { input, output: pass.answers[l] });
    const count = batch.rows * network.widths[l + 1];
    if (l < last) activate(pass.answers[l], count, network.activation);
    else if (classify) normaliseRows(pass.answers[l], batch.rows, network.widths[l + 1]);
  }
}

/** Loss and gradient of a batch, as scikit-learn's perceptrons define them. */
export function backpropagate(
  network: Network,
  pass: Pass,
  batch: Batch,
  settings: { alpha: number; classify: boolean },
): void {
  forward(network, pass, batch, settings.classify);
  const { rows, weights } = batch;
  let total = 0;
  for (let r = 0; r < rows; r++) total += weights[r];
  const last = pass.answers.length - 1;
  const { alpha } = settings;
  pass.gradient.fill(0);
  // A batch whose rows weigh nothing says nothing.
  if (total === 0) {
    pass.loss = 0;
    return;
  }
  pass.loss = lossOf(pass, batch, settings.classify) / total;
  let squares = 0;
  const weightCount = network.biasStarts[0];
  for (let i = 0; i < weightCount; i++) squares += network.values[i] * network.values[i];
  pass.loss += (alpha * squares) / (2 * total);
  for (let l = last; l >= 0; l--) {
    addGradient(network, pass, l, l === 0 ? batch.input : pass.answers[l - 1], rows);
    if (l === 0) break;
    passDelta(network, l, rows, { from: pass.deltas[l], to: pass.deltas[l - 1] });
    timesDerivative(pass.deltas[l - 1], pass.answers[l - 1], rows * network.widths[l], network.activation);
  }
  for (let i = 0; i < weightCount; i++) pass.gradient[i] += alpha * network.values[i];
  for (let i = 0; i < pass.gradient.length; i++) pass.gradient[i] /= total;
}

/** Weighted sum of the losses; leaves weight · (answer − target) in the last delta. */
function lossOf(pass: Pass, { target, weights, rows }: Batch, classify: boolean): number {
  const answer = pass.answers[pass.answers.length - 1];
  const delta = pass.deltas[pass.deltas.length - 1];
  const width = target.length / weights.length;
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    for (let k = 0; k < width; k++) {
      const i = r * width + k;
      const miss = answer[i] - target[i];
      delta[i] = weights[r] * miss;
      if (!classify) loss += (weights[r] * miss * miss) / (2 * width);
      else if (target[i] > 0) loss -= weights[r] * Math.log(Math.max(2 ** -52, Math.min(1 - 2 ** -52, answer[i])));
      else if (width === 1) loss -= weights[r] * Math.log(Math.max(2 ** -52, 1 - answer[i]));
    }
  }
  return loss;
}

function addGradient(network: Network, pass: Pass, l: number, input: Float64Array, rows: number): void {
  const { gradient } = pass;
  const delta = pass.deltas[l];
  const fanIn = network.widths[l];
  const fanOut = network.widths[l + 1];
  const w = network.weightStarts[l];
  const b = network.biasStarts[l];
  let r = 0;
  for (; r + 3 < rows; r += 4) {
    const d0 = r * fanOut;
    const d1 = d0 + fanOut;
    const d2 = d1 + fanOut;
    const d3 = d2 + fanOut;
    for (let i = 0; i < fanIn; i++) {
      const a0 = input[r * fanIn + i];
      const a1 = input[(r + 1) * fanIn + i];
      const a2 = input[(r + 2) * fanIn + i];
      const a3 = input[(r + 3) * fanIn + i];
      if (a0 === 0 && a1 === 0 && a2 === 0 && a3 === 0) continue;
      const to = w + i * fanOut;
      for (let j = 0; j < fanOut; j++) {
        gradient[to + j] += a0 * delta[d0 + j] + a1 * delta[d1 + j] + a2 * delta[d2 + j] + a3 * delta[d3 + j];
      }
    }
  }
  for (; r < rows; r++) {
    for (let i = 0; i < fanIn; i++) {
      const a = input[r * fanIn + i];
      const to = w + i * fanOut;
      for (let j = 0; j < fanOut; j++) gradient[to + j] += a * delta[r * fanOut + j];
    }
  }
  for (let row = 0; row < rows; row++) for (let j = 0; j < fanOut; j++) gradient[b + j] += delta[row * fanOut + j];
}

/** to = from · Wᵀ. */
function passDelta(network: Network, l: number, rows: number, by: { from: Float64Array; to: Float64Array }): void {
  const { values } = network;
  const { from, to } = by;
  const fanIn = network.widths[l];
  const fanOut = network.widths[l + 1];
  const w = network.weightStarts[l];
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < fanIn; i++) {
      let sum = 0;
      const line = w + i * fanOut;
      for (let j = 0; j < fanOut; j++) sum += values[line + j] * from[r * fanOut + j];
      to[r * fanIn + i] = sum;
    }
  }
}
