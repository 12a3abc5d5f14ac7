import { mkdir, realpath } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { quoteLiteral } from './sql-text.js';
import type { DuckDb } from './statement.js';

export interface InstanceOptions {
  /** Of the engine's buffers; the process may use about twice as much. Default 512 MiB. */
  readonly memoryLimitBytes?: number;
  /** Default: one per core. */
  readonly threads?: number;
  /** Where large sorts and joins spill to. Made when absent. */
  readonly tempFolder: string;
  /** The only folders, with everything below, whose files SQL may read and write. Made when absent. */
  readonly allowedFolders: readonly string[];
}

/**
 * An in-memory engine that cannot leave its folders: no extension is downloaded or loaded, no address is fetched, and no
 * statement can change that, because the configuration is locked at the end.
 */
export async function openInstance(duckdb: DuckDb, options: InstanceOptions): Promise<DuckDBInstance> {
  const tempFolder = await real(options.tempFolder);
  const allowed = new Set<string>();
  for (const folder of options.allowedFolders) allowed.add(resolve(folder)).add(await real(folder));
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? availableParallelism()),
    memory_limit: `${options.memoryLimitBytes ?? 512 * 1024 * 1024}B`,
    temp_directory: tempFolder,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    await connection.run(`SET allowed_directories = [${[...allowed].map(quoteLiteral).join(', ')}]`);
    await connection.run(`SET TimeZone = 'UTC'`);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
  } finally {
    connection.closeSync();
  }
  return instance;
}

async function real(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  return realpath(folder);
}
