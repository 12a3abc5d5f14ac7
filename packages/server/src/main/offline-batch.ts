import { dirname, resolve } from 'node:path';
import { loadConfig } from '../platform/config/index.js';
import { localActor } from '../platform/identity/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import type { BatchRequest, BatchResult, BatchTarget, BatchWork } from '../rooms/serving/index.js';
import { createRooms, roomMigrations } from './create-rooms.js';
import { openPlatform } from './open-platform.js';

export interface OfflineBatchOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/**
 * Scores a file with the models of a home that no server uses; nothing of it is started. What came of it stands in the home's
 * ledger and lineage as if a server had done it. Whoever can write the home's files may do this.
 *
 * @throws HOME_LOCKED while a server runs, and what a batch throws
 */
export async function offlineBatch(
  { flags, env, cwd }: OfflineBatchOptions,
  request: BatchRequest,
  work: BatchWork = {},
): Promise<{ readonly target: BatchTarget; readonly result: BatchResult }> {
  const given = loadConfig({ flags, env, cwd });
  const [input, output] = [resolve(cwd, request.input), resolve(cwd, request.output)];
  const config = { ...given, dataRoots: [...given.dataRoots, dirname(input), dirname(output)] };
  const platform = await openPlatform({ config, logger: createLogger(config), rooms: roomMigrations, cwd });
  try {
    const { batches } = createRooms(platform, { address: () => '' });
    return await batches.score({ actor: localActor }, { ...request, input, output }, work);
  } finally {
    await platform.close();
  }
}
