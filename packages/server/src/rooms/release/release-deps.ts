import type { Clock } from '@fairlead/kernel';
import type { Db } from '../../platform/db/index.js';
import type { JobQueue } from '../../platform/jobs/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { TreeMemory } from '../../platform/telemetry/index.js';
import type { DataService } from '../data/index.js';
import type { EvaluationService } from '../evaluation/index.js';
import type { MonitoringService } from '../monitoring/index.js';
import type { RegistryService } from '../registry/index.js';
import type { ServingService } from '../serving/index.js';
import type { TrackingService } from '../tracking/index.js';
import type { ReproductionService } from '../training/index.js';
import type { ReleaseStore } from './release-store.js';
import type { ArmLogReader } from './rollout/arm-log-reader.js';

/** What the room needs; `main` hands it over. */
export interface ReleaseDeps {
  readonly db: Db;
  readonly store: ReleaseStore;
  readonly clock: Clock;
  readonly jobs: JobQueue;
  readonly objects: ObjectStore;
  readonly data: Pick<DataService, 'versionById' | 'delivery' | 'readPart'>;
  readonly tracking: Pick<TrackingService, 'link'>;
  readonly evaluation: Pick<EvaluationService, 'report' | 'judgeAnswers'>;
  readonly registry: Pick<RegistryService, 'version' | 'card'>;
  readonly serving: Pick<
    ServingService,
    | 'endpoint'
    | 'deploy'
    | 'deployment'
    | 'deployments'
    | 'retire'
    | 'route'
    | 'routing'
    | 'routingHistory'
    | 'predict'
    | 'statistics'
    | 'captured'
  >;
  /** Starts the repetition of a run; its verdict comes into the ledger. */
  readonly reproduce: ReproductionService['start'];
  /** What came true of predictions, and what they were worth. */
  readonly monitoring: Pick<MonitoringService, 'outcomes'>;
  /** Milliseconds with a fraction, for latencies. */
  readonly preciseNowMs: () => number;
  /** Memory of this server and of everything that it has started. */
  readonly openMemory: () => Promise<TreeMemory>;
  /** Where this server answers, once it listens: gates call the deployment in test over HTTP. */
  readonly address: () => string;
  /** A token for what they start, taken back when it has ended. */
  readonly lendToken: () => { readonly token: string; takeBack(): void };
  /** Commands that the operator lets policies name as gates: program and arguments. */
  readonly gateCommands: Readonly<Record<string, readonly string[]>>;
  /** How long after a switch the version to go back to stays in memory. 0 or absent: always. */
  readonly rollbackWindowMs?: number;
  /** {@link ADVANCE_EVERY_MS} unless told. */
  readonly advanceEveryMs?: number;
}

/** The room's dependencies with what it makes of them itself. */
export interface ReleaseParts extends ReleaseDeps {
  /** Deployments and rollouts of one endpoint change one after the other. */
  readonly armLogs: ArmLogReader;
  readonly inTurn: <T>(endpoint: string, work: () => Promise<T>) => Promise<T>;
}

export const TEST = 'test';
export const PRODUCTION = 'production';
/** Deploys to test and runs the gates. */
export const TEST_JOB = 'release.test';
/** Judges the guardrails of a rollout under way. */
export const ADVANCE_JOB = 'release.advance';
/** Retires deployments of an endpoint that nothing will go back to. */
export const TIDY_JOB = 'release.tidy';
/** How often the guardrails of a rollout are judged, unless told. */
export const ADVANCE_EVERY_MS = 1_000;
/** Runs of the gates that may break down by a fault of the system before the release fails. */
export const TEST_ATTEMPTS = 3;
