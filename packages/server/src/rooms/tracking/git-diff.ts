import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAX_DIFF_BYTES = 4 * 2 ** 20;
const MAX_UNTRACKED_BYTES = 2 ** 20;
const TIMEOUT_MS = 10_000;

/** Files that often hold secrets: their content never leaves the work tree, tracked or not. */
const SECRET_FILES = [
  '.env',
  '.env.*',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.kdbx',
  'id_rsa*',
  'id_ed25519*',
  'id_ecdsa*',
  '.netrc',
  '.npmrc',
  '.pypirc',
  '.htpasswd',
  '*credentials*',
  '*secret*',
];
const SKIPPED_FOLDERS = ['.fairlead', '.aws', '.ssh', '.gnupg'];
const EXCLUDES = [
  ...SECRET_FILES.map((name) => `:(top,exclude,glob,icase)**/${name}`),
  ...SKIPPED_FOLDERS.map((name) => `:(top,exclude,glob)**/${name}/**`),
];
const EVERYTHING = [':(top)', ...EXCLUDES];

/** Runs git without anything that could start another program or take a lock in the user's work tree. */
export async function git(folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run('git', ['-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false', ...args], {
    cwd: folder,
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_DIFF_BYTES,
    env: { ...process.env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...env },
  });
  return stdout;
}

/** True when something but Fairlead's own folder differs from the commit. */
export async function isDirty(folder: string): Promise<boolean> {
  const own = SKIPPED_FOLDERS.slice(0, 1).map((name) => `:(top,exclude,glob)**/${name}/**`);
  return (await git(folder, ['status', '--porcelain', '--untracked-files=all', '--', ':(top)', ...own])) !== '';
}

/**
 * The work tree against the commit as a patch that `git apply` takes, untracked files included. Files that look like
 * secrets are left out, and so are untracked files above 1 MiB, which the head of the patch names.
 * Rejects when the whole is above 4 MiB or git fails.
 */
export async function diffAgainstHead(folder: string): Promise<string> {
  const root = (await git(folder, ['rev-parse', '--show-toplevel'])).trim();
  const listed = await git(root, ['ls-files', '--others', '--exclude-standard', '-z', '--', ...EVERYTHING]);
  const { kept, skipped } = await splitBySize(root, listed.split('\0').filter(Boolean));
  const scratch = await mkdtemp(join(tmpdir(), 'fairlead-git-'));
  try {
    // A private copy of the index: marking files as added there shows them in the diff and leaves the user's index alone.
    const index = join(scratch, 'index');
    await copyIndex(resolve(root, (await git(root, ['rev-parse', '--git-path', 'index'])).trim()), index);
    const env = { GIT_INDEX_FILE: index };
    for (let start = 0; start < kept.length; start += 200) {
      await git(root, ['--literal-pathspecs', 'add', '--intent-to-add', '--', ...kept.slice(start, start + 200)], env);
    }
    const patch = await git(
      root,
      ['diff', '--binary', '--no-ext-diff', '--no-textconv', '--no-color', 'HEAD', '--', ...EVERYTHING],
      env,
    );
    return skipped.map((path) => `# not included, larger than 1 MiB: ${path}\n`).join('') + patch;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * With its time: git reads a file again that is as young as the index, because it may have changed in the same second
 * without a change of size. A copy that looked younger would hide such a change.
 */
async function copyIndex(from: string, to: string): Promise<void> {
  const seconds = Math.floor((await stat(from)).mtimeMs / 1000);
  await copyFile(from, to);
  await utimes(to, seconds, seconds);
}

async function splitBySize(root: string, paths: readonly string[]): Promise<{ kept: string[]; skipped: string[] }> {
  const kept: string[] = [];
  const skipped: string[] = [];
  for (const path of paths) {
    const info = await stat(join(root, path)).catch(() => null);
    if (info !== null) (info.size <= MAX_UNTRACKED_BYTES ? kept : skipped).push(path);
  }
  return { kept, skipped };
}
