import { checkFinite, checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';

const LOWEST = Number.EPSILON;
const HIGHEST = 1 - Number.EPSILON;

/** Loss of each row: −ln p(true class), with p clipped to [2⁻⁵², 1 − 2⁻⁵²] as in scikit-learn. Row-major n × K. */
export function logLossRows(yTrue: Int32Array, probabilities: Float64Array, classCount: number): Float64Array {
  checkLength('probabilities', probabilities.length, yTrue.length * classCount);
  checkFinite('probabilities', probabilities);
  const out = new Float64Array(yTrue.length);
  for (let i = 0; i < out.length; i++) {
    const p = probabilities[i * classCount + yTrue[i]];
    out[i] = -Math.log(Math.min(HIGHEST, Math.max(LOWEST, p)));
  }
  return out;
}

/** Mean of {@link logLossRows}, in nats. */
export function logLoss(
  yTrue: Int32Array,
  probabilities: Float64Array,
  classCount: number,
  weights?: Float64Array,
): number {
  return mean(logLossRows(yTrue, probabilities, classCount), weights);
}

/** {@link logLossRows} of two classes from P(class 1) alone. */
export function binaryLogLossRows(yTrue: Int32Array, probability: Float64Array): Float64Array {
  checkLength('probability', probability.length, yTrue.length);
  checkFinite('probability', probability);
  const out = new Float64Array(yTrue.length);
  for (let i = 0; i < out.length; i++) {
    const p = yTrue[i] === 1 ? probability[i] : 1 - probability[i];
    out[i] = -Math.log(Math.min(HIGHEST, Math.max(LOWEST, p)));
  }
  return out;
}

/** Squared error of P(class 1) per row, 0..1. `yTrue` holds 0 and 1. */
export function brierRows(yTrue: Int32Array, probability: Float64Array): Float64Array {
  checkLength('probability', probability.length, yTrue.length);
  checkFinite('probability', probability);
  const out = new Float64Array(yTrue.length);
  for (let i = 0; i < out.length; i++) {
    const error = probability[i] - yTrue[i];
    out[i] = error * error;
  }
  return out;
}

/** Brier score of a binary forecast (Brier 1950, half-scaled): mean of {@link brierRows}. Lower is better. */
export function brierScore(yTrue: Int32Array, probability: Float64Array, weights?: Float64Array): number {
  return mean(brierRows(yTrue, probability), weights);
}

/** Σₖ (pₖ − 1[true class is k])² per row, 0..2: twice {@link brierRows} for two classes. Row-major n × K. */
export function brierRowsMulticlass(yTrue: Int32Array, probabilities: Float64Array, classCount: number): Float64Array {
  checkLength('probabilities', probabilities.length, yTrue.length * classCount);
  checkFinite('probabilities', probabilities);
  const out = new Float64Array(yTrue.length);
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let k = 0; k < classCount; k++) {
      const error = probabilities[i * classCount + k] - (yTrue[i] === k ? 1 : 0);
      sum += error * error;
    }
    out[i] = sum;
  }
  return out;
}

/**
 * Brier skill score 1 − BS / BS(reference): share of the reference forecast's error that the model removes.
 * 0 = no better, 1 = perfect, negative = worse. NaN when the reference never errs.
 */
export function brierSkillScore(yTrue: Int32Array, probability: Float64Array, reference: Float64Array): number {
  const below = brierScore(yTrue, reference);
  return below === 0 ? Number.NaN : 1 - brierScore(yTrue, probability) / below;
}

/** Arithmetic mean by plain Float64 sum, weighted when `weights` are given. @throws NUM_TOO_FEW when empty, NUM_SHAPE */
export function mean(values: Float64Array, weights?: Float64Array): number {
  if (values.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to average.');
  let sum = 0;
  if (weights === undefined) {
    for (let i = 0; i < values.length; i++) sum += values[i];
    return sum / values.length;
  }
  checkLength('weights', weights.length, values.length);
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    sum += weights[i] * values[i];
    total += weights[i];
  }
  if (!(total > 0)) throw numErrors.NUM_TOO_FEW('The weights of all rows sum to zero.');
  return sum / total;
}
