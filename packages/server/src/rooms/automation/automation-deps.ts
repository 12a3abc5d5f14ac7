import type { Clock } from '@fairlead/kernel';
import type { Config } from '../../platform/config/index.js';
import type { Db } from '../../platform/db/index.js';
import type { JobQueue } from '../../platform/jobs/index.js';
import type { PipelinesService } from '../pipelines/index.js';
import type { ReleaseService } from '../release/index.js';
import type { AutomationStore } from './automation-store.js';

/** What the room needs; `main` hands it over. */
export interface AutomationDeps {
  readonly db: Db;
  readonly store: AutomationStore;
  readonly clock: Clock;
  readonly jobs: JobQueue;
  readonly pipelines: Pick<PipelinesService, 'start' | 'runs'>;
  readonly release: Pick<ReleaseService, 'rollBack'>;
  readonly config: Pick<Config, 'webhookAllowPrivate' | 'publicUrl'>;
  /** Where the server listens: for the links of a notification when there is no publicUrl. */
  readonly address: () => string;
  /** Where the secrets of rules' webhooks stand. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Carries out one action run. */
export const ACT_JOB = 'automation.act';
export const ACT_ATTEMPTS = 3;
