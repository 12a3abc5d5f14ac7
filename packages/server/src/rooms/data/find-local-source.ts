import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { formatOf } from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { SourceFormat } from './data-types.js';

export interface LocalFile {
  readonly name: string;
  /** Free of symbolic links and inside one of the roots. */
  readonly path: string;
}

/**
 * The files that a source path stands for, judged by their real paths so that neither `..` nor a symbolic link leaves
 * the roots. Relative paths are looked for in each root, in order. The returned paths are those to open.
 *
 * @throws DATA_SOURCE_NOT_FOUND, DATA_PATH_FORBIDDEN, DATA_FORMAT_UNKNOWN
 */
export async function findLocalSource(
  path: string,
  { roots, format }: { roots: readonly string[]; format?: SourceFormat | undefined },
): Promise<{ files: readonly LocalFile[]; format: SourceFormat }> {
  const realRoots = (await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)))).filter(
    (root) => root !== undefined,
  );
  const place = await resolveInRoots(path, realRoots, roots);
  const info = await stat(place);
  if (info.isFile()) {
    refuseOddFile(place);
    return { files: [{ name: baseName(place), path: place }], format: known(format, place) };
  }
  if (!info.isDirectory()) {
    throw dataErrors.DATA_SOURCE_NOT_FOUND(`${path} is neither a file nor a folder.`, { data: { path } });
  }
  return folderFiles(path, place, { realRoots, format });
}

const DATA_FILE = /\.(csv|tsv|tab|txt|dat|json|jsonl|ndjson|parquet)$/i;

/** The home lies among the roots: its database and its secrets must not be read as if they were text. */
function refuseOddFile(path: string): void {
  const name = baseName(path);
  if (DATA_FILE.test(name) && !name.startsWith('.')) return;
  throw dataErrors.DATA_PATH_FORBIDDEN(`${name} does not have the name of a data file.`, {
    data: { name, allowed: ['csv', 'tsv', 'tab', 'txt', 'dat', 'json', 'jsonl', 'ndjson', 'parquet'] },
  });
}

async function folderFiles(
  path: string,
  folder: string,
  { realRoots, format }: { realRoots: readonly string[]; format: SourceFormat | undefined },
): Promise<{ files: readonly LocalFile[]; format: SourceFormat }> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort();
  const formats = new Set(names.map(formatOf).filter((one) => one !== undefined));
  const [only] = formats;
  const chosen = format ?? (formats.size === 1 ? only : undefined);
  if (chosen === undefined) {
    const found = formats.size === 0 ? 'no file of a known format' : `files of ${[...formats].sort().join(' and ')}`;
    if (formats.size === 0) throw dataErrors.DATA_SOURCE_NOT_FOUND(`${path} holds ${found}.`, { data: { path } });
    throw dataErrors.DATA_FORMAT_UNKNOWN(`${path} holds ${found}.`, { data: { path } });
  }
  const files: LocalFile[] = [];
  for (const name of names.filter((one) => formatOf(one) === chosen)) {
    const real = await realpath(join(folder, name));
    if (!isInside(real, realRoots)) throw forbidden(join(path, name));
    refuseOddFile(real);
    if ((await stat(real)).isFile()) files.push({ name, path: real });
  }
  if (files.length === 0) {
    throw dataErrors.DATA_SOURCE_NOT_FOUND(`${path} holds no ${chosen} file.`, { data: { path, format: chosen } });
  }
  return { files, format: chosen };
}

async function resolveInRoots(path: string, realRoots: readonly string[], roots: readonly string[]): Promise<string> {
  const candidates = isAbsolute(path) ? [path] : realRoots.map((root) => resolve(root, path));
  for (const candidate of candidates) {
    // Judged before it is looked for: an answer must not tell what exists outside.
    const real = await realpath(candidate).catch(() => undefined);
    if (real !== undefined && isInside(real, realRoots)) return real;
    if (real !== undefined || !isInside(resolve(candidate), [...realRoots, ...roots])) throw forbidden(path);
  }
  throw dataErrors.DATA_SOURCE_NOT_FOUND(`There is no ${path}.`, { data: { path } });
}

function isInside(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep));
}

function forbidden(path: string): Error {
  return dataErrors.DATA_PATH_FORBIDDEN(`${path} lies outside the folders that the server may read.`, {
    data: { path },
  });
}

function known(format: SourceFormat | undefined, path: string): SourceFormat {
  const chosen = format ?? formatOf(path);
  if (chosen !== undefined) return chosen;
  throw dataErrors.DATA_FORMAT_UNKNOWN(`${baseName(path)} ends like no known format.`, { data: { path } });
}

const baseName = (path: string) => path.slice(path.lastIndexOf(sep) + 1);
