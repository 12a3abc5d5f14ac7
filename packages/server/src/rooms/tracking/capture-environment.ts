import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, platform, release } from 'node:os';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '../../platform/objects/index.js';
import { diffAgainstHead, git, isDirty } from './git-diff.js';
import type { RunEnvironment } from './tracking-types.js';

const LOCK_FILES = ['package-lock.json', 'uv.lock', 'requirements.txt', 'poetry.lock'];

export interface CaptureRequest {
  readonly folder: string;
  readonly seeds: Readonly<Record<string, number>>;
  readonly command?: readonly string[];
}

/** Reads what a run runs on. A fact that cannot be read is null; nothing here can fail a run. */
export async function captureEnvironment(
  { objects, version }: { objects: ObjectStore; version: string },
  { folder, seeds, command }: CaptureRequest,
): Promise<RunEnvironment> {
  const [gitState, lockfiles] = await Promise.all([readGit(objects, folder), readLockfiles(folder)]);
  if (lockfiles[0] !== undefined) await keepLockfile(objects, lockfiles[0]);
  return {
    git: gitState,
    runtime: {
      node: process.version,
      os: `${platform()} ${release()} ${arch()}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
    },
    lockfile: lockfiles[0] === undefined ? null : { name: lockfiles[0].name, digest: lockfiles[0].digest },
    fairleadVersion: version,
    seeds,
    command: command ?? null,
  };
}

/**
 * Lock files that pin the environment of a folder, nearest first: those in the folder, else those of the nearest folder
 * above it that has one, up to the root of its git work tree. Digest: sha256 of the bytes.
 */
export async function readLockfiles(folder: string): Promise<{ name: string; digest: string; folder: string }[]> {
  for (let at = folder; ; at = dirname(at)) {
    const found: { name: string; digest: string; folder: string }[] = [];
    for (const name of LOCK_FILES) {
      const bytes = await readFile(join(at, name)).catch(() => null);
      if (bytes !== null) found.push({ name, digest: createHash('sha256').update(bytes).digest('hex'), folder: at });
    }
    if (found.length > 0 || at === dirname(at) || (await isGitRoot(at))) return found;
  }
}

/** Its bytes say which packages there were, long after the folder has moved on; a run goes on without them. */
async function keepLockfile(
  objects: ObjectStore,
  { name, digest, folder }: { name: string; digest: string; folder: string },
): Promise<void> {
  if (await objects.has(digest).catch(() => true)) return;
  await readFile(join(folder, name))
    .then((bytes) => objects.putBytes(bytes), nothing)
    .catch(nothing);
}

async function isGitRoot(folder: string): Promise<boolean> {
  const head = await readFile(join(folder, '.git', 'HEAD')).catch(() => null);
  return head !== null || (await readFile(join(folder, '.git')).catch(() => null)) !== null;
}

async function readGit(objects: ObjectStore, folder: string): Promise<RunEnvironment['git']> {
  const commit = await git(folder, ['rev-parse', '--verify', 'HEAD']).then(trimmed, nothing);
  if (commit === null) return null;
  const branch = await git(folder, ['symbolic-ref', '--quiet', '--short', 'HEAD']).then(trimmed, nothing);
  // Unknown counts as dirty: claiming a clean commit would be a guess.
  const dirty = await isDirty(folder).catch(() => true);
  return { commit, branch, dirty, diffDigest: dirty ? await storeDiff(objects, folder) : null };
}

async function storeDiff(objects: ObjectStore, folder: string): Promise<string | null> {
  const patch = await diffAgainstHead(folder).catch(nothing);
  if (patch === null) return null;
  return objects.putBytes(Buffer.from(patch)).then(({ digest }) => digest, nothing);
}

const trimmed = (text: string) => text.trim();
const nothing = () => null;
