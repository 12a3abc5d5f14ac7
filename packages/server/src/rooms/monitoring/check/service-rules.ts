import type { MonitorReport } from '../monitoring-types.js';

interface ServedRow {
  readonly requestId: string;
  readonly status: number;
  readonly latencyMs: number;
}

/**
 * What the service did for the rows of a window, by request. An error is a status of 500 and above: a refused request is
 * its sender's fault. Latencies are those of answered requests, by the nearest-rank method.
 */
export function serviceMetrics(rows: readonly ServedRow[]): MonitorReport['service'] {
  const requests = new Map(rows.map((row) => [row.requestId, row]));
  const all = [...requests.values()];
  const errors = all.filter(({ status }) => status >= 500).length;
  const latencies = Float64Array.from(
    all.filter(({ status }) => status < 400),
    ({ latencyMs }) => latencyMs,
  ).sort();
  const percentile = (p: number) => latencies[Math.max(0, Math.ceil(p * latencies.length) - 1)] ?? 0;
  return {
    requests: all.length,
    errorRatio: all.length === 0 ? 0 : errors / all.length,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    p99Ms: percentile(0.99),
  };
}
