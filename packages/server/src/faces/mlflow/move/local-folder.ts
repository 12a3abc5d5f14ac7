import type { Dirent } from 'node:fs';
import { constants, type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { moveErrors } from './move-errors.js';

/** Names that would mean another place, or that no system here can store. */
export function isPlainName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\u0000-\u001f\u007f\uFFFD]/.test(name);
}

export interface LocalEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly isLink: boolean;
}

export interface LocalFile {
  /** Below the folder that was walked, with `/`. */
  readonly path: string;
  readonly absolute: string;
  readonly sizeBytes: number;
}

/** One folder that may be read, and nothing outside it, whatever the names and links in it say. */
export interface LocalFolder {
  /** Absolute, with every link resolved. */
  readonly root: string;
  /** Sorted by name; empty when there is no such folder. Names that are not plain go to `onRefused`. */
  list(parts: readonly string[], onRefused?: (place: string) => void): Promise<readonly LocalEntry[]>;
  /** UTF-8 of at most `maxBytes`; undefined when there is no such file. Throws MOVE_RECORD_BROKEN, MOVE_TOO_LARGE, MOVE_PATH_REFUSED, MOVE_UNREADABLE_FILE. */
  text(parts: readonly string[], maxBytes: number): Promise<string | undefined>;
  /** Every file below, depth first and sorted; what must not be read goes to `onRefused`. */
  walk(parts: readonly string[], onRefused: (place: string, why: string) => void): AsyncIterable<LocalFile>;
  /** Of a file that was walked to; throws what `text` throws. */
  textOf(file: LocalFile, maxBytes: number): Promise<string>;
  /** Throws MOVE_UNREADABLE_FILE, MOVE_PATH_REFUSED. */
  read(file: LocalFile): AsyncIterable<Uint8Array>;
  isFolder(parts: readonly string[]): Promise<boolean>;
}

const MAX_DEPTH = 64;
const CHUNK_BYTES = 1 << 20;

export async function openLocalFolder(path: string): Promise<LocalFolder> {
  const root = await realpath(path).catch((cause) => {
    throw moveErrors.MOVE_SOURCE_UNREADABLE(`There is no folder ${path}.`, { data: { path }, cause });
  });
  return {
    root,
    list: async (parts, onRefused = () => {}) => {
      const folder = await inside(root, parts);
      return folder === undefined ? [] : listEntries(folder, onRefused);
    },
    text: async (parts, maxBytes) => {
      const file = await inside(root, parts);
      return file === undefined ? undefined : readText(file, maxBytes);
    },
    walk: (parts, onRefused) => walkFiles(root, parts, onRefused),
    textOf: (file, maxBytes) => readText(file.absolute, maxBytes),
    read: (file) => readBytes(root, file),
    isFolder: async (parts) => {
      const folder = await inside(root, parts).catch(() => undefined);
      return folder !== undefined && (await stat(folder)).isDirectory();
    },
  };
}

/** The real path of an entry; undefined when it is not there. Throws MOVE_PATH_REFUSED when it is outside the root. */
async function inside(root: string, parts: readonly string[]): Promise<string | undefined> {
  const path = join(root, ...parts);
  const refuse = (why: string) => moveErrors.MOVE_PATH_REFUSED(`${path} ${why}.`, { data: { place: path } });
  if (!parts.every(isPlainName)) throw refuse('has a name that leads elsewhere');
  try {
    const real = await realpath(path);
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
      throw refuse('is a link out of the folder');
    return real;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code === 'ELOOP' || code === 'ENAMETOOLONG') throw refuse('cannot be followed');
    throw code === undefined || code.startsWith('MOVE_') ? error : unreadable(path, error);
  }
}

async function listEntries(folder: string, onRefused: (place: string) => void): Promise<LocalEntry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return [];
    throw unreadable(folder, error);
  });
  const entries = [];
  for (const entry of found) {
    if (isPlainName(entry.name)) entries.push(await describe(folder, entry));
    else onRefused(join(folder, JSON.stringify(entry.name)));
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function describe(folder: string, entry: Dirent): Promise<LocalEntry> {
  const isLink = entry.isSymbolicLink();
  const isFolder = isLink
    ? await stat(join(folder, entry.name)).then(
        (facts) => facts.isDirectory(),
        () => false,
      )
    : entry.isDirectory();
  return { name: entry.name, isFolder, isLink };
}

async function readText(path: string, maxBytes: number): Promise<string> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) {
      throw moveErrors.MOVE_TOO_LARGE(`${path} has ${size} bytes, at most ${maxBytes} are read.`, {
        data: { place: path, sizeBytes: size, maxBytes },
      });
    }
    const bytes = await file.readFile().catch((cause) => {
      throw unreadable(path, cause);
    });
    return decode(bytes, path);
  } finally {
    await file.close();
  }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw moveErrors.MOVE_RECORD_BROKEN(`${path} is not UTF-8.`, { data: { place: path }, cause });
  }
}

async function* walkFiles(
  root: string,
  parts: readonly string[],
  onRefused: (place: string, why: string) => void,
): AsyncGenerator<LocalFile> {
  const start = await inside(root, parts);
  if (start === undefined) return;
  const pending: { folder: string; path: string; depth: number }[] = [{ folder: start, path: '', depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder, path, depth } = next;
    const below: typeof pending = [];
    for (const entry of await listEntries(folder, (place) => onRefused(place, 'has a name that cannot be kept'))) {
      const absolute = join(folder, entry.name);
      const relative = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isFolder) {
        if (entry.isLink) onRefused(absolute, 'is a link to a folder');
        else if (depth >= MAX_DEPTH) onRefused(absolute, 'is nested too deep');
        else below.push({ folder: absolute, path: relative, depth: depth + 1 });
        continue;
      }
      const real = entry.isLink
        ? await inside(root, absolute.slice(root.length + 1).split(sep)).catch(() => undefined)
        : absolute;
      if (real === undefined) {
        onRefused(absolute, 'is a link that leads out of the folder or nowhere');
        continue;
      }
      const facts = await lstat(real);
      if (facts.isFile()) yield { path: relative, absolute: real, sizeBytes: facts.size };
      else onRefused(absolute, 'is no regular file');
    }
    pending.push(...below.reverse());
  }
}

async function* readBytes(root: string, { absolute }: LocalFile): AsyncGenerator<Uint8Array> {
  const real = await inside(root, absolute.slice(root.length + 1).split(sep));
  if (real === undefined) throw unreadable(absolute, undefined);
  const file = await openFile(real);
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: CHUNK_BYTES, autoClose: false })) {
      yield chunk as Uint8Array;
    }
  } catch (cause) {
    throw unreadable(absolute, cause);
  } finally {
    await file.close();
  }
}

/** Devices and pipes would never end: only regular files are opened. */
async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((cause) => {
    throw unreadable(path, cause);
  });
  const facts = await file.stat();
  if (facts.isFile()) return file;
  await file.close();
  throw moveErrors.MOVE_PATH_REFUSED(`${path} is no regular file.`, { data: { place: path } });
}

function unreadable(path: string, cause: unknown) {
  const reason = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'it is not there';
  return moveErrors.MOVE_UNREADABLE_FILE(`${path} cannot be read: ${reason}.`, {
    data: { place: path, reason },
    cause,
  });
}
