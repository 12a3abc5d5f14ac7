/** Activations of the hidden layers. */
export type Activation = 'relu' | 'tanh' | 'logistic' | 'identity';

/** A fully connected network; widths[0] features, widths.at(-1) outputs. */
export interface Network {
  readonly widths: readonly number[];
  readonly activation: Activation;
  /** All weights, then all biases, in one array, so that an optimiser walks over one. */
  readonly values: Float64Array;
  /** Where layer l's weights start (row-major widths[l] × widths[l + 1]), and its biases. */
  readonly weightStarts: readonly number[];
  readonly biasStarts: readonly number[];
}

/** A network of zeros. */
export function emptyNetwork(widths: readonly number[], activation: Activation): Network {
  const weightStarts: number[] = [];
  const biasStarts: number[] = [];
  let at = 0;
  for (let l = 0; l + 1 < widths.length; l++) {
    weightStarts.push(at);
    at += widths[l] * widths[l + 1];
  }
  for (let l = 0; l + 1 < widths.length; l++) {
    biasStarts.push(at);
    at += widths[l + 1];
  }
  return { widths, activation, values: new Float64Array(at), weightStarts, biasStarts };
}

/** out = a·W + b for `rows` rows. Four inputs at a time, so that a row of the output is walked over a quarter as often. */
export function forwardLayer(
  network: Network,
  layer: number,
  rows: number,
  io: { input: Float64Array; output: Float64Array },
): void {
  const { values } = network;
  const { input, output } = io;
  const fanIn = network.widths[layer];
  const fanOut = network.widths[layer + 1];
  const w = network.weightStarts[layer];
  const b = network.biasStarts[layer];
  for (let r = 0; r < rows; r++) {
    const to = r * fanOut;
    const from = r * fanIn;
    for (let j = 0; j < fanOut; j++) output[to + j] = values[b + j];
    let i = 0;
    for (; i + 3 < fanIn; i += 4) {
      const a0 = input[from + i];
      const a1 = input[from + i + 1];
      const a2 = input[from + i + 2];
      const a3 = input[from + i + 3];
      const w0 = w + i * fanOut;
      const w1 = w0 + fanOut;
      const w2 = w1 + fanOut;
      const w3 = w2 + fanOut;
      for (let j = 0; j < fanOut; j++) {
        output[to + j] += a0 * values[w0 + j] + a1 * values[w1 + j] + a2 * values[w2 + j] + a3 * values[w3 + j];
      }
    }
    for (; i < fanIn; i++) {
      const a = input[from + i];
      const line = w + i * fanOut;
      for (let j = 0; j < fanOut; j++) output[to + j] += a * values[line + j];
    }
  }
}

/** Applies the hidden activation to the first `count` values in place. */
export function activate(values: Float64Array, count: number, activation: Activation): void {
  if (activation === 'relu') {
    for (let i = 0; i < count; i++) if (values[i] < 0) values[i] = 0;
  } else if (activation === 'tanh') {
    for (let i = 0; i < count; i++) values[i] = Math.tanh(values[i]);
  } else if (activation === 'logistic') {
    for (let i = 0; i < count; i++) values[i] = 1 / (1 + Math.exp(-values[i]));
  }
}

/** Multiplies a delta by the derivative of the activation, given by what it answered. */
export function timesDerivative(
  delta: Float64Array,
  answered: Float64Array,
  count: number,
  activation: Activation,
): void {
  if (activation === 'relu') {
    for (let i = 0; i < count; i++) if (answered[i] === 0) delta[i] = 0;
  } else if (activation === 'tanh') {
    for (let i = 0; i < count; i++) delta[i] *= 1 - answered[i] * answered[i];
  } else if (activation === 'logistic') {
    for (let i = 0; i < count; i++) delta[i] *= answered[i] * (1 - answered[i]);
  }
}

/** Softmax of each row in place; a single output becomes a logistic one. */
export function normaliseRows(values: Float64Array, rows: number, width: number): void {
  if (width === 1) {
    for (let r = 0; r < rows; r++) values[r] = 1 / (1 + Math.exp(-values[r]));
    return;
  }
  for (let r = 0, at = 0; r < rows; r++, at += width) {
    let max = values[at];
    for (let k = 1; k < width; k++) max = Math.max(max, values[at + k]);
    let sum = 0;
    for (let k = 0; k < width; k++) {
      values[at + k] = Math.exp(values[at + k] - max);
      sum += values[at + k];
    }
    for (let k = 0; k < width; k++) values[at + k] /= sum;
  }
}
