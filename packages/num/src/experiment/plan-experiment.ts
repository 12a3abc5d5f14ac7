import { checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { normalCdf, normalQuantile } from '../special/special-functions.js';

/** What an experiment with a fixed end promises about its errors. */
export interface ExperimentErrors {
  /** Chance of calling a difference that is not there, both directions together. Default 0.05. */
  readonly alpha?: number;
  /** Chance of finding the smallest effect that matters when it is there. Default 0.8. */
  readonly power?: number;
  /** Trials of the second arm per trial of the first. Default 1. */
  readonly ratio?: number;
}

export interface ProportionPlan extends ExperimentErrors {
  /** Share of successes of the first arm, in (0, 1). */
  readonly baseline: number;
  /** Smallest difference that matters, absolute: the second arm has `baseline + effect`. Not 0. */
  readonly effect: number;
}

export interface MeanPlan extends ExperimentErrors {
  /** Standard deviation of one observation, the same in both arms, above 0. */
  readonly standardDeviation: number;
  /** Smallest difference of the means that matters, in the units of the observations. Not 0. */
  readonly effect: number;
}

/**
 * Trials of the first arm that the two-sided pooled z test of two proportions needs (Fleiss, Levin, Paik 2003, without
 * continuity correction; R's `power.prop.test`). Rounded up; the second arm needs `ratio` times as many.
 *
 * @example sampleSizeOfProportions({ baseline: 0.5, effect: 0.25, power: 0.9 }) // 77
 * @throws NUM_RANGE when a share leaves (0, 1) or the effect is 0
 */
export function sampleSizeOfProportions(plan: ProportionPlan): number {
  const { baseline, effect } = plan;
  const { alpha, power, ratio } = checkedErrors(plan);
  const other = checkShares(baseline, effect);
  const { none, some } = spreads(baseline, other, ratio);
  const z = normalQuantile(1 - alpha / 2) * none + normalQuantile(power) * some;
  return Math.ceil((z / effect) ** 2 - 1e-9);
}

/** Power of that test with `trials` in the first arm: the chance of the wrong direction is left out, as it is when planning. */
export function powerOfProportions(plan: Omit<ProportionPlan, 'power'> & { readonly trials: number }): number {
  const { baseline, effect, trials } = plan;
  const { alpha, ratio } = checkedErrors(plan);
  checkRange('trials', trials, { min: 1 });
  const { none, some } = spreads(baseline, checkShares(baseline, effect), ratio);
  return normalCdf((Math.abs(effect) * Math.sqrt(trials) - normalQuantile(1 - alpha / 2) * none) / some);
}

/**
 * Observations of the first arm that Welch's test of two means needs: the normal approximation with Guenther's (1981) term
 * for the estimated deviation, within 1 % of the exact size from 10 observations on. Rounded up.
 *
 * @example sampleSizeOfMeans({ standardDeviation: 1, effect: 1, power: 0.9 }) // 22
 * @throws NUM_RANGE when the deviation is not above 0 or the effect is 0
 */
export function sampleSizeOfMeans(plan: MeanPlan): number {
  const { alpha, power, ratio } = checkedErrors(plan);
  const critical = normalQuantile(1 - alpha / 2);
  const relative = plan.effect / checkDeviation(plan);
  const size = ((1 + 1 / ratio) * (critical + normalQuantile(power)) ** 2) / relative ** 2;
  return Math.ceil(size + critical ** 2 / 4 - 1e-9);
}

/** Power of that test with `trials` observations in the first arm. */
export function powerOfMeans(plan: Omit<MeanPlan, 'power'> & { readonly trials: number }): number {
  const { alpha, ratio } = checkedErrors(plan);
  checkRange('trials', plan.trials, { min: 2 });
  const critical = normalQuantile(1 - alpha / 2);
  const relative = Math.abs(plan.effect) / checkDeviation(plan);
  const size = Math.max(0, plan.trials - critical ** 2 / 4);
  return normalCdf(relative * Math.sqrt(size / (1 + 1 / ratio)) - critical);
}

function checkedErrors({ alpha = 0.05, power = 0.8, ratio = 1 }: ExperimentErrors): Required<ExperimentErrors> {
  checkRange('alpha', alpha, { min: 1e-9, max: 0.5 });
  checkRange('power', power, { min: 0.5, max: 0.9999 });
  checkRange('ratio', ratio, { min: 1e-6, max: 1e6 });
  return { alpha, power, ratio };
}

/** The share of the second arm. */
function checkShares(baseline: number, effect: number): number {
  checkEffect(effect);
  const other = baseline + effect;
  for (const [name, share] of [
    ['baseline', baseline],
    ['baseline + effect', other],
  ] as const) {
    if (!(share > 0 && share < 1)) throw numErrors.NUM_RANGE(`${name} is ${share}, but must lie between 0 and 1.`);
  }
  return other;
}

function checkEffect(effect: number): void {
  if (Number.isFinite(effect) && effect !== 0) return;
  throw numErrors.NUM_RANGE(`effect is ${effect}, but must be a number other than 0.`);
}

function checkDeviation({ standardDeviation, effect }: Pick<MeanPlan, 'standardDeviation' | 'effect'>): number {
  checkEffect(effect);
  if (standardDeviation > 0 && standardDeviation < Infinity) return standardDeviation;
  throw numErrors.NUM_RANGE(`standardDeviation is ${standardDeviation}, but must be above 0.`);
}

/** Standard deviation of the difference per trial of the first arm: when there is none, and when there is one. */
function spreads(first: number, second: number, ratio: number): { none: number; some: number } {
  const pooled = (first + ratio * second) / (1 + ratio);
  return {
    none: Math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled)),
    some: Math.sqrt(first * (1 - first) + (second * (1 - second)) / ratio),
  };
}
