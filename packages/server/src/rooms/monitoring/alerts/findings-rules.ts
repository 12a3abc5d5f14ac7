import type { ColumnIssue } from '../check/integrity-rules.js';
import { describeIssues, MAX_ISSUE_RATIO } from '../check/integrity-rules.js';
import { formatNumber, formatShare } from '../drift/evidence-rules.js';
import type { AlertKind, MonitorReport, MonitorSpec } from '../monitoring-types.js';

/** What one check says about one kind of alert. `unknown` (too few rows) neither opens nor resolves anything. */
export type Finding =
  | { readonly kind: AlertKind; readonly state: 'clear' | 'unknown' }
  | {
      readonly kind: AlertKind;
      readonly state: 'found';
      readonly severity: 'warning' | 'critical';
      readonly title: string;
      readonly evidence: string;
    };

const CRITICAL_ISSUE_RATIO = 4 * MAX_ISSUE_RATIO;
const DEFAULT_SERVICE = { maxErrorRatio: 0.05, maxP95Ms: 1_000 };
/** Fewer requests than this say nothing about a ratio or a percentile. */
const MIN_REQUESTS = 20;

export function findingsOf(
  report: MonitorReport,
  spec: MonitorSpec,
  issues: readonly ColumnIssue[],
): readonly Finding[] {
  return [
    driftFinding(report),
    integrityFinding(report, issues),
    performanceFinding(report, spec),
    ...serviceFindings(report, { ...DEFAULT_SERVICE, ...spec.service }),
  ];
}

function driftFinding({ driftVerdict, drifted, columns, output, endpoint, version }: MonitorReport): Finding {
  if (driftVerdict !== 'drift') return { kind: 'drift', state: driftVerdict === 'no-drift' ? 'clear' : 'unknown' };
  const moved = [...columns, ...(output === null ? [] : [output])].filter(({ drift }) => drift.verdict === 'drift');
  return {
    kind: 'drift',
    state: 'found',
    severity: drifted.columns * 2 >= drifted.judged ? 'critical' : 'warning',
    title: `${endpoint} version ${version}: ${drifted.columns} of ${drifted.judged} columns drifted`,
    evidence: moved.map(({ column, drift }) => `${column}: ${drift.evidence}`).join('; '),
  };
}

function integrityFinding({ integrity, endpoint, version }: MonitorReport, issues: readonly ColumnIssue[]): Finding {
  if (integrity !== 'fail') return { kind: 'integrity', state: integrity === 'pass' ? 'clear' : 'unknown' };
  const columns = new Set(issues.map(({ column }) => column)).size;
  return {
    kind: 'integrity',
    state: 'found',
    severity: issues.some(({ ratio }) => ratio > CRITICAL_ISSUE_RATIO) ? 'critical' : 'warning',
    title: `${endpoint} version ${version}: ${columns} input ${columns === 1 ? 'column' : 'columns'} broken`,
    evidence: describeIssues(issues),
  };
}

function performanceFinding({ performance, endpoint, version }: MonitorReport, spec: MonitorSpec): Finding {
  if (spec.performance === undefined) return { kind: 'performance', state: 'clear' };
  const verdict = performance?.verdict ?? 'insufficient';
  if (performance === null || verdict !== 'fail') {
    return { kind: 'performance', state: verdict === 'pass' ? 'clear' : 'unknown' };
  }
  const { accuracy, brier, expectedAccuracy, expectedBrier, withTruth } = performance;
  const interval = accuracy === null ? '' : ` [${formatNumber(accuracy.lower)}, ${formatNumber(accuracy.upper)}]`;
  const seen =
    spec.performance.metric === 'accuracy'
      ? `accuracy ${formatNumber(accuracy?.estimate ?? Number.NaN)}${interval}, expected ${formatNumber(expectedAccuracy)}`
      : `Brier score ${formatNumber(brier ?? Number.NaN)}, expected ${formatNumber(expectedBrier)}`;
  return {
    kind: 'performance',
    state: 'found',
    severity: 'critical',
    title: `${endpoint} version ${version} performs worse than its evaluation`,
    evidence: `${seen}, on ${withTruth} predictions with truth`,
  };
}

function serviceFindings(
  { service, endpoint, version }: MonitorReport,
  limits: { readonly maxErrorRatio: number; readonly maxP95Ms: number },
): Finding[] {
  const { requests, errorRatio, p95Ms } = service;
  const judge = (kind: 'errors' | 'latency', bad: boolean, text: { title: string; evidence: string }): Finding => {
    if (requests < MIN_REQUESTS) return { kind, state: 'unknown' };
    return bad ? { kind, state: 'found', severity: 'critical', ...text } : { kind, state: 'clear' };
  };
  return [
    judge('errors', errorRatio > limits.maxErrorRatio, {
      title: `${endpoint} version ${version} fails too often`,
      evidence: `${formatShare(errorRatio)} of ${requests} requests failed, allowed ${formatShare(limits.maxErrorRatio)}`,
    }),
    judge('latency', p95Ms > limits.maxP95Ms, {
      title: `${endpoint} version ${version} is too slow`,
      evidence: `p95 ${formatNumber(p95Ms)} ms over ${requests} requests, allowed ${formatNumber(limits.maxP95Ms)} ms`,
    }),
  ];
}
