import { mkdir } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { readLockfiles } from '../../tracking/index.js';
import type { Room } from '../pipelines-deps.js';
import type { EnvironmentChoice, StepEnvironment } from '../pipelines-types.js';
import type { PreparedStep } from '../prepare-step.js';
import { amidCurrent } from './current-packages.js';
import { isPython, planRebuild } from './environment-rules.js';
import { type Installed, installByUv, installLockedModules, installRequirements } from './install-packages.js';
import { type BuildSite, ToolFailed } from './run-tool.js';

const INSTALLERS: Readonly<Record<string, typeof installRequirements>> = {
  'package-lock.json': installLockedModules,
  'uv.lock': installByUv,
};
const TIME_LIMIT_MS = 15 * 60_000;

export interface RebuildRequest extends Omit<BuildSite, 'offline'> {
  readonly choice: EnvironmentChoice;
  /** Lock file → digest, as the record of the run names them. */
  readonly recorded: Readonly<Record<string, string>>;
  /** False when the code is the user's own folder, in which nothing may be installed. */
  readonly checkedOut: boolean;
  /** The project folder of the record. */
  readonly projectFolder: string;
}

/** A step, changed so that it runs among the packages of its environment; null when those cannot be had. */
export interface Surrounded {
  readonly environment: StepEnvironment;
  readonly step: PreparedStep | null;
}

/**
 * Installs what the lock files of the record name into folders of the repetition, and points the step there. Never falls
 * back: either the packages are those of the lock file, or the answer says why not, in the words of the tool.
 */
export async function rebuildEnvironment(room: Room, step: PreparedStep, request: RebuildRequest): Promise<Surrounded> {
  const { choice, recorded, checkedOut } = request;
  const current = async (detail: string): Promise<Surrounded> => ({
    environment: { kind: 'current', detail, packages: [] },
    step: checkedOut ? await amidCurrent(step, request.projectFolder) : step,
  });
  if (choice === 'current') return current('asked for; what was installed then is not known');
  if (!checkedOut)
    return current('the run came from outside a git repository, so nothing was checked out to install in');
  const program = 'run' in step.spec ? (step.argv[0] ?? '') : null;
  const plan = planRebuild(program, recorded, await readLockfiles(step.projectFolder));
  if ('current' in plan) return current(plan.current);
  if ('failed' in plan) return failed(plan.failed);
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const site: BuildSite = {
    ...request,
    offline: choice === 'offline',
    signal: AbortSignal.any([request.signal, limit]),
  };
  await mkdir(join(site.folder, 'scratch'), { recursive: true, mode: 0o700 });
  const installed: Installed[] = [];
  const names = plan.build.map(({ name }) => name).join(' and ');
  try {
    for (const lock of plan.build) {
      const install = INSTALLERS[lock.name] ?? installRequirements;
      installed.push(await install(room, site, { lock, program, projectFolder: request.projectFolder }));
    }
  } catch (error) {
    request.signal.throwIfAborted();
    if (limit.aborted) return failed(`${names}: not installed within ${TIME_LIMIT_MS / 60_000} minutes`);
    if (error instanceof ToolFailed) return failed(`${names}: ${error.message}`);
    throw error;
  }
  const packages = installed.flatMap((one) => one.packages);
  const notes = installed.flatMap((one) => one.notes);
  return {
    environment: { kind: 'rebuilt', detail: [`from ${names}`, ...notes].join('; '), packages },
    step: amid(step, installed),
  };
}

const failed = (detail: string): Surrounded => ({ environment: { kind: 'failed', detail, packages: [] }, step: null });

/** The step with the rebuilt programs first on its path, and its interpreter the rebuilt one however it was named. */
function amid(step: PreparedStep, installed: readonly Installed[]): PreparedStep {
  const venv = installed.flatMap(({ virtualEnvironment }) => virtualEnvironment ?? [])[0];
  const [program = '', ...args] = step.argv;
  const argv = venv !== undefined && isPython(program) ? [join(venv, 'bin', 'python'), ...args] : step.argv;
  const path = [
    ...installed.map(({ binFolder }) => binFolder),
    ...machinePath(step.env.PATH ?? process.env.PATH ?? ''),
  ];
  const env = {
    ...step.env,
    ...Object.assign({}, ...installed.map((one) => one.env)),
    PATH: path.join(delimiter),
    // An empty value hides the server's own virtual environment.
    VIRTUAL_ENV: venv ?? '',
  };
  return { ...step, argv, env };
}

/** Without the folders of environments in which the server itself was started. */
function machinePath(path: string): string[] {
  const own = process.env.VIRTUAL_ENV;
  return path
    .split(delimiter)
    .filter((folder) => !/node_modules[\\/]\.bin[\\/]?$/.test(folder))
    .filter((folder) => own === undefined || own === '' || resolve(folder) !== resolve(own, 'bin'));
}
