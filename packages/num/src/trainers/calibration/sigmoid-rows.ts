import { type Sigmoid, sigmoidProbability } from './platt-sigmoid.js';

/** How one decision value per line becomes probabilities of all classes. */
export interface SigmoidVote {
  readonly classCount: number;
  /** Codes of the classes that were met, ascending. */
  readonly present: readonly number[];
  /** One per class that was met, or one of the second when two were met. */
  readonly sigmoids: readonly Sigmoid[];
}

/** Row-major rows × classCount from row-major rows × lines: each class against the rest, divided by their sum. */
export function sigmoidRows(decisions: Float64Array, { classCount, present, sigmoids }: SigmoidVote): Float64Array {
  const lines = sigmoids.length;
  const rowCount = decisions.length / lines;
  const out = new Float64Array(rowCount * classCount);
  for (let row = 0; row < rowCount; row++) {
    const at = row * classCount;
    let sum = 0;
    for (let line = 0; line < lines; line++) {
      const p = Math.max(sigmoidProbability(sigmoids[line], decisions[row * lines + line]), 1e-300);
      sum += p;
      out[at + present[present.length - lines + line]] = p;
    }
    if (lines === 1) out[at + present[0]] = 1 - sum;
    else for (let k = 0; k < classCount; k++) out[at + k] /= sum;
  }
  return out;
}
