import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isPlainName } from './local-folder.js';
import { moveErrors } from './move-errors.js';

/** A new folder that is written file by file. Paths are judged: names in them come from users. */
export interface WrittenTree {
  readonly root: string;
  folder(parts: readonly string[]): Promise<void>;
  /** Throws MOVE_PATH_REFUSED when a part is no plain name or a name is both file and folder. */
  text(parts: readonly string[], text: string): Promise<void>;
  bytes(parts: readonly string[], bytes: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: number; digest: string }>;
  /** A file that grows by texts. */
  appender(parts: readonly string[]): Promise<{ append(text: string): Promise<void>; close(): Promise<void> }>;
}

/** @throws MOVE_TARGET_TAKEN when it is there and not empty */
export async function createTree(path: string): Promise<WrittenTree> {
  await mkdir(path, { recursive: true });
  if ((await readdir(path)).length > 0) {
    throw moveErrors.MOVE_TARGET_TAKEN(`${path} is not empty.`, { data: { path } });
  }
  const root = await realpath(path);
  const create = (parts: readonly string[]) => createFile(root, parts);
  return {
    root,
    folder: async (parts) => {
      await mkdir(join(root, ...judged(parts)), { recursive: true });
    },
    text: async (parts, text) => {
      const file = await create(parts);
      await file.writeFile(text).finally(() => file.close());
    },
    bytes: async (parts, bytes) => {
      const file = await create(parts);
      const hash = createHash('sha256');
      let sizeBytes = 0;
      try {
        for await (const chunk of bytes) {
          hash.update(chunk);
          sizeBytes += chunk.length;
          await file.writeFile(chunk);
        }
      } finally {
        await file.close();
      }
      return { sizeBytes, digest: hash.digest('hex') };
    },
    appender: async (parts) => {
      const file = await create(parts);
      return { append: (text) => file.writeFile(text), close: () => file.close() };
    },
  };
}

function judged(parts: readonly string[]): readonly string[] {
  if (parts.length > 0 && parts.every(isPlainName)) return parts;
  const place = parts.join('/');
  throw moveErrors.MOVE_PATH_REFUSED(`${JSON.stringify(place)} cannot be the path of a file.`, { data: { place } });
}

async function createFile(root: string, parts: readonly string[]): Promise<FileHandle> {
  const path = join(root, ...judged(parts));
  try {
    await mkdir(dirname(path), { recursive: true });
    return await open(path, 'wx');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'EINVAL'].includes(code ?? '')) throw cause;
    throw moveErrors.MOVE_PATH_REFUSED(`${path} cannot be written: ${code}.`, { data: { place: path, code }, cause });
  }
}
