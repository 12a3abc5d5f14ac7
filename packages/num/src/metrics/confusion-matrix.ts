import { checkLength, checkRange, checkWeights } from '../checks.js';
import { numErrors } from '../num-errors.js';

/** counts[true * classCount + predicted]: rows are the truth, as in scikit-learn. */
export interface ConfusionMatrix {
  readonly classCount: number;
  readonly counts: Float64Array;
}

/** Counts (or sums of `weights`) of every pair of true and predicted class code. @throws NUM_SHAPE, NUM_RANGE */
export function confusionMatrix(
  yTrue: Int32Array,
  yPredicted: Int32Array,
  options: { classCount: number; weights?: Float64Array },
): ConfusionMatrix {
  const { classCount, weights } = options;
  checkLength('yPredicted', yPredicted.length, yTrue.length);
  checkRange('classCount', classCount, { min: 1, integer: true });
  if (weights) checkWeights(weights, yTrue.length);
  if (yTrue.length === 0) throw numErrors.NUM_TOO_FEW('There are no rows to score.');
  const counts = new Float64Array(classCount * classCount);
  for (let i = 0; i < yTrue.length; i++) {
    const t = yTrue[i];
    const p = yPredicted[i];
    if (t < 0 || p < 0 || t >= classCount || p >= classCount) {
      throw numErrors.NUM_RANGE(`Row ${i} has classes ${t} and ${p}, but codes must lie in [0, ${classCount}).`);
    }
    if (weights === undefined) counts[t * classCount + p]++;
    else counts[t * classCount + p] += weights[i];
  }
  return { classCount, counts };
}

/** Row sums (truth), column sums (predictions), diagonal (hits) and the grand total. */
export function margins({ classCount, counts }: ConfusionMatrix) {
  const truth = new Float64Array(classCount);
  const predicted = new Float64Array(classCount);
  const hits = new Float64Array(classCount);
  let total = 0;
  for (let t = 0; t < classCount; t++) {
    hits[t] = counts[t * classCount + t];
    for (let p = 0; p < classCount; p++) {
      const count = counts[t * classCount + p];
      truth[t] += count;
      predicted[p] += count;
      total += count;
    }
  }
  return { truth, predicted, hits, total };
}
