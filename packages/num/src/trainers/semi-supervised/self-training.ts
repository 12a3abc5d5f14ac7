import { checkLength, checkRange } from '../../checks.js';
import { checkMatrix, type FeatureMatrix, selectMatrixRows } from '../../linalg/matrix.js';
import { numErrors } from '../../num-errors.js';
import { type BaseTrainer, classifyPart } from '../ensembles/base-trainers.js';
import type { ClassificationContext } from '../trainer-definition.js';
import { type FittedClassifierBase, throwIfStopped } from '../trainer-types.js';

/** Code of a row whose class is not known. */
export const UNLABELLED = -1;

export interface SelfTrainingOptions {
  readonly base: BaseTrainer;
  /** 'threshold' (default): rows above the threshold get their most probable class; 'k_best': the kBest surest rows. */
  readonly criterion?: 'threshold' | 'k_best';
  /** Default 0.75. */
  readonly threshold?: number;
  /** Default 10. */
  readonly kBest?: number;
  /** Default 10; null: until no row changes. */
  readonly maxIter?: number | null;
}

export interface FittedSelfTraining extends FittedClassifierBase {
  readonly kind: 'self-training';
  readonly model: FittedClassifierBase;
  /** Class codes after the last round; −1 where none was sure enough. */
  readonly transduction: Int32Array;
  /** Round in which a row got its class: 0 = given, −1 = never. */
  readonly labelledIn: Int32Array;
  readonly iterations: number;
  readonly ended: 'all-labelled' | 'no-change' | 'max-iter';
}

/**
 * Self-training as scikit-learn's SelfTrainingClassifier: fit on rows with a class, give the surest others their
 * predicted class, repeat; at last fit on all that have one. Rows of k_best with equal probability: the earlier first.
 *
 * @param y class codes, −1 for rows without one.
 * @throws NUM_RANGE for a code below −1; NUM_TOO_FEW when no row has a class.
 */
export function fitSelfTraining(
  x: FeatureMatrix,
  y: Int32Array,
  options: SelfTrainingOptions,
  context: ClassificationContext,
): FittedSelfTraining {
  const { base, maxIter = 10 } = options;
  check(x, y, options);
  const labels = y.slice();
  const labelledIn = y.map((code) => (code === UNLABELLED ? -1 : 0));
  const limit = maxIter ?? Number.POSITIVE_INFINITY;
  let iterations = 0;
  let ended: FittedSelfTraining['ended'] = 'all-labelled';
  const fitLabelled = (): FittedClassifierBase => {
    throwIfStopped(context.signal);
    const rows = Int32Array.from(labels.keys()).filter((row) => labels[row] !== UNLABELLED);
    const told = { label: `self-training ${iterations}`, part: 0, parts: 1, rows };
    return classifyPart(base, { x, y: labels }, { ...context, onProgress: () => undefined }, told);
  };
  context.onProgress?.(0);
  while (labels.includes(UNLABELLED)) {
    if (iterations >= limit) {
      ended = 'max-iter';
      break;
    }
    iterations++;
    const open = Int32Array.from(labels.keys()).filter((row) => labels[row] === UNLABELLED);
    const model = fitLabelled();
    const p = model.predictProbabilities(selectMatrixRows(x, open));
    const sure = surest(p, model.classCount, options);
    for (const { at, code } of sure) {
      labels[open[at]] = code;
      labelledIn[open[at]] = iterations;
    }
    context.onProgress?.(Math.min(iterations / (limit + 1), 0.99));
    if (sure.length === 0) {
      ended = 'no-change';
      break;
    }
  }
  const model = fitLabelled();
  context.onProgress?.(1);
  return Object.freeze({
    ...model,
    kind: 'self-training' as const,
    model,
    transduction: labels,
    labelledIn,
    iterations,
    ended,
  });
}

function check(x: FeatureMatrix, y: Int32Array, options: SelfTrainingOptions): void {
  const { threshold = 0.75, kBest = 10, maxIter = 10 } = options;
  checkMatrix('x', x);
  checkLength('y', y.length, x.rowCount);
  checkRange('threshold', threshold, { min: 0, max: 1 });
  checkRange('kBest', kBest, { min: 1, integer: true });
  if (maxIter !== null) checkRange('maxIter', maxIter, { min: 0, integer: true });
  const wrong = y.findIndex((code) => code < UNLABELLED);
  if (wrong >= 0) throw numErrors.NUM_RANGE(`y[${wrong}] is ${y[wrong]}, but class codes start at 0 (−1 = unknown).`);
  if (y.every((code) => code === UNLABELLED)) throw numErrors.NUM_TOO_FEW('No row has a class to begin with.');
}

function surest(
  p: Float64Array,
  classCount: number,
  { criterion = 'threshold', threshold = 0.75, kBest = 10 }: SelfTrainingOptions,
): { at: number; code: number; sureness: number }[] {
  const rows = Array.from({ length: p.length / classCount }, (_, at) => {
    let code = 0;
    for (let k = 1; k < classCount; k++) if (p[at * classCount + k] > p[at * classCount + code]) code = k;
    return { at, code, sureness: p[at * classCount + code] };
  });
  if (criterion === 'threshold') return rows.filter(({ sureness }) => sureness > threshold);
  return rows.sort((a, b) => b.sureness - a.sureness || a.at - b.at).slice(0, kBest);
}
