// @ts-check
// The arithmetic of a bench, apart from processes and clocks so that it can be tested exactly.

/**
 * @typedef {{bench: string, metric: string, max?: number, min?: number, unit: string, why: string}} Budget
 * @typedef {{bench: string, metric: string, value: number, unit: string, raw?: number[]}} Measurement
 * @typedef {{budget: Budget, value: number | undefined, verdict: 'within' | 'over' | 'missing'}} Judgement
 */

/**
 * Middle value; the mean of the two middle values when their count is even.
 * @param {readonly number[]} values at least one, all finite
 * @throws {RangeError} for no value, or one that is not finite
 */
export function median(values) {
  if (values.length === 0) throw new RangeError('median of no values');
  if (!values.every(Number.isFinite))
    throw new RangeError(`median of values that are not finite: ${values.join(', ')}`);
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = /** @type {number} */ (sorted[half]);
  return sorted.length % 2 === 1 ? upper : (upper + /** @type {number} */ (sorted[half - 1])) / 2;
}

/**
 * How many times `values` is `against`: the median of the ratios round by round. Paired, because a machine that slows
 * down between two rounds slows both sides of a round, while a ratio of two medians may take them from different rounds.
 * @param {readonly number[]} values @param {readonly number[]} against same length, all above 0
 */
export function pairedRatio(values, against) {
  if (values.length !== against.length) throw new RangeError(`${values.length} values against ${against.length}`);
  if (!against.every((value) => value > 0)) throw new RangeError('a ratio needs a floor above 0');
  return median(values.map((value, i) => value / /** @type {number} */ (against[i])));
}

/** Order of variants in a round: as given, then reversed, and so on. @template T @param {readonly T[]} variants @param {number} round from 0 @returns {T[]} */
export function orderOfRound(variants, round) {
  return round % 2 === 0 ? [...variants] : [...variants].reverse();
}

/**
 * Judges every budget. A budget whose metric nobody measured is `missing`, which counts as a failure: a bench that stopped
 * reporting must not look like one that is fast enough.
 * @param {readonly Budget[]} budgets @param {readonly Measurement[]} measurements @returns {Judgement[]}
 */
export function judge(budgets, measurements) {
  return budgets.map((budget) => {
    const value = measurements.find((m) => m.bench === budget.bench && m.metric === budget.metric)?.value;
    if (value === undefined || Number.isNaN(value)) return { budget, value: undefined, verdict: 'missing' };
    const over = (budget.max !== undefined && value > budget.max) || (budget.min !== undefined && value < budget.min);
    return { budget, value, verdict: over ? 'over' : 'within' };
  });
}

/**
 * Parses `budgets.json`: each entry needs a limit, a unit and a reason, and no metric has two.
 * @param {unknown} value @returns {Budget[]}
 */
export function parseBudgets(value) {
  if (!Array.isArray(value)) throw new TypeError('budgets.json must hold an array');
  const seen = new Set();
  return value.map((entry) => {
    const { bench, metric, max, min, unit, why } = entry;
    const name = `${bench}/${metric}`;
    for (const text of [bench, metric, unit, why]) {
      if (typeof text !== 'string' || text === '')
        throw new TypeError(`${name}: bench, metric, unit and why must be texts`);
    }
    const limits = [max, min].filter((limit) => limit !== undefined);
    if (limits.length === 0 || !limits.every(Number.isFinite))
      throw new TypeError(`${name}: max or min must be a number`);
    if (seen.has(name)) throw new TypeError(`${name} has two budgets`);
    seen.add(name);
    return entry;
  });
}
