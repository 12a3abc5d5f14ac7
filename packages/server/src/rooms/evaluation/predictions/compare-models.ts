import { compareLabels, delongPaired, pairedBootstrap } from '@fairlead/num';
import { type ClassAnswer, type ClassRows, misses } from './class-rows.js';
import { bootstrapMethod, bootstrapOptions, type Drawing } from './prediction-intervals.js';
import type { ComparisonResult } from './predictions-types.js';

/** Differences of two classifiers on the same rows, the first minus the second. Weights are left out. */
export function compareClasses(rows: ClassRows, other: ClassAnswer): ComparisonResult[] {
  const { truth, predicted, probabilities, drawing, labels } = rows;
  const options = bootstrapOptions(drawing, 'compare');
  const accuracy = pairedBootstrap(misses(truth, other.codes), misses(truth, predicted), options);
  const { midPValue } = compareLabels(truth, { first: predicted, second: other.codes });
  const inTime = drawing.blockLength === 'auto';
  const out: ComparisonResult[] = [
    {
      name: 'accuracy',
      difference: accuracy,
      // McNemar's test takes rows for independent, which neighbours in time are not.
      pValue: inTime ? null : midPValue,
      method: inTime ? bootstrapMethod(accuracy) : 'paired bootstrap, McNemar mid-p',
    },
  ];
  if (labels.length !== 2 || probabilities === undefined || other.probability === undefined) return out;
  const a = probabilities.filter((_, at) => at % 2 === 1);
  const { difference, pValue } = delongPaired(truth, { a, b: other.probability });
  if (!Number.isNaN(difference.estimate)) {
    out.push({ name: 'rocAuc', difference, pValue, method: inTime ? 'DeLong, rows taken for independent' : 'DeLong' });
  }
  const brier = (p: Float64Array) => Float64Array.from(p, (value, i) => (value - (truth[i] as number)) ** 2);
  const gap = pairedBootstrap(brier(a), brier(other.probability), bootstrapOptions(drawing, 'compare brier'));
  return [...out, { name: 'brier', difference: gap, pValue: null, method: `paired ${bootstrapMethod(gap)}` }];
}

/** Difference of two mean losses on the same rows. */
export function compareLosses(
  name: string,
  { first, second }: { first: Float64Array; second: Float64Array },
  drawing: Drawing,
): ComparisonResult {
  const difference = pairedBootstrap(first, second, bootstrapOptions(drawing, `compare ${name}`));
  return { name, difference, pValue: null, method: `paired ${bootstrapMethod(difference)}` };
}
