import type { MonitorReportView, PerformanceWindowView } from '@fairlead/contracts';
import { count, formatNumber, formatRatio } from '../../terminal/format.js';
import { printTable } from '../../terminal/print-table.js';
import type { Style } from '../../terminal/style.js';

/** What one check saw: verdicts, each column with its evidence, accuracy, service. */
export function presentReport(report: MonitorReportView, style: Style): string[] {
  const { performance, service, output, columns } = report;
  const paint = report.driftVerdict === 'drift' ? style.red : style.green;
  return [
    `${report.monitor}: ${paint(report.driftVerdict)}, integrity ${report.integrity}; ${count(report.windowRows, 'row')} of ${report.endpoint}/${report.version} against ${report.reference}`,
    printTable(
      ['column', 'verdict', 'effect>', 'p>', 'missing>', 'unseen>', 'out of range>', 'what moved'],
      [...columns, ...(output === null ? [] : [output])].map(({ column, drift, missing, unseen, outOfRange }) => [
        column,
        drift.verdict === 'drift' ? style.red(drift.verdict) : drift.verdict,
        formatNumber(drift.effect),
        formatNumber(drift.pValueAdjusted),
        String(missing),
        String(unseen),
        String(outOfRange),
        drift.evidence,
      ]),
    ),
    performance === null ? '' : presentPerformance(performance),
    `service: ${count(service.requests, 'request')}, ${formatRatio(service.errorRatio)} errors, p95 ${formatNumber(service.p95Ms)} ms`,
    report.driftVerdict === 'drift' ? 'next: fairlead alert list --state open' : '',
  ];
}

function presentPerformance(seen: PerformanceWindowView): string {
  const { accuracy, brier, expectedAccuracy, expectedBrier, withTruth, verdict } = seen;
  const scores = [
    `accuracy ${formatNumber(accuracy?.estimate)} (promised ${formatNumber(expectedAccuracy)})`,
    `Brier score ${formatNumber(brier)} (promised ${formatNumber(expectedBrier)})`,
  ];
  return `${count(withTruth, 'row')} with truth: ${scores.join(', ')}: ${verdict}`;
}
