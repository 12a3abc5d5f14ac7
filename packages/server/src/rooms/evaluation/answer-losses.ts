import type { Table } from '@fairlead/frame';
import { absoluteErrorRows, squaredErrorRows } from '@fairlead/num';
import type { ModelSignature } from '../training/index.js';
import type { Answers } from './evaluation-types.js';
import { brierLosses } from './score-classes.js';
import { numbersOf, truthOf } from './truth-rules.js';

/**
 * How wrong each answer is: of classes the Brier score of the row, 0..1; of numbers the squared or the absolute error.
 *
 * @throws EVAL_TARGET_NOT_FOUND, EVAL_TARGET_MISSING, EVAL_LABEL_UNKNOWN
 */
export function answerLosses(
  answers: Answers,
  { table, signature }: { readonly table: Table; readonly signature: ModelSignature },
  loss: 'squared' | 'absolute' = 'squared',
): Float64Array {
  if (answers.task === 'classification') return brierLosses(truthOf(table, signature), answers);
  const rows = { truth: numbersOf(table, signature), predicted: answers.predicted };
  return loss === 'squared' ? squaredErrorRows(rows) : absoluteErrorRows(rows);
}
