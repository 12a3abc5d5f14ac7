import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, newId, systemClock } from '@fairlead/kernel';
import type { Config } from '../platform/config/index.js';
import {
  createEventDispatcher,
  type Db,
  type EventDispatcher,
  openDb,
  type RoomMigrations,
} from '../platform/db/index.js';
import { acquireHomeLock } from '../platform/home/index.js';
import { createIdempotency, type Idempotency } from '../platform/idempotency/index.js';
import { createIdentity, type Identity } from '../platform/identity/index.js';
import { createInferenceHost, type InferenceHost, type ModelHosting } from '../platform/inference/index.js';
import { createJobQueue, createSchedules, type JobQueue, type Schedules } from '../platform/jobs/index.js';
import { createLake, type Lake } from '../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../platform/objects/index.js';
import { createMetrics, type Logger, type Metrics } from '../platform/telemetry/index.js';
import { platformMigrations } from './platform-migrations.js';

/** The drivers, opened on one home folder. */
export interface Platform {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly db: Db;
  readonly objects: ObjectStore;
  readonly lake: Lake;
  readonly host: InferenceHost;
  /** For tables (training, evaluation): what serves must not queue behind them, nor lose a model that they free. */
  readonly scoringHost: InferenceHost;
  readonly jobs: JobQueue;
  readonly schedules: Schedules;
  readonly dispatcher: EventDispatcher;
  readonly identity: Identity;
  readonly idempotency: Idempotency;
  /** Folders that project files and data may lie in: the working directory, home, and `dataRoots`. */
  readonly roots: readonly string[];
  close(): Promise<void>;
}

/** How models are kept that ask for nothing else. */
export function hostingOf({
  modelPlacement,
  modelProcesses,
  modelRunTimeoutMs,
  modelMemoryBytes,
}: Config): ModelHosting {
  return {
    processes: modelProcesses,
    runTimeoutMs: modelRunTimeoutMs,
    ...(modelPlacement !== 'auto' && { placement: modelPlacement }),
    ...(modelMemoryBytes !== undefined && { maxMemoryBytes: modelMemoryBytes }),
  };
}

// Uploads and half-written objects older than this belong to a process that is gone.
const STALE_STAGING_MS = 24 * 3_600_000;

export interface OpenPlatformOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly rooms: readonly RoomMigrations[];
  readonly cwd: string;
  /** See {@link createIdentity}. */
  readonly onIdentityChanged?: () => Promise<void>;
}

/** Takes the home folder and opens every driver. Throws HOME_LOCKED, DB_UNAVAILABLE and the drivers' other coded errors. */
export async function openPlatform(options: OpenPlatformOptions): Promise<Platform> {
  const { config, logger, rooms, cwd, onIdentityChanged } = options;
  const { home, databaseUrl, durability } = config;
  mkdirSync(home, { recursive: true });
  const lock = acquireHomeLock(home);
  try {
    const clock = systemClock;
    const db = await openDb({
      url: databaseUrl,
      rooms: [...platformMigrations, ...rooms],
      durability,
      clock,
    });
    const objects = createLocalObjectStore(home, { durability });
    await objects.sweepStaging(STALE_STAGING_MS);
    const roots = [cwd, home, ...config.dataRoots];
    const lake = await createLake({ tempFolder: join(home, 'tmp'), allowedFolders: roots });
    const host = createInferenceHost({
      workers: config.inferenceWorkers,
      hosting: hostingOf(config),
      useLoop: config.modelPlacement === 'auto',
    });
    const scoringHost = createInferenceHost({ workers: 1 });
    const shared = db.dialect === 'postgres';
    const jobs = createJobQueue(db, {
      clock,
      ownerId: newId(clock.nowMs()),
      exclusive: !shared,
      ...(shared && { heartbeatUrl: databaseUrl }),
      logger,
    });
    const schedules = createSchedules(db, jobs, { logger });
    const idempotency = createIdempotency({
      db,
      clock,
      onError: (error, message) => logger.error({ err: error }, message),
    });
    const dispatcher = createEventDispatcher(db, {
      clock,
      onError: (consumer, event, error) =>
        logger.error({ consumer, seq: event.seq, type: event.type, err: error }, 'an event could not be handled'),
    });
    return {
      config,
      logger,
      clock,
      metrics: createMetrics(),
      db,
      objects,
      lake,
      host,
      scoringHost,
      jobs,
      schedules,
      dispatcher,
      identity: createIdentity({ db, clock, config, ...(onIdentityChanged && { onChanged: onIdentityChanged }) }),
      idempotency,
      roots,
      close: async () => {
        await Promise.all([host.close(), scoringHost.close()]);
        await lake.close();
        await idempotency.close();
        await db.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
