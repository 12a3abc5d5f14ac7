import type {
  AlertView,
  MonitorReportView,
  MonitorSpecSchema,
  MonitorView,
  PerformanceWindowView,
  PostRewardsSchema,
  PostTruthSchema,
  TruthOutcomeSchema,
  Wire,
} from '@fairlead/contracts';
import type { List, Transport } from '../call-types.js';

export type TruthRow = Wire<typeof PostTruthSchema>['rows'][number];
export type RewardRow = Wire<typeof PostRewardsSchema>['rows'][number];
export type TruthOutcome = Wire<typeof TruthOutcomeSchema>;

export function monitorsClient({ json }: Transport) {
  return {
    list: () => json<List<MonitorView>>('listMonitors'),
    get: (name: string) => json<MonitorView>('getMonitor', { params: { name } }),
    declare: (name: string, spec: Wire<typeof MonitorSpecSchema>) =>
      json<MonitorView>('putMonitor', { params: { name }, body: spec }),
    /** Compares the current window now, and opens or resolves alerts. */
    check: (name: string) => json<MonitorReportView>('checkMonitor', { params: { name } }),
    /** Newest first. */
    reports: (name: string, query: { limit?: number } = {}) =>
      json<List<MonitorReportView>>('listMonitorReports', { params: { name }, query }),
    report: (id: string) => json<MonitorReportView>('getMonitorReport', { params: { id } }),
  };
}

export interface PerformanceQuery {
  readonly environment?: string;
  /** Predictions with truth per window. */
  readonly rows?: number;
  readonly version?: number;
}

/** Accuracy and Brier score over time. */
export function performanceOf({ json }: Transport) {
  return (name: string, query: PerformanceQuery = {}) =>
    json<List<PerformanceWindowView>>('getPerformance', { params: { name }, query });
}

export function truthsClient({ json }: Transport) {
  return {
    /** What came true: late, in parts, or again with a correction. At most 10 000 rows at once. */
    post: (endpoint: string, rows: readonly TruthRow[]) =>
      json<TruthOutcome>('postTruths', { params: { name: endpoint }, body: { rows } }),
  };
}

export function rewardsClient({ json }: Transport) {
  return {
    /** What predictions were worth: late, in parts, or again with a correction. At most 10 000 rows at once. */
    post: (endpoint: string, rows: readonly RewardRow[]) =>
      json<TruthOutcome>('postRewards', { params: { name: endpoint }, body: { rows } }),
  };
}

export function alertsClient({ json }: Transport) {
  return {
    /** Newest first. */
    list: (query: { state?: AlertView['state']; endpoint?: string; limit?: number } = {}) =>
      json<List<AlertView>>('listAlerts', { query }),
    get: (id: string) => json<AlertView>('getAlert', { params: { id } }),
    acknowledge: (id: string) => json<AlertView>('acknowledgeAlert', { params: { id } }),
  };
}
