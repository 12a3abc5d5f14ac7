import type { Verdict } from '@fairlead/kernel';
import { formatShare } from '../drift/evidence-rules.js';
import type { ColumnCheck } from '../monitoring-types.js';

/** Share of a column's rows beyond which it is reported. */
export const MAX_ISSUE_RATIO = 0.05;

export interface ColumnIssue {
  readonly column: string;
  readonly kind: 'missing' | 'unseen' | 'out of range';
  readonly ratio: number;
}

/**
 * Columns with more than 5 % of their rows missing, of a category or outside the range that training never saw. What
 * was missing in training already is taken off.
 */
export function integrityIssues(
  columns: readonly ColumnCheck[],
  missingInTraining: ReadonlyMap<string, number>,
): ColumnIssue[] {
  return columns.flatMap(({ column, rows, missing, unseen, outOfRange }) => {
    const shares = [
      { column, kind: 'missing' as const, ratio: missing / rows - (missingInTraining.get(column) ?? 0) },
      { column, kind: 'unseen' as const, ratio: unseen / rows },
      { column, kind: 'out of range' as const, ratio: outOfRange / rows },
    ];
    return shares.filter(({ ratio }) => ratio > MAX_ISSUE_RATIO);
  });
}

export function judgeIntegrity(issues: readonly ColumnIssue[], rows: { have: number; need: number }): Verdict {
  if (rows.have < rows.need) return 'insufficient';
  return issues.length > 0 ? 'fail' : 'pass';
}

export function describeIssues(issues: readonly ColumnIssue[]): string {
  return issues.map(({ column, kind, ratio }) => `${column}: ${formatShare(ratio)} ${kind}`).join('; ');
}
