import { checkLength, checkRange } from '../checks.js';
import { numErrors } from '../num-errors.js';

/** 'balanced' = n / (K · weighted count of the class), as in scikit-learn; or one weight per class code. */
export type ClassWeight = 'balanced' | readonly number[];

export interface ClassTargetOptions {
  /** Number of classes; default: largest code + 1. Give it when a class may be absent from this sample. */
  readonly classCount?: number;
  readonly classWeight?: ClassWeight;
  /** One non-negative weight per row. */
  readonly sampleWeight?: Float64Array;
}

/** Checks class codes 0..K−1 against the matrix and folds class and sample weights into one weight per row. */
export function prepareTargets(
  y: Int32Array,
  rowCount: number,
  options: ClassTargetOptions,
): { classCount: number; weights: Float64Array } {
  checkLength('y', y.length, rowCount);
  if (rowCount === 0) throw numErrors.NUM_TOO_FEW('There are no rows to fit on.');
  let largest = 0;
  for (let i = 0; i < rowCount; i++) {
    if (y[i] < 0) throw numErrors.NUM_RANGE(`y[${i}] is ${y[i]}, but class codes start at 0.`);
    if (y[i] > largest) largest = y[i];
  }
  const classCount = options.classCount ?? largest + 1;
  checkRange('classCount', classCount, { min: Math.max(2, largest + 1), integer: true });
  const weights = new Float64Array(rowCount).fill(1);
  if (options.sampleWeight) {
    checkLength('sampleWeight', options.sampleWeight.length, rowCount);
    for (const weight of options.sampleWeight) checkRange('sampleWeight', weight, { min: 0, max: Number.MAX_VALUE });
    weights.set(options.sampleWeight);
  }
  const perClass = classWeights(y, weights, { classCount, classWeight: options.classWeight });
  if (perClass) for (let i = 0; i < rowCount; i++) weights[i] *= perClass[y[i]];
  return { classCount, weights };
}

function classWeights(
  y: Int32Array,
  weights: Float64Array,
  options: { classCount: number; classWeight: ClassWeight | undefined },
): readonly number[] | undefined {
  const { classCount, classWeight } = options;
  if (classWeight === undefined) return undefined;
  if (classWeight !== 'balanced') {
    checkLength('classWeight', classWeight.length, classCount);
    for (const weight of classWeight) checkRange('classWeight', weight, { min: 0, max: Number.MAX_VALUE });
    return classWeight;
  }
  const counts = new Array<number>(classCount).fill(0);
  let total = 0;
  for (let i = 0; i < y.length; i++) {
    counts[y[i]] += weights[i];
    total += weights[i];
  }
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? total / (present * count) : 0));
}
