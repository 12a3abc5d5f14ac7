import type { Metrics } from '../../platform/telemetry/index.js';
import type { Waiting } from './capture/capture-types.js';
import type { RequestOutcome } from './routing/deployment-counters.js';

export interface ServedBy {
  readonly endpoint: string;
  readonly environment: string;
  readonly version: number;
  readonly shadow: boolean;
}

export interface ServingMetrics {
  served(by: ServedBy, outcome: RequestOutcome): void;
  captureDropped(endpoint: string, rows: number): void;
  captureWaiting(endpoint: string, waiting: Waiting): void;
  captureSampledOut(endpoint: string, rows: number): void;
  shadowSkipped(endpoint: string): void;
}

const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const LABELS = ['endpoint', 'environment', 'version', 'shadow'] as const;

/** Declares the metrics of serving; `metrics` must not have them yet. */
export function createServingMetrics(metrics: Metrics): ServingMetrics {
  const requests = metrics.counter({
    name: 'serving_requests_total',
    help: 'Inference requests by the version they went to and the status of the answer.',
    labels: [...LABELS, 'status'],
  });
  const rows = metrics.counter({
    name: 'serving_rows_total',
    help: 'Rows in inference requests.',
    labels: [...LABELS],
  });
  const seconds = metrics.histogram({
    name: 'serving_request_seconds',
    help: 'Time from the request to its answer, without HTTP.',
    labels: [...LABELS],
    buckets: BUCKETS_SECONDS,
  });
  const errors = metrics.counter({
    name: 'serving_errors_total',
    help: 'Inference requests that were refused or failed, by error code.',
    labels: [...LABELS, 'code'],
  });
  const dropped = metrics.counter({
    name: 'serving_capture_dropped_rows_total',
    help: 'Rows that were answered and could not be recorded.',
    labels: ['endpoint'],
  });
  const waitingSegments = metrics.gauge({
    name: 'serving_capture_waiting_segments',
    help: 'Segments of the prediction log that wait to become Parquet.',
    labels: ['endpoint'],
  });
  const waitingBytes = metrics.gauge({
    name: 'serving_capture_waiting_bytes',
    help: 'Bytes of the prediction log that wait to become Parquet.',
    labels: ['endpoint'],
  });
  const sampledOut = metrics.counter({
    name: 'serving_capture_sampled_out_rows_total',
    help: 'Rows that were answered and are not in the sample of the prediction log.',
    labels: ['endpoint'],
  });
  const skipped = metrics.counter({
    name: 'serving_shadow_skipped_total',
    help: 'Requests that a shadow did not get a copy of because it was too slow.',
    labels: ['endpoint'],
  });
  // Looking labels up costs more than counting, so what is counted again and again is kept.
  const children = new Map<string, ReturnType<typeof childrenOf>>();
  const childrenOf = (labels: Record<(typeof LABELS)[number], string>) => ({
    labels,
    rows: rows.labels(labels),
    seconds: seconds.labels(labels),
    ok: requests.labels({ ...labels, status: '200' }),
  });
  const childOf = ({ endpoint, environment, version, shadow }: ServedBy) => {
    const key = `${endpoint}@${environment}/${version}${shadow ? '~' : ''}`;
    const present = children.get(key);
    if (present !== undefined) return present;
    const made = childrenOf({ endpoint, environment, version: String(version), shadow: String(shadow) });
    children.set(key, made);
    return made;
  };
  return {
    served: (by, outcome) => {
      const child = childOf(by);
      if (outcome.status === 200) child.ok.inc();
      else requests.inc({ ...child.labels, status: String(outcome.status) });
      child.rows.inc(outcome.rows);
      child.seconds.observe(outcome.latencyMs / 1000);
      if (outcome.errorCode !== null) errors.inc({ ...child.labels, code: outcome.errorCode });
    },
    captureSampledOut: (endpoint, count) => sampledOut.inc({ endpoint }, count),
    captureWaiting: (endpoint, { segments, bytes }) => {
      waitingSegments.set({ endpoint }, segments);
      waitingBytes.set({ endpoint }, bytes);
    },
    captureDropped: (endpoint, count) => dropped.inc({ endpoint }, count),
    shadowSkipped: (endpoint) => skipped.inc({ endpoint }),
  };
}
