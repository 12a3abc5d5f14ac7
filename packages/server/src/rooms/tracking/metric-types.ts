export interface MetricPoint {
  readonly key: string;
  /** NaN and infinities are values. */
  readonly value: number;
  readonly timestampMs: number;
  /** May be negative. */
  readonly step: number;
  /** What it was measured on, by the client's word. Histories and latest points have it, charts do not. */
  readonly dataset?: { readonly name: string; readonly digest: string };
}

export interface MetricService {
  /** By step, time, value, all of it (rooms). */
  metricHistory(runId: string, key: string): Promise<readonly MetricPoint[]>;
  /** One page by (timestamp, step, value), for clients that read everything. */
  metricHistoryPage(
    runId: string,
    key: string,
    page: { limit: number; pageToken?: string },
  ): Promise<{ points: readonly MetricPoint[]; nextPageToken: string | null }>;
  /**
   * About `maxPoints` points by step for a chart, from one query: the steps are cut into equal buckets and of each the first,
   * last, smallest and greatest stay, so that no peak is lost. NaN and infinite values are kept as points of their own kind
   * and never as minimum or maximum. [fromStep, toStep], both included.
   */
  sampledHistory(
    runId: string,
    key: string,
    request: { maxPoints: number; fromStep?: number; toStep?: number },
  ): Promise<{ points: readonly MetricPoint[]; total: number }>;
  /** MLflow's sampling: at most `maxSteps` evenly chosen distinct steps over all the runs, first and last of each run kept. */
  intervalHistory(
    runIds: readonly string[],
    key: string,
    request: { maxSteps: number; fromStep?: number; toStep?: number },
  ): Promise<readonly (MetricPoint & { readonly runId: string })[]>;
  /** Histories of up to 100 runs by (run, timestamp, step, value), at most `limit` points together. */
  bulkHistory(
    runIds: readonly string[],
    key: string,
    limit: number,
  ): Promise<readonly (MetricPoint & { readonly runId: string })[]>;
  /**
   * Points of a run as they are stored, from now on; ends when `signal` aborts. Nothing is lost between two calls of `next`,
   * and a slow reader gets the latest point of each key instead of an endless queue.
   */
  followMetrics(runId: string, signal: AbortSignal): AsyncIterable<readonly MetricPoint[]>;
}
