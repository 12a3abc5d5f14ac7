import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { JobQueue } from '../../platform/jobs/index.js';
import type { DataService } from '../data/index.js';
import type { EvaluationService } from '../evaluation/index.js';
import type { RegistryService } from '../registry/index.js';
import type { ServingService } from '../serving/index.js';
import type { MonitoringGauges } from './monitoring-metrics.js';
import type { MonitoringStore } from './monitoring-store.js';

/** What the room needs; `main` hands it over. */
export interface MonitoringDeps {
  readonly db: Db;
  readonly store: MonitoringStore;
  readonly clock: Clock;
  readonly jobs: JobQueue;
  readonly gauges: MonitoringGauges;
  readonly data: Pick<DataService, 'readPart' | 'versionById'>;
  readonly evaluation: Pick<EvaluationService, 'report' | 'score'>;
  readonly registry: Pick<RegistryService, 'version' | 'versions'>;
  readonly serving: Pick<ServingService, 'endpoint' | 'routing' | 'captured' | 'recentlyCaptured' | 'liveEndpoints'>;
  readonly onError: (error: unknown, message: string) => void;
}

export const PRODUCTION = 'production';
/** Checks one monitor. */
export const CHECK_JOB = 'monitoring.check';
