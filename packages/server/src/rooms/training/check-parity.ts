import type { Task } from '@fairlead/num';
import type { ModelAnswers } from './model-scorer.js';
import type { ParityResult } from './training-types.js';

const PARITY_TOLERANCE = 1e-4;
/** Relative rounding that a few Float32 operations may add up to. */
const FLOAT32_RATIO = 2 ** -20;

/** Our own answers, row-major. */
export interface ExpectedAnswers {
  readonly values: Float64Array;
  readonly width: number;
}

/**
 * Compares our own answers with those of the package. Probabilities and scores may differ by 1e-4, numbers and distances
 * by 1e-4 of their standard deviation. A decision may differ only where two answers tie.
 */
export function checkParity(
  { task, labels }: { task: Task; labels: readonly string[] },
  { values: expected, width }: ExpectedAnswers,
  observed: ModelAnswers,
): ParityResult {
  const rows = expected.length / width;
  const tolerance = toleranceOf(task, expected);
  let maxAbsDifference = observed.values.length === expected.length ? 0 : Number.MAX_VALUE;
  for (let i = 0; i < expected.length; i += 1) {
    const difference = Math.abs((expected[i] as number) - (observed.values[i] as number));
    // A NaN compares false with everything, so it is asked for.
    if (!(difference <= maxAbsDifference)) {
      maxAbsDifference = Number.isNaN(difference) ? Number.MAX_VALUE : difference;
    }
  }
  let labelsEqual = task === 'regression' || observed.decisions.length === rows;
  for (let row = 0; labelsEqual && task !== 'regression' && row < rows; row += 1) {
    const answers = expected.subarray(row * width, (row + 1) * width);
    labelsEqual = decisionStands(task, answers, { given: observed.decisions[row], labels, slack: 2 * tolerance });
  }
  const pass = maxAbsDifference <= tolerance && labelsEqual;
  return { rows, maxAbsDifference, labelsEqual, tolerance, verdict: pass ? 'pass' : 'fail' };
}

function toleranceOf(task: Task, expected: Float64Array): number {
  if (task === 'classification' || task === 'anomaly') return PARITY_TOLERANCE;
  let mean = 0;
  let m2 = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const value = expected[i] as number;
    const delta = value - mean;
    mean += delta / (i + 1);
    m2 += delta * (value - mean);
    largest = Math.max(largest, Math.abs(value));
  }
  return PARITY_TOLERANCE * Math.sqrt(m2 / Math.max(1, expected.length)) + FLOAT32_RATIO * largest;
}

function decisionStands(
  task: Task,
  answers: Float64Array,
  { given, labels, slack }: { given: string | undefined; labels: readonly string[]; slack: number },
): boolean {
  if (task === 'anomaly') {
    const score = answers[0] as number;
    return Math.abs(score) <= slack || given === (score > 0 ? '1' : '0');
  }
  const at = task === 'classification' ? labels.indexOf(given ?? '') : Number(given);
  const own = answers[at];
  if (own === undefined) return false;
  const best = task === 'classification' ? Math.max(...answers) : Math.min(...answers);
  return Math.abs(best - own) <= slack;
}
