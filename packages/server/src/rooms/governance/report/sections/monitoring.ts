import { type Html, html } from '../../../../platform/http/index.js';
import type { Alert, MonitorReport } from '../../../monitoring/index.js';
import { formatNumber, formatRatio, formatTime } from '../format-values.js';
import { factList, missing, pill, section, table, verdictPill } from '../page-parts.js';
import type { MonitorFacts, ReportFacts } from '../report-facts.js';
import { driftChart } from '../svg-drift.js';
import { performanceChart } from '../svg-performance.js';

/** What became of it in use: accuracy once the truth is known, drift, the service, and the alerts. */
export function monitoringSection({ version, monitors, alerts, performance }: ReportFacts): Html {
  const scored = performance.filter(({ windows }) => windows.some((window) => window.accuracy !== null));
  return section(
    'monitoring',
    'Monitoring',
    html`${scored.length === 0 ? missing('No truth has come in for answers of its endpoints.') : scored.map(({ endpoint, windows }) => performanceChart({ endpoint, windows, version: version.version }))}${monitors.length === 0 ? missing('No monitor watches an endpoint of this version.') : monitors.map(monitorPart)}${alertPart(alerts)}`,
  );
}

function monitorPart({ monitor, reports }: MonitorFacts): Html {
  const [newest] = reports;
  const title = html`<h3>Monitor ${monitor.name} on ${monitor.spec.endpoint}</h3>`;
  if (newest === undefined) return html`${title}${missing('It has not looked at this version yet.')}`;
  return html`${title}${newestFacts(newest)}${driftChart(newest, { minEffect: monitor.spec.drift.minEffect })}${
    reports.length > 1 &&
    table(
      `The last ${reports.length} looks at this version`,
      ['When', 'Rows', 'Integrity', 'Drift', 'Performance'],
      reports.map((report) => [
        formatTime(report.createdAtMs),
        formatNumber(report.windowRows),
        verdictPill(report.integrity),
        driftPill(report),
        report.performance === null ? 'not judged' : verdictPill(report.performance.verdict),
      ]),
    )
  }`;
}

function driftPill({ driftVerdict }: MonitorReport): Html {
  if (driftVerdict === 'drift') return pill('bad', 'drift');
  return driftVerdict === 'no-drift' ? pill('good', 'no drift') : pill('warn', 'too few rows');
}

function newestFacts(report: MonitorReport): Html {
  const { service } = report;
  return factList([
    ['Newest look', formatTime(report.createdAtMs)],
    ['Integrity', verdictPill(report.integrity)],
    ['Drift', driftPill(report)],
    ['Performance', report.performance === null ? 'not judged: no truth yet' : verdictPill(report.performance.verdict)],
    [
      'Service',
      `${formatNumber(service.requests)} requests, ${formatRatio(service.errorRatio)} errors, p50 ${formatNumber(service.p50Ms, 3)} ms, p95 ${formatNumber(service.p95Ms, 3)} ms, p99 ${formatNumber(service.p99Ms, 3)} ms`,
    ],
  ]);
}

function alertPart(alerts: readonly Alert[]): Html {
  if (alerts.length === 0) return html`<p>No alert was raised for the endpoints of this version.</p>`;
  const tone = { open: 'bad', acknowledged: 'warn', resolved: 'good' } as const;
  return table(
    'Alerts of its endpoints, newest first (whichever version answered)',
    ['Opened', 'Endpoint', 'Kind', 'State', 'What', 'Evidence', 'Taken by'],
    alerts.map((alert) => [
      formatTime(alert.openedAtMs),
      alert.endpoint,
      `${alert.kind}, ${alert.severity}`,
      pill(tone[alert.state], alert.state),
      alert.title,
      alert.evidence,
      alert.acknowledgedBy ?? 'nobody',
    ]),
  );
}
