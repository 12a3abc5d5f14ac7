/** A lock file of the code, and the folder in which it lies. */
export interface FoundLock {
  readonly name: string;
  readonly digest: string;
  readonly folder: string;
}

/** What is to be done about the packages of a step before it runs. */
export type RebuildPlan =
  | { readonly build: readonly FoundLock[] }
  /** Nothing says what was installed then. */
  | { readonly current: string }
  | { readonly failed: string };

type Ecosystem = 'node' | 'python';

const ECOSYSTEM_OF: Readonly<Record<string, Ecosystem>> = {
  'package-lock.json': 'node',
  'requirements.txt': 'python',
  'uv.lock': 'python',
  'poetry.lock': 'python',
};
/** In the order in which they decide: what names every package goes before what may leave some open. */
const REBUILT_FROM = ['package-lock.json', 'uv.lock', 'requirements.txt'];

const baseName = (program: string) => program.slice(program.lastIndexOf('/') + 1);

/** `python3`, `/opt/venv/bin/python3.11`: a program that runs in a virtual environment by its own name there. */
export function isPython(program: string): boolean {
  return /^python[\d.]*$/.test(baseName(program));
}

/** A function of the project has no program of its own: it runs in Node. Whatever else starts may start either. */
function ecosystemsOf(program: string | null): readonly Ecosystem[] {
  if (program === null || /^(node|npm|npx|tsx|ts-node)$/.test(baseName(program))) return ['node'];
  return isPython(program) || baseName(program) === 'uv' ? ['python'] : ['node', 'python'];
}

/**
 * Which lock files decide about a program's packages, and whether they can be installed from.
 *
 * @param recorded lock file → digest, as the record of the run names them
 * @param found those of the code that was checked out
 */
export function planRebuild(
  program: string | null,
  recorded: Readonly<Record<string, string>>,
  found: readonly FoundLock[],
): RebuildPlan {
  const ours = ecosystemsOf(program);
  const concerns = (name: string) => ours.some((one) => one === ECOSYSTEM_OF[name]);
  for (const [name, digest] of Object.entries(recorded)) {
    if (!concerns(name)) continue;
    const now = found.find((lock) => lock.name === name);
    if (now?.digest === digest) continue;
    const state = now === undefined ? 'is not in the code that the record keeps' : `is now ${now.digest.slice(0, 12)}`;
    return { failed: `${name} ${digest.slice(0, 12)} of the record ${state}` };
  }
  const locks = found.filter(({ name }) => concerns(name));
  const build = ours.flatMap((one) => {
    const name = REBUILT_FROM.find((from) => ECOSYSTEM_OF[from] === one && locks.some((lock) => lock.name === from));
    return locks.filter((lock) => lock.name === name);
  });
  const covered = build.map(({ name }) => ECOSYSTEM_OF[name]);
  const without = locks.find(({ name }) => !covered.includes(ECOSYSTEM_OF[name]));
  if (without !== undefined) {
    return { failed: `Fairlead installs from ${REBUILT_FROM.join(', ')}, not from ${without.name}` };
  }
  return build.length > 0 ? { build } : { current: 'the record names no lock file of its packages' };
}

const LONGEST_MESSAGE = 600;

/** What a tool itself says went wrong: its lines of errors, else the last it printed. */
export function toolMessage(tail: string): string {
  const lines = tail.split('\n').map((line) => line.trim());
  const errors = lines
    .filter((line) => /^(error\b|npm (error|ERR!))/i.test(line))
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !/complete log of this run|^\S+\.log$/.test(line));
  const last = lines.findLast((line) => line !== '') ?? 'it printed nothing';
  return (errors.length > 0 ? errors.join(' ') : last).slice(0, LONGEST_MESSAGE);
}

/** The lines that name a package, with their version and without options, hashes and comments. */
export function requirementsOf(text: string): string[] {
  return text
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)(#|--hash).*$/, '').trim())
    .filter((line) => /^[A-Za-z0-9.]/.test(line));
}

/** Requirements that do not say which version they mean, so that another one may be installed now than then. */
export function unpinnedRequirements(text: string): string[] {
  return requirementsOf(text).filter((line) => !/={2,3}|\s@\s|[\\/]/.test(line.replace(/;.*$/, '')));
}

/** `name@version` of every package of a lock file, also of the hidden one in which npm writes down what it installed. */
export function installedByNpm(lock: string): string[] {
  return Object.entries(packagesOf(lock))
    .filter(([path]) => path.includes('node_modules/'))
    .map(
      ([path, { version, link }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${link ? 'link' : version}`,
    )
    .sort();
}

/** None for what npm will refuse with a better message, and for lock files of before version 2. */
function packagesOf(lock: string): Readonly<Record<string, { version?: string; link?: true }>> {
  try {
    const { packages } = JSON.parse(lock) as { packages?: unknown };
    return typeof packages === 'object' && packages !== null ? (packages as ReturnType<typeof packagesOf>) : {};
  } catch {
    return {};
  }
}
