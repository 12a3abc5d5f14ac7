import type { MonitorReportView, PerformanceWindowView } from '@fairlead/contracts';
import type { ColumnCheck, MonitorReport, PerformanceWindow } from './monitoring-types.js';

/** JSON has no NaN: what could not be computed is null on the wire. */
const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

export function presentReport(report: MonitorReport): MonitorReportView {
  return {
    ...report,
    drifted: { ...report.drifted },
    service: { ...report.service },
    columns: report.columns.map(presentColumn),
    output: report.output && presentColumn(report.output),
    performance: report.performance && presentWindow(report.performance),
  };
}

export function presentWindow(window: PerformanceWindow): PerformanceWindowView {
  return {
    ...window,
    accuracy: window.accuracy && { ...window.accuracy },
    expectedAccuracy: orNull(window.expectedAccuracy),
    expectedBrier: orNull(window.expectedBrier),
  };
}

function presentColumn(check: ColumnCheck): MonitorReportView['columns'][number] {
  const { drift } = check;
  return {
    ...check,
    drift: {
      ...drift,
      statistic: orNull(drift.statistic),
      pValue: orNull(drift.pValue),
      pValueAdjusted: orNull(drift.pValueAdjusted),
      effect: orNull(drift.effect),
    },
  };
}
