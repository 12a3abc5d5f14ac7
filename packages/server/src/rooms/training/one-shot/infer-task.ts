import { columnOf, isPresent } from '@fairlead/frame';
import type { Task } from '@fairlead/num';
import { taskOfTarget } from '../target-rules.js';
import { trainingErrors } from '../training-errors.js';
import type { ReadTable } from './read-table.js';

/** Whole numbers of at most so many values are taken for classes. */
const FEW_CLASSES = 10;

/** The task, said or inferred from the target; the note says what was inferred where it is not obvious. */
export function inferTask(
  { table, types }: ReadTable,
  { target, task }: { target: string; task?: Task | undefined },
): { task: Task; note: string | null } {
  if (task !== undefined) {
    if (target === '' && (task === 'classification' || task === 'regression')) {
      throw trainingErrors.TRN_TASK_INVALID(`${task} needs a target.`, { data: { task } });
    }
    return { task, note: null };
  }
  if (target === '') {
    throw trainingErrors.TRN_TASK_INVALID('Without a target the task must be said: clustering or anomaly.');
  }
  const column = columnOf(table, target);
  const suggested = taskOfTarget(target, column);
  if (column.kind !== 'float64' || types.get(target) !== 'integer') return { task: suggested, note: null };
  const seen = new Set<number>();
  for (let row = 0; row < column.values.length && seen.size <= FEW_CLASSES; row += 1) {
    if (isPresent(column.validity, row)) seen.add(column.values[row] as number);
  }
  if (seen.size > FEW_CLASSES || seen.size * 5 > column.values.length) return { task: suggested, note: null };
  const note = `${target} holds ${seen.size} whole numbers and was taken for classes; --task regression takes them for amounts.`;
  return { task: 'classification', note };
}
