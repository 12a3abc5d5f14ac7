import type { RecordedEvent } from '@fairlead/kernel';
import type { TableProfile } from '@fairlead/num';
import type { Dataset, DatasetVersion, Delivery, Split } from '../../data/index.js';
import type { EvaluationReport } from '../../evaluation/index.js';
import type { Alert, Monitor, MonitorReport, PerformanceWindow } from '../../monitoring/index.js';
import type { Model, ModelCard, ModelVersion } from '../../registry/index.js';
import type { Release, ReleasePolicy } from '../../release/index.js';
import type { Deployment, RoutingTable } from '../../serving/index.js';
import type { LineageGraph, Run } from '../../tracking/index.js';

export interface MonitorFacts {
  readonly monitor: Monitor;
  /** Of this version, newest first. */
  readonly reports: readonly MonitorReport[];
}

/** Everything a report says, gathered before any of it is drawn. Null and empty mean: not stored anywhere. */
export interface ReportFacts {
  readonly version: ModelVersion;
  readonly model: Model | null;
  readonly card: ModelCard | null;
  readonly dataset: Dataset | null;
  readonly datasetVersion: DatasetVersion | null;
  readonly split: Split | null;
  /** Behind the dataset version the model learnt from. */
  readonly deliveries: readonly Delivery[];
  /** Of the same dataset, but not in that version: refused, unchanged, later. */
  readonly otherDeliveries: readonly Delivery[];
  readonly profile: TableProfile | null;
  readonly run: Run | null;
  readonly trials: readonly Run[];
  readonly evaluation: EvaluationReport | null;
  readonly lineage: LineageGraph | null;
  /** Of this version, newest first. */
  readonly releases: readonly Release[];
  readonly policies: readonly ReleasePolicy[];
  /** Of this version, newest first. */
  readonly deployments: readonly Deployment[];
  /** One list per endpoint and environment this version was deployed to, oldest change first. */
  readonly routing: readonly (readonly RoutingTable[])[];
  readonly monitors: readonly MonitorFacts[];
  /** Of the endpoints this version was deployed to, newest first. */
  readonly alerts: readonly Alert[];
  readonly performance: readonly { readonly endpoint: string; readonly windows: readonly PerformanceWindow[] }[];
  /** Ledger entries about this version, its releases, deployments, data and run; newest first. */
  readonly audit: { readonly events: readonly RecordedEvent[]; readonly total: number };
}
