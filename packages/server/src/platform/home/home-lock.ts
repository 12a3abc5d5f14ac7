import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import Database from 'libsql';
import { homeErrors } from './home-errors.js';

const LOCK_FILE = 'home.lock';
const OWNER_FILE = 'home.pid.json';

export interface HomeLock {
  /** Gives the folder back; further calls do nothing. */
  release(): void;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

// A connection that nothing refers to is closed by the garbage collector, and its lock goes with it.
const held = new Set<Database.Database>();

/**
 * Makes this process the only one that works in `home` (created when missing) until it releases the lock or dies.
 * Throws HOME_LOCKED, with the other process's `pid` in its data when known, and HOME_UNUSABLE.
 *
 * The lock is the operating system's, taken through SQLite: the kernel drops it in the moment its process dies, however
 * it dies. A pid file alone would have to guess from process numbers, which are used again and which two containers on
 * one volume share; here it only names the holder. Nothing else in the process may open the lock file: under POSIX the
 * closing of any descriptor of a file drops the process's locks on it.
 */
export function acquireHomeLock(home: string): HomeLock {
  const database = lock(home);
  held.add(database);
  const ownerPath = join(home, OWNER_FILE);
  const release = () => {
    if (!held.delete(database)) return;
    // First the name, then the lock: the next holder writes its own name.
    rmSync(ownerPath, { force: true });
    database.close();
  };
  try {
    writeOwner(ownerPath, { pid: process.pid, host: hostname() });
  } catch (cause) {
    release();
    throw unusable(home, cause);
  }
  return { release };
}

function lock(home: string): Database.Database {
  let database: Database.Database | undefined;
  try {
    mkdirSync(home, { recursive: true });
    database = new Database(join(home, LOCK_FILE));
    database.exec('PRAGMA busy_timeout = 0');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database?.close();
    if (!/^SQLITE_BUSY/.test((cause as { code?: string }).code ?? '')) throw unusable(home, cause);
    const owner = readOwner(join(home, OWNER_FILE));
    const holder = owner === undefined ? 'Another process' : `Process ${owner.pid} on ${owner.host}`;
    throw homeErrors.HOME_LOCKED(`${holder} uses the home folder ${home}.`, { data: { home, ...owner }, cause });
  }
}

function unusable(home: string, cause: unknown) {
  return homeErrors.HOME_UNUSABLE(`The home folder ${home} cannot be locked: ${messageOf(cause)}`, {
    data: { home },
    cause,
  });
}

/** Written beside and renamed, so that a reader sees all of it or nothing. */
function writeOwner(path: string, owner: Owner): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(owner));
  renameSync(draft, path);
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner;
  } catch {
    // Between the lock and its name: the holder is there, we only cannot say who it is.
    return undefined;
  }
}
