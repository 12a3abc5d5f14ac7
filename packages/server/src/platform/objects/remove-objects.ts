import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDigest, type StoredObject } from './objects-types.js';
import { writing } from './writing.js';

/** Sets the time of a file to now; false when it is not there (any more). */
export async function touch(path: string): Promise<boolean> {
  const now = new Date();
  try {
    await utimes(path, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Every object below the folder `objects/`. */
export async function* listObjects(folder: string): AsyncGenerator<StoredObject> {
  for (const top of (await readdir(folder).catch(() => [])).sort()) {
    for (const rest of (await readdir(join(folder, top)).catch(() => [])).sort()) {
      const digest = `${top}${rest}`;
      const info = isDigest(digest) ? await stat(join(folder, top, rest)).catch(() => undefined) : undefined;
      if (info?.isFile()) yield { digest, sizeBytes: info.size, touchedAtMs: info.mtimeMs };
    }
  }
}

/**
 * Moves the file aside, looks at its time again, and removes it or brings it back. Whoever wants the same bytes at the same
 * moment touches the file: before the move this sees it, after the move the touch finds nothing and the bytes are written anew.
 */
export async function removeUntouched(
  path: string,
  { untouchedSinceMs, aside }: { untouchedSinceMs: number; aside: string },
): Promise<boolean> {
  const before = await stat(path).catch(() => undefined);
  if (before === undefined || before.mtimeMs >= untouchedSinceMs) return false;
  return writing(async () => {
    await mkdir(dirname(aside), { recursive: true });
    await rename(path, aside);
    const wanted = (await stat(aside)).mtimeMs >= untouchedSinceMs;
    if (wanted) await rename(aside, path);
    else await rm(aside, { force: true });
    return !wanted;
  });
}

const ASIDE = /^removing-([0-9a-f]{64})$/;

/** Where an object waits while {@link removeUntouched} looks at its time. */
export function asideOf(staging: string, digest: string): string {
  return join(staging, `removing-${digest}`);
}

/** Brings back what was moved aside when the process was killed: it may have been wanted. */
export async function bringBack(staging: string, pathOf: (digest: string) => string): Promise<void> {
  for (const name of await readdir(staging).catch(() => [])) {
    const digest = ASIDE.exec(name)?.[1];
    if (digest === undefined) continue;
    await writing(async () => {
      await mkdir(dirname(pathOf(digest)), { recursive: true });
      await rename(join(staging, name), pathOf(digest));
    });
  }
}
