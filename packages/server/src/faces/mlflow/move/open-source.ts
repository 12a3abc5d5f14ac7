import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFolderSource } from './folder-source.js';
import type { ImportSource, SourceOptions } from './import-source.js';
import { moveErrors } from './move-errors.js';
import type { ServerCredentials } from './server-calls.js';
import { openServerSource } from './server-source.js';
import { openSqliteSource } from './sqlite-source.js';

export interface OpenSourceOptions extends SourceOptions, ServerCredentials {
  /** What relative paths are relative to. */
  readonly cwd: string;
}

/**
 * Opens what MLflow keeps its runs and models in: `http(s)://…` a live server, `sqlite:///PATH` or a SQLite file, else an
 * mlruns folder.
 *
 * @throws MOVE_SOURCE_UNKNOWN, MOVE_SOURCE_UNREADABLE, MOVE_SOURCE_REFUSED
 */
export async function openMlflowSource(address: string, options: OpenSourceOptions): Promise<ImportSource> {
  if (/^https?:\/\//i.test(address)) {
    if (URL.canParse(address)) return openServerSource(address, options);
    throw moveErrors.MOVE_SOURCE_UNKNOWN(`${address} is no http address.`);
  }
  const path = localPath(address, options.cwd);
  if (!existsSync(path)) {
    throw moveErrors.MOVE_SOURCE_UNREADABLE(`There is no file or folder ${path}.`, { data: { path } });
  }
  return statSync(path).isDirectory() ? openFolderSource(path, options) : openDatabase(path, options);
}

async function openDatabase(path: string, options: OpenSourceOptions): Promise<ImportSource> {
  if (readStart(path) !== 'SQLite format 3') {
    throw moveErrors.MOVE_SOURCE_UNKNOWN(`${path} is neither a folder nor a SQLite file.`, { data: { path } });
  }
  return openSqliteSource(path, options);
}

function localPath(address: string, cwd: string): string {
  const sqlite = /^sqlite:\/\/\/(.*)$/.exec(address)?.[1];
  // As SQLAlchemy reads it: three slashes and a relative path, four and an absolute one.
  if (sqlite !== undefined) return resolve(cwd, sqlite);
  if (address.startsWith('file://')) {
    if (URL.canParse(address)) return fileURLToPath(new URL(address));
  } else if (address.startsWith('file:')) return resolve(cwd, address.slice('file:'.length));
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(address)?.[1];
  if (scheme === undefined) return resolve(cwd, address);
  throw moveErrors.MOVE_SOURCE_UNKNOWN(`Nothing here reads ${scheme}: addresses.`, { data: { scheme } });
}

function readStart(path: string): string {
  const start = Buffer.alloc(15);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1');
}
