import type { RecordedEvent } from '@fairlead/kernel';
import type { Dataset, DatasetVersion, Delivery } from '../../rooms/data/index.js';
import type { Alert, MonitorReport, PerformanceWindow } from '../../rooms/monitoring/index.js';
import type { PipelineRun } from '../../rooms/pipelines/index.js';
import type { Model, ModelVersion } from '../../rooms/registry/index.js';
import type { Release } from '../../rooms/release/index.js';
import type { Batch, DeploymentStatistics, Endpoint, RoutingTable, Stream } from '../../rooms/serving/index.js';

export interface EndpointView {
  readonly endpoint: Endpoint;
  /** Why it cannot answer in production; null when it can. */
  readonly unavailable: string | null;
  readonly routing: RoutingTable | null;
  readonly statistics: readonly DeploymentStatistics[];
  /** Where it serves beside production and `test`. */
  readonly elsewhere: readonly RoutingTable[];
  readonly streams: readonly Stream[];
  /** A release of this endpoint that is on its way. */
  readonly pending: Release | null;
  /** Rows of one window of {@link EndpointView.quality}. */
  readonly windowRows: number;
  /** Oldest first. */
  readonly quality: readonly PerformanceWindow[];
  readonly lastReport: MonitorReport | null;
}

export interface DatasetView {
  readonly dataset: Dataset;
  readonly version: DatasetVersion | null;
  readonly deliveries: readonly Delivery[];
}

export interface ModelView {
  readonly model: Model;
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
}

/** Everything the page shows, as it was at one moment. */
export interface HomePageView {
  readonly atMs: number;
  readonly version: string;
  /** Whether a project was ever applied; if not the page says how to begin. */
  readonly empty: boolean;
  /** Active runs first, then the newest. */
  readonly runs: readonly PipelineRun[];
  readonly endpoints: readonly EndpointView[];
  readonly releases: { readonly waiting: readonly Release[]; readonly recent: readonly Release[] };
  readonly alerts: readonly Alert[];
  /** Newest first. */
  readonly batches: readonly Batch[];
  readonly datasets: readonly DatasetView[];
  readonly models: readonly ModelView[];
  /** Newest first, without the bookkeeping of steps and runs; null when the reader's roles do not open the audit log. */
  readonly events: readonly RecordedEvent[] | null;
}
