import { classReport, type EvaluationService } from '../../evaluation/index.js';
import type { ModelVersion } from '../../registry/index.js';
import type { Expectation } from './performance-rules.js';

/** What the evaluation of a version promised. NaN where nobody has evaluated it here: its windows are then `insufficient`. */
export async function promised(
  evaluation: Pick<EvaluationService, 'report'>,
  { version, signature: { labels }, reportDigest }: ModelVersion,
): Promise<Expectation> {
  if (reportDigest === null) return { version, accuracy: Number.NaN, brier: Number.NaN, labels };
  const { accuracy, brier } = classReport(await evaluation.report(reportDigest)).scores;
  return { version, accuracy, brier, labels };
}
