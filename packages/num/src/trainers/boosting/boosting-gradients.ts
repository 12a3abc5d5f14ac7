import { expOfNegative } from '../../special/exp-of-negative.js';
import type { BoostingState } from './boosting-state.js';

/** Gradients and hessians of rows [from, to) after the trees so far; every row by itself, so blocks can be anybody's. */
export function writeGradients(state: BoostingState, from: number, to: number): void {
  if (state.outputCount > 1) {
    multinomial(state, from, to);
    return;
  }
  switch (state.loss.kind) {
    case 'log_loss':
      logistic(state, from, to);
      break;
    case 'poisson':
      poisson(state, from, to);
      break;
    default:
      residual(state, from, to);
  }
}

/** Adding and taking away this many quanta rounds to a multiple of them. */
const ROUNDER = 6755399441055744;

function logistic({ raw, target, weights, gradients, quantum }: BoostingState, from: number, to: number): void {
  const magic = ROUNDER * quantum;
  for (let i = from; i < to; i++) {
    const value = raw[i];
    // Both forms keep every digit: exp never overflows, and 1 − p is never a difference of near equals.
    const e = expOfNegative(value > 0 ? -value : value);
    const share = 1 / (1 + e);
    const p = value > 0 ? share : e * share;
    const weight = weights === undefined ? 1 : weights[i];
    gradients[2 * i] = weight * (p - target[i]) + magic - magic;
    gradients[2 * i + 1] = weight * (e * share * share) + magic - magic;
  }
}

function poisson({ raw, target, weights, gradients }: BoostingState, from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const mean = Math.exp(raw[i]);
    const weight = weights === undefined ? 1 : weights[i];
    gradients[2 * i] = weight * (mean - target[i]);
    gradients[2 * i + 1] = weight * mean;
  }
}

/** Squared, absolute and pinball loss: the hessian is the weight of the row; 1 has been written when the fit began. */
function residual(state: BoostingState, from: number, to: number): void {
  const { raw, target, weights, gradients, loss } = state;
  const level = loss.kind === 'quantile' ? loss.quantile : 0.5;
  const scale = loss.kind === 'absolute_error' ? 2 : 1;
  const squared = loss.kind === 'squared_error';
  for (let i = from; i < to; i++) {
    const gradient = squared ? raw[i] - target[i] : scale * (target[i] >= raw[i] ? -level : 1 - level);
    gradients[2 * i] = weights ? gradient * weights[i] : gradient;
    if (weights) gradients[2 * i + 1] = weights[i];
  }
}

function multinomial(state: BoostingState, from: number, to: number): void {
  const { raw, target, weights, gradients, rowCount: n, outputCount, quantum } = state;
  const magic = ROUNDER * quantum;
  for (let i = from; i < to; i++) {
    let largest = raw[i];
    for (let k = 1; k < outputCount; k++) if (raw[k * n + i] > largest) largest = raw[k * n + i];
    let sum = 0;
    for (let k = 0; k < outputCount; k++) sum += Math.exp(raw[k * n + i] - largest);
    const weight = weights ? weights[i] : 1;
    for (let k = 0; k < outputCount; k++) {
      const p = Math.exp(raw[k * n + i] - largest) / sum;
      const at = 2 * (k * n + i);
      gradients[at] = weight * (target[i] === k ? p - 1 : p) + magic - magic;
      gradients[at + 1] = weight * p * (1 - p) + magic - magic;
    }
  }
}
