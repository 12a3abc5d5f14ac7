import type { Interval } from '@fairlead/kernel';
import { evaluationErrors } from './evaluation-errors.js';
import type { ClassificationReport, EvaluationReport } from './evaluation-types.js';

export interface Skill {
  /** The strongest one. */
  readonly baseline: string;
  /** 1 − loss(model) / loss(baseline): above zero is better. */
  readonly skill: Interval;
  /** What the loss is. */
  readonly name: 'Brier skill' | 'MSE skill';
}

/** What the model is worth beside the strongest baseline, whatever its task; undefined when nothing was compared with. */
export function skillOf(report: EvaluationReport): Skill | undefined {
  const { strongestBaseline: baseline } = report;
  if (report.task === 'regression') {
    const found = report.baselines.find((one) => one.baseline === baseline);
    return found && { baseline, skill: found.mseSkill, name: 'MSE skill' };
  }
  const found = report.baselines.find((one) => one.baseline === baseline);
  return found && { baseline, skill: found.brierSkill, name: 'Brier skill' };
}

/** For whoever can only speak of classes, as endpoints do. @throws EVAL_TASK_INVALID */
export function classReport(report: EvaluationReport): ClassificationReport {
  if (report.task === undefined) return report;
  throw evaluationErrors.EVAL_TASK_INVALID(`The report ${report.id} is about a ${report.task}, not about classes.`, {
    data: { task: report.task },
  });
}
