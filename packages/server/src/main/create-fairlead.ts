import { systemActor } from '@fairlead/kernel';
import type { Config } from '../platform/config/index.js';
import type { GrpcServer } from '../platform/grpc/index.js';
import type { App } from '../platform/http/index.js';
import { createDenialLog } from '../platform/identity/index.js';
import type { Logger } from '../platform/telemetry/index.js';
import { createApp } from './create-app.js';
import { createInferenceServer } from './create-inference-server.js';
import { createRooms, type Rooms, roomMigrations } from './create-rooms.js';
import { openPlatform, type Platform } from './open-platform.js';
import { createServingFleet, type ServingFleet } from './serving-fleet.js';
import { sweepUploadsHourly, type UploadSweep } from './sweep-uploads.js';

export interface Fairlead {
  readonly app: App;
  readonly rooms: Rooms;
  readonly platform: Platform;
  /** Loads the live models, starts jobs, schedules and events, listens, and gives the addresses. */
  start(): Promise<{ readonly url: string; readonly grpc?: string; readonly serving?: string }>;
  /** Drains requests and jobs, then closes everything. Safe to call twice. */
  stop(): Promise<void>;
}

export interface CreateFairleadOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly cwd: string;
}

/** One server, composed and not yet listening. */
export async function createFairlead({ config, logger, cwd }: CreateFairleadOptions): Promise<Fairlead> {
  const fleet = createServingFleet(config, logger);
  const onIdentityChanged = fleet.forgetActors;
  const platform = await openPlatform({ config, logger, rooms: roomMigrations, cwd, onIdentityChanged });
  let url = `http://127.0.0.1:${config.port}`;
  let ready = false;
  let stopping: Promise<void> | undefined;
  let sweep: UploadSweep | undefined;
  try {
    const rooms = createRooms(platform, { address: () => url, followers: fleet });
    const app = await createApp(platform, rooms, { isReady: () => ready, servingProcesses: fleet.status });
    // Serving processes answer it, where there are any.
    const inference = config.servingPort === undefined ? grpcServerOf(platform, rooms) : undefined;
    return {
      app,
      rooms,
      platform,
      start: async () => {
        await rooms.pipelines.restore();
        await rooms.serving.restore();
        await rooms.monitoring.restore();
        await rooms.release.restore();
        await rooms.purge.retain({ actor: systemActor }, config.purgeDeletedAfterDays || null);
        await platform.jobs.start();
        platform.schedules.start();
        platform.dispatcher.start();
        sweep = sweepUploadsHourly(rooms.tracking.files.sweepUploads, (error, message) =>
          logger.error({ err: error }, message),
        );
        url = await app.listen();
        const grpc = await inference?.listen();
        const addresses = await fleet.start({ ...platform, serving: rooms.serving });
        await rooms.streams.start();
        ready = true;
        return { url, ...(grpc !== undefined && { grpc }), ...addresses };
      },
      stop: () => {
        ready = false;
        stopping ??= stop(platform, rooms, { app, inference, fleet, sweep });
        return stopping;
      },
    };
  } catch (error) {
    await platform.close();
    throw error;
  }
}

function grpcServerOf({ config, logger, identity, db }: Platform, rooms: Rooms): GrpcServer | undefined {
  const { identify } = identity;
  return createInferenceServer({ config, logger, identify, recordDenial: createDenialLog(db) }, rooms);
}

async function stop(
  platform: Platform,
  rooms: Rooms,
  {
    app,
    inference,
    fleet,
    sweep,
  }: { app: App; inference: GrpcServer | undefined; fleet: ServingFleet; sweep: UploadSweep | undefined },
): Promise<void> {
  const { drainTimeoutMs } = platform.config;
  await Promise.all([
    app.drain(drainTimeoutMs),
    inference?.drain(drainTimeoutMs),
    fleet.stop(drainTimeoutMs),
    rooms.streams.close(),
  ]);
  await sweep?.stop();
  await platform.schedules.stop();
  await platform.jobs.stop({ graceMs: drainTimeoutMs });
  await platform.dispatcher.stop();
  await rooms.monitoring.close();
  await rooms.serving.close();
  await platform.close();
}
