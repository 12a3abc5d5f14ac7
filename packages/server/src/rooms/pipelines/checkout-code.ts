import { execFile } from 'node:child_process';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { RunEnvironment } from '../tracking/index.js';
import { pipelinesErrors } from './pipelines-errors.js';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

/**
 * Writes the code of a run into an empty folder: its commit, then the changes that were not committed. Returns the folder of
 * the project in there.
 *
 * @throws PIP_CODE_GONE when the commit is no longer in the repository, or the changes were too large to be kept
 */
export async function checkOutCode(
  objects: ObjectStore,
  git: NonNullable<RunEnvironment['git']>,
  { projectFolder, into }: { projectFolder: string; into: string },
): Promise<string> {
  if (git.dirty && git.diffDigest === null) {
    throw gone(`The changes against commit ${git.commit} were too large to be kept.`, git);
  }
  // It becomes an argument of git, which must not take it for an option.
  if (!/^[0-9a-f]{40,64}$/.test(git.commit)) throw gone('The record names no commit.', git);
  const tree = join(into, 'code');
  const archive = join(into, 'code.tar');
  await mkdir(tree, { recursive: true });
  try {
    const root = await inGit(projectFolder, ['rev-parse', '--show-toplevel']);
    const prefix = await inGit(projectFolder, ['rev-parse', '--show-prefix']);
    await inGit(root, ['archive', '--format=tar', `--output=${archive}`, git.commit]);
    await run('tar', ['-xf', archive, '-C', tree], { timeout: TIMEOUT_MS });
    await applyChanges(objects, git.diffDigest, { into, tree });
    // The end of the code: no search for a lock file or a repository goes further up from here.
    await writeFile(join(tree, '.git'), 'gitdir: none, this is the content of one commit\n');
    return await insideOf(tree, prefix);
  } catch (cause) {
    throw gone(`Commit ${git.commit} cannot be taken from the repository of ${projectFolder}.`, git, cause);
  }
}

/** The folder of the project: in another commit it may be a link to anywhere, and packages are installed in it. */
async function insideOf(tree: string, prefix: string): Promise<string> {
  const [root, folder] = await Promise.all([realpath(tree), realpath(join(tree, prefix))]);
  if (folder === root || folder.startsWith(root + sep)) return folder;
  throw new Error(`${prefix} leads out of the code`);
}

async function applyChanges(
  objects: ObjectStore,
  digest: string | null,
  { into, tree }: { into: string; tree: string },
): Promise<void> {
  if (digest === null) return;
  const patch = Buffer.from(await objects.readBytes(digest));
  // A patch may hold nothing but the names of files that were left out.
  if (!patch.includes('diff --git')) return;
  const file = join(into, 'changes.patch');
  await writeFile(file, patch);
  // Outside a repository; a folder above that is one must not be taken for its root.
  await run('git', ['apply', '--whitespace=nowarn', file], {
    cwd: tree,
    timeout: TIMEOUT_MS,
    env: { ...process.env, GIT_CEILING_DIRECTORIES: into, LC_ALL: 'C' },
  });
}

async function inGit(folder: string, args: readonly string[]): Promise<string> {
  const options = { cwd: folder, timeout: TIMEOUT_MS, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C' } };
  const { stdout } = await run('git', ['-c', 'core.fsmonitor=false', ...args], options);
  return stdout.trim();
}

function gone(message: string, { commit, dirty }: NonNullable<RunEnvironment['git']>, cause?: unknown): Error {
  return pipelinesErrors.PIP_CODE_GONE(message, { data: { commit, dirty }, cause });
}
