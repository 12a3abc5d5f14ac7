import type { Metrics } from '../../platform/telemetry/index.js';
import type { MonitorReport } from './monitoring-types.js';

export interface MonitoringGauges {
  checked(report: MonitorReport): void;
  openAlerts(monitor: string, alerts: number): void;
}

export function createMonitoringGauges(metrics: Pick<Metrics, 'gauge'>): MonitoringGauges {
  const labels = ['monitor', 'endpoint'] as const;
  const drifted = metrics.gauge({
    name: 'monitoring_drifted_columns',
    help: 'Input columns and output with drift at the last check.',
    labels,
  });
  const accuracy = metrics.gauge({
    name: 'monitoring_accuracy_ratio',
    help: 'Accuracy of the last predictions that have ground truth, at the last check.',
    labels,
  });
  const alerts = metrics.gauge({
    name: 'monitoring_open_alerts',
    help: 'Alerts that are not resolved.',
    labels: ['monitor'],
  });
  return {
    checked: ({ monitor, endpoint, drifted: { columns }, performance }) => {
      drifted.set({ monitor, endpoint }, columns);
      const observed = performance?.accuracy?.estimate;
      if (observed !== undefined) accuracy.set({ monitor, endpoint }, observed);
    },
    openAlerts: (monitor, count) => alerts.set({ monitor }, count),
  };
}
