import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What this process must not leave behind, whatever ends it but a kill. */
const unfinished = new Set<string>();

/**
 * Removes a file or folder when the process ends before `release` is called: an interrupted command has no time to await
 * anything. It does not remove anything itself while the process lives.
 */
export function removeAtExit(path: string): { release(): void } {
  if (unfinished.size === 0) process.once('exit', sweep);
  unfinished.add(path);
  return {
    release: () => {
      unfinished.delete(path);
      if (unfinished.size === 0) process.off('exit', sweep);
    },
  };
}

function sweep(): void {
  for (const path of unfinished) rmSync(path, { recursive: true, force: true });
}

/** A folder of its own below the system's temporary one while `use` runs, and no longer. */
export async function withScratchFolder<T>(prefix: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  const guard = removeAtExit(folder);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    guard.release();
  }
}
