import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { jsCandidates, pythonCandidates, scanJsImports, scanPythonImports } from './import-scan-rules.js';
import { pipelinesErrors } from './pipelines-errors.js';

const MAX_FILES = 10_000;
const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.venv', 'venv', '__pycache__', '.fairlead']);

interface Walk {
  readonly folder: string;
  /** Folders that absolute Python imports are looked up in. */
  readonly pythonRoots: string[];
  /** Path relative to the project folder → sha256 of the bytes. */
  readonly files: Map<string, string>;
}

/** The module of a function step and everything it imports by relative paths. Throws PIP_CODE_MISSING. */
export async function closureOfModule(folder: string, module: string): Promise<Record<string, string>> {
  const walk = await openWalk(folder);
  const path = resolve(walk.folder, module);
  if (!(await visit(walk, path))) missing(module);
  return sorted(walk);
}

/**
 * The files of the project that a command runs: arguments that are files of the project (also behind `--option=`), the
 * module behind `-m`, what those import, and everything below the paths in `code`. Throws PIP_CODE_MISSING for the latter.
 */
export async function closureOfCommand(
  folder: string,
  argv: readonly string[],
  code: readonly string[],
): Promise<Record<string, string>> {
  const walk = await openWalk(folder);
  for (const [index, argument] of argv.entries()) {
    if (argv[index - 1] === '-m') await visitPythonModule(walk, { module: argument, from: [walk.folder] });
    const value = /^--?[\w-]+=(.+)$/.exec(argument)?.[1];
    for (const text of value === undefined ? [argument] : [argument, value]) {
      if (text !== '' && !text.includes('\0')) await visit(walk, resolve(walk.folder, text), { script: true });
    }
  }
  for (const path of code) {
    if (!(await addAll(walk, resolve(walk.folder, path)))) missing(path);
  }
  return sorted(walk);
}

async function openWalk(folder: string): Promise<Walk> {
  const root = await realpath(folder).catch(() => missing(folder));
  return { folder: root, pythonRoots: [root, join(root, 'src')], files: new Map() };
}

/** Adds a file and what it imports; false when it is no file inside the project. */
async function visit(walk: Walk, path: string, { script = false } = {}): Promise<boolean> {
  const inside = await fileInside(walk, path);
  if (inside === null) return false;
  if (walk.files.has(inside)) return true;
  await addFile(walk, path, inside);
  // Python looks beside the script first, wherever the importing module lies.
  if (script && path.endsWith('.py')) walk.pythonRoots.unshift(dirname(path));
  if (/\.pyw?$/.test(path)) await visitPythonImports(walk, path);
  else if (/\.[cm]?[jt]sx?$/.test(path)) await visitJsImports(walk, path);
  return true;
}

async function visitJsImports(walk: Walk, path: string): Promise<void> {
  for (const imported of scanJsImports(await readFile(path, 'utf8'))) {
    for (const candidate of jsCandidates(imported)) {
      if (await visit(walk, resolve(dirname(path), candidate))) break;
    }
  }
}

async function visitPythonImports(walk: Walk, path: string): Promise<void> {
  for (const imported of scanPythonImports(await readFile(path, 'utf8'))) {
    const up = Array.from({ length: Math.max(0, imported.level - 1) }, () => '..');
    const from = imported.level > 0 ? [resolve(dirname(path), ...up)] : [...walk.pythonRoots];
    // All candidates, not the first: a package and the modules in it are run together.
    for (const root of from) {
      for (const candidate of pythonCandidates(imported)) await visit(walk, join(root, candidate));
    }
  }
}

async function visitPythonModule(
  walk: Walk,
  { module, from }: { module: string; from: readonly string[] },
): Promise<void> {
  const candidates = [
    ...pythonCandidates({ level: 0, module, names: [] }),
    `${module.replaceAll('.', '/')}/__main__.py`,
  ];
  for (const root of from) {
    for (const candidate of candidates) await visit(walk, join(root, candidate));
  }
}

async function addAll(walk: Walk, path: string): Promise<boolean> {
  if (await visit(walk, path)) return true;
  const real = await realpath(path).catch(() => null);
  if (real === null || (real !== walk.folder && !real.startsWith(walk.folder + sep))) return false;
  for (const entry of await readdir(real, { withFileTypes: true })) {
    if (!SKIPPED_FOLDERS.has(entry.name)) await addAll(walk, join(real, entry.name));
  }
  return true;
}

async function addFile(walk: Walk, path: string, inside: string): Promise<void> {
  if (walk.files.size >= MAX_FILES) {
    throw pipelinesErrors.PIP_CODE_MISSING(`The step names more than ${MAX_FILES} files as its code.`);
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  walk.files.set(inside, hash.digest('hex'));
}

/** The path relative to the project when it is a regular file whose real place lies inside it. */
async function fileInside(walk: Walk, path: string): Promise<string | null> {
  if (path !== walk.folder && !path.startsWith(walk.folder + sep)) return null;
  const real = await realpath(path).catch(() => null);
  if (real === null || !real.startsWith(walk.folder + sep) || !(await stat(real)).isFile()) return null;
  return relative(walk.folder, path).split(sep).join('/');
}

function missing(path: string): never {
  throw pipelinesErrors.PIP_CODE_MISSING(`The project folder has no file "${path}".`, { data: { path } });
}

function sorted(walk: Walk): Record<string, string> {
  return Object.fromEntries([...walk.files].sort(([a], [b]) => (a < b ? -1 : 1)));
}
