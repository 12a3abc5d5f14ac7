import { systemClock } from '@fairlead/kernel';
import { loadConfig } from '../platform/config/index.js';
import { openDb } from '../platform/db/index.js';
import { createIdentity, type Identity } from '../platform/identity/index.js';
import { roomMigrations } from './create-rooms.js';
import { platformMigrations } from './platform-migrations.js';

export interface OfflineIdentity {
  readonly identity: Identity;
  close(): Promise<void>;
}

/**
 * People and tokens of a home or database without a running server: how the first person gets in. Whoever can write the
 * home's files may do this; over the network nobody can.
 */
export async function offlineIdentity(options: {
  flags: Readonly<Record<string, unknown>>;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}): Promise<OfflineIdentity> {
  const config = loadConfig(options);
  const rooms = [...platformMigrations, ...roomMigrations];
  const db = await openDb({ url: config.databaseUrl, rooms, durability: config.durability });
  return { identity: createIdentity({ db, clock: systemClock, config }), close: () => db.close() };
}
