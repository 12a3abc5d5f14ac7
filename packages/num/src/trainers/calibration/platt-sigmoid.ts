/** P(positive) = 1 / (1 + exp(slope · decision + intercept)); the slope is negative when high decisions mean positive. */
export interface Sigmoid {
  readonly slope: number;
  readonly intercept: number;
}

export interface SigmoidOptions {
  /** One non-negative weight per row; default 1. */
  readonly weights?: Float64Array;
  /** True: intercept 0, so that the probability crosses ½ where the decision crosses 0. */
  readonly throughZero?: boolean;
}

const MAX_ITERATIONS = 100;
const RIDGE = 1e-12;

/**
 * Platt's sigmoid by Newton's method with backtracking (Lin, Lin, Weng: A note on Platt's probabilistic outputs for
 * support vector machines, 2007). Targets are (n₊+1)/(n₊+2) and 1/(n₋+2) instead of 1 and 0, as Platt has them, with
 * weighted counts. A class without rows gives a finite sigmoid too.
 *
 * @param decisions one finite decision value per row.
 * @param positive 1 for rows of the positive class, 0 for others.
 */
export function fitSigmoid(decisions: Float64Array, positive: Uint8Array, options: SigmoidOptions = {}): Sigmoid {
  const { weights, throughZero = false } = options;
  const count = decisions.length;
  let above = 0;
  let below = 0;
  let largest = 0;
  for (let i = 0; i < count; i++) {
    if (positive[i]) above += weights ? weights[i] : 1;
    else below += weights ? weights[i] : 1;
    largest = Math.max(largest, Math.abs(decisions[i]));
  }
  // Decisions are brought to at most 1, or a Newton step on values of 10⁶ loses its precision.
  const unit = largest > 0 ? 1 / largest : 1;
  const problem: SigmoidProblem = {
    decisions: decisions.map((value) => value * unit),
    targets: Float64Array.from(positive, (is) => (is ? (above + 1) / (above + 2) : 1 / (below + 2))),
    weights,
  };
  const start = { slope: 0, intercept: throughZero ? 0 : Math.log((below + 1) / (above + 1)) };
  const found = descend(problem, start, throughZero);
  return { slope: found.slope * unit, intercept: found.intercept };
}

/** P(positive) of one decision value, without overflow. */
export function sigmoidProbability({ slope, intercept }: Sigmoid, decision: number): number {
  const z = slope * decision + intercept;
  return z >= 0 ? Math.exp(-z) / (1 + Math.exp(-z)) : 1 / (1 + Math.exp(z));
}

interface SigmoidProblem {
  readonly decisions: Float64Array;
  readonly targets: Float64Array;
  readonly weights: Float64Array | undefined;
}

function descend(problem: SigmoidProblem, start: Sigmoid, throughZero: boolean): Sigmoid {
  let at = start;
  let value = crossEntropy(problem, at);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const { g1, g2, h11, h21, h22, total } = derivatives(problem, at);
    if (Math.abs(g1) <= 1e-9 * total && (throughZero || Math.abs(g2) <= 1e-9 * total)) break;
    const determinant = h11 * h22 - h21 * h21;
    const da = throughZero ? -g1 / h11 : -(h22 * g1 - h21 * g2) / determinant;
    const db = throughZero ? 0 : -(-h21 * g1 + h11 * g2) / determinant;
    const descent = g1 * da + g2 * db;
    let step = 1;
    for (; step >= 1e-10; step /= 2) {
      const next = { slope: at.slope + step * da, intercept: at.intercept + step * db };
      const lower = crossEntropy(problem, next);
      if (lower < value + 1e-4 * step * descent) {
        at = next;
        value = lower;
        break;
      }
    }
    if (step < 1e-10) break;
  }
  return at;
}

function crossEntropy({ decisions, targets, weights }: SigmoidProblem, { slope, intercept }: Sigmoid): number {
  let sum = 0;
  for (let i = 0; i < decisions.length; i++) {
    const z = slope * decisions[i] + intercept;
    const loss = z >= 0 ? targets[i] * z + Math.log1p(Math.exp(-z)) : (targets[i] - 1) * z + Math.log1p(Math.exp(z));
    sum += weights ? weights[i] * loss : loss;
  }
  return sum;
}

function derivatives({ decisions, targets, weights }: SigmoidProblem, at: Sigmoid) {
  let h11 = RIDGE;
  let h22 = RIDGE;
  let h21 = 0;
  let g1 = 0;
  let g2 = 0;
  let total = 0;
  for (let i = 0; i < decisions.length; i++) {
    const p = sigmoidProbability(at, decisions[i]);
    const weight = weights ? weights[i] : 1;
    const curvature = weight * p * (1 - p);
    const slope = weight * (targets[i] - p);
    total += weight;
    h11 += decisions[i] * decisions[i] * curvature;
    h21 += decisions[i] * curvature;
    h22 += curvature;
    g1 += decisions[i] * slope;
    g2 += slope;
  }
  return { g1, g2, h11, h21, h22, total };
}
