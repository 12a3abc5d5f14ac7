import type { Clock } from '@fairlead/kernel';
import type { Config } from '../../../platform/config/index.js';
import type { Db } from '../../../platform/db/index.js';
import type { JobQueue } from '../../../platform/jobs/index.js';
import type { DataService } from '../../data/index.js';
import type { PipelinesService } from '../../pipelines/index.js';
import type { RegistryService } from '../../registry/index.js';
import type { ServingService } from '../../serving/index.js';
import type { TrackingService } from '../../tracking/index.js';
import type { OpenLineageStore } from './openlineage-store.js';

export interface OpenLineageDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly jobs: Pick<JobQueue, 'enqueue' | 'handle'>;
  readonly store: OpenLineageStore;
  readonly config: Pick<Config, 'openlineage' | 'publicUrl' | 'port' | 'webhookAllowPrivate'>;
  /** The version of Fairlead, named as the producer. */
  readonly version: string;
  readonly data: Pick<DataService, 'version' | 'versionById' | 'get' | 'delivery' | 'splitById'>;
  readonly tracking: Pick<TrackingService, 'run' | 'experiment' | 'lineage' | 'link'>;
  readonly pipelines: Pick<PipelinesService, 'run'>;
  readonly registry: Pick<RegistryService, 'card'>;
  readonly serving: Pick<ServingService, 'deployment'>;
}

/** The namespace of our jobs and datasets: what the settings say, else the host under which people reach this server. */
export function namespaceOf({ openlineage, publicUrl, port }: OpenLineageDeps['config']): string {
  if (openlineage?.namespace !== undefined) return openlineage.namespace;
  return `fairlead://${publicUrl === undefined ? `localhost:${port}` : new URL(publicUrl).host}`;
}
