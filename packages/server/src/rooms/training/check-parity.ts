import { mostProbable } from '@fairlead/num';
import type { ModelScores } from './model-scorer.js';
import type { ParityResult } from './training-types.js';

const PARITY_TOLERANCE = 1e-4;

/** Compares our own probabilities (row-major) with those of the package. A label may differ only where two classes tie. */
export function checkParity(expected: Float64Array, observed: ModelScores, labels: readonly string[]): ParityResult {
  const width = labels.length;
  const rows = expected.length / width;
  let maxAbsDifference = 0;
  for (let i = 0; i < expected.length; i += 1) {
    const difference = Math.abs((expected[i] as number) - (observed.probabilities[i] as number));
    // A NaN compares false with everything, so it is asked for.
    if (!(difference <= maxAbsDifference)) {
      maxAbsDifference = Number.isNaN(difference) ? Number.MAX_VALUE : difference;
    }
  }
  const codes = mostProbable(expected, width);
  let labelsEqual = observed.labels.length === rows;
  for (let row = 0; labelsEqual && row < rows; row += 1) {
    const code = codes[row] as number;
    const given = labels.indexOf(observed.labels[row] as string);
    const gap = (expected[row * width + code] as number) - (expected[row * width + given] as number);
    labelsEqual = given >= 0 && gap <= 2 * PARITY_TOLERANCE;
  }
  const pass = maxAbsDifference <= PARITY_TOLERANCE && labelsEqual;
  return { rows, maxAbsDifference, labelsEqual, tolerance: PARITY_TOLERANCE, verdict: pass ? 'pass' : 'fail' };
}
