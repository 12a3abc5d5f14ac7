import { readFile } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { Room } from '../pipelines-deps.js';
import { exists } from './current-packages.js';
import { type FoundLock, installedByNpm, isPython, requirementsOf, unpinnedRequirements } from './environment-rules.js';
import { type BuildSite, runTool } from './run-tool.js';

/** Packages that were installed, and where their programs lie. */
export interface Installed {
  /** `name==version` of pip, `name@version` of npm. */
  readonly packages: readonly string[];
  readonly binFolder: string;
  /** What the lock file left open, in words. */
  readonly notes: readonly string[];
  readonly virtualEnvironment: string | null;
  /** Variables by which other programs find it. */
  readonly env: Readonly<Record<string, string>>;
}

const LONGEST_LIST = 200;

/**
 * A virtual environment with what requirements.txt names, made by the interpreter that the command calls, or `python3`.
 * An interpreter named by a relative path is that of an environment which is seldom committed: the project folder's, if it
 * is still there. The answer names the version, for the record does not.
 */
export async function installRequirements(
  room: Room,
  site: BuildSite,
  { lock, program, projectFolder }: { lock: FoundLock; program: string | null; projectFolder: string },
): Promise<Installed> {
  const venv = join(site.folder, 'python');
  const interpreter = await interpreterOf(program, projectFolder);
  site.progress(`making a virtual environment by ${interpreter}`);
  await runTool(room, site, { name: 'python-venv', argv: [interpreter, '-m', 'venv', venv], cwd: site.folder });
  const python = join(venv, 'bin', 'python');
  const requirements = await readFile(join(lock.folder, lock.name), 'utf8');
  const unpinned = unpinnedRequirements(requirements);
  const wanted = requirementsOf(requirements).join(', ').slice(0, LONGEST_LIST);
  site.progress(`pip installs ${wanted || 'nothing'}${site.offline ? ', without an index' : ''} (${lock.name})`);
  const quiet = ['--no-input', '--disable-pip-version-check'];
  const from = [...(site.offline ? ['--no-index', '--retries=0'] : []), '--requirement', lock.name];
  await runTool(room, site, {
    name: 'pip-install',
    argv: [python, '-m', 'pip', 'install', ...quiet, ...from],
    cwd: lock.folder,
  });
  const version = await runTool(room, site, { name: 'python-version', argv: [python, '--version'], cwd: site.folder });
  const list = [python, '-m', 'pip', 'list', ...quiet, '--format=freeze'];
  const listed = await runTool(room, site, { name: 'pip-list', argv: list, cwd: site.folder });
  return {
    packages: listed.split('\n').filter((line) => line.includes('==') && !/^(pip|setuptools)==/.test(line)),
    binFolder: join(venv, 'bin'),
    notes: [
      `by ${version.trim()}`,
      ...(unpinned.length === 0 ? [] : [`${lock.name} does not pin ${unpinned.join(', ').slice(0, LONGEST_LIST)}`]),
    ],
    virtualEnvironment: venv,
    env: {},
  };
}

/** `uv sync --frozen` into a virtual environment of the repetition; the interpreter is chosen as for requirements.txt. */
export async function installByUv(
  room: Room,
  site: BuildSite,
  { lock, program, projectFolder }: { lock: FoundLock; program: string | null; projectFolder: string },
): Promise<Installed> {
  const venv = join(site.folder, 'python');
  const python = join(venv, 'bin', 'python');
  // Copies: what is linked to the cache changes with every other environment that is linked to it.
  const env = { UV_PROJECT_ENVIRONMENT: venv, UV_LINK_MODE: 'copy' };
  const interpreter = await interpreterOf(program, projectFolder);
  const quiet = ['--no-progress', '--no-python-downloads', ...(site.offline ? ['--offline'] : [])];
  site.progress(`uv sync installs from ${lock.name}${site.offline ? ' and its cache alone' : ''}`);
  const sync = ['uv', 'sync', '--frozen', ...quiet, '--python', interpreter];
  await runTool(room, site, { name: 'uv-sync', argv: sync, cwd: lock.folder, env });
  const version = await runTool(room, site, { name: 'python-version', argv: [python, '--version'], cwd: site.folder });
  const list = ['uv', 'pip', 'list', '--format=freeze', '--python', python];
  const listed = await runTool(room, site, { name: 'uv-list', argv: list, cwd: lock.folder });
  return {
    packages: listed.split('\n').filter((line) => line.includes('==')),
    binFolder: join(venv, 'bin'),
    notes: [`by ${version.trim()}`],
    virtualEnvironment: venv,
    // `uv run` in the step takes this environment as it is.
    env: { ...env, UV_NO_SYNC: '1', UV_FROZEN: '1' },
  };
}

async function interpreterOf(program: string | null, projectFolder: string): Promise<string> {
  if (program === null || !isPython(program)) return 'python3';
  if (!program.includes('/') || isAbsolute(program)) return program;
  const own = resolve(projectFolder, program);
  return (await exists(own)) ? own : 'python3';
}

/** `npm ci` beside the lock file. Scripts of packages are not run: they could do anything, at a time nobody watches. */
export async function installLockedModules(
  room: Room,
  site: BuildSite,
  { lock }: { lock: FoundLock },
): Promise<Installed> {
  const wanted = installedByNpm(await readFile(join(lock.folder, lock.name), 'utf8'));
  const some = wanted.length === 0 ? '' : `: ${wanted.join(', ').slice(0, LONGEST_LIST)}`;
  site.progress(`npm ci installs from ${lock.name}${site.offline ? ' and its cache alone' : ''}${some}`);
  const quiet = ['--no-audit', '--no-fund', '--no-progress', '--no-update-notifier', '--loglevel=error'];
  const where = site.offline ? '--offline' : '--prefer-offline';
  await runTool(room, site, {
    name: 'npm-ci',
    argv: ['npm', 'ci', '--ignore-scripts', where, ...quiet],
    cwd: lock.folder,
  });
  const modules = join(lock.folder, 'node_modules');
  const hidden = await readFile(join(modules, '.package-lock.json'), 'utf8').catch(() => '{}');
  const packages = installedByNpm(hidden);
  return { packages, binFolder: join(modules, '.bin'), notes: [], virtualEnvironment: null, env: {} };
}
