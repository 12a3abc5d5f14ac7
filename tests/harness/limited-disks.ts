import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MEBIBYTE = 2 ** 20;

/** A file system of its own, as small as a test needs it. */
export interface LimitedDisk {
  readonly folder: string;
  /** Takes all the room that is left; gives it back when called. */
  fill(): () => void;
  /** Lets every write wait until the given function is called. */
  freeze(): () => void;
  unmount(): void;
}

/** Mounting needs root, and freezing a file system of blocks: Linux with loop devices. */
export const canMountDisks = process.platform === 'linux' && process.getuid?.() === 0 && canLoop();

function canLoop(): boolean {
  try {
    run('losetup', '--find');
    run('fsfreeze', '--version');
    run('mkfs.ext4', '-V');
    return true;
  } catch {
    return false;
  }
}

/** Mounts an ext4 of `sizeMiB` at the folder, which is made; its blocks lie in the file `image`. */
export function mountDisk(folder: string, { image, sizeMiB }: { image: string; sizeMiB: number }): LimitedDisk {
  mkdirSync(folder, { recursive: true });
  const blocks = openSync(image, 'w');
  ftruncateSync(blocks, sizeMiB * MEBIBYTE);
  closeSync(blocks);
  // No blocks are kept for root, as whom the tests run: full is full.
  run('mkfs.ext4', '-q', '-m', '0', '-O', '^has_journal', image);
  run('mount', '-o', 'loop', image, folder);
  return {
    folder,
    fill: () => fill(folder),
    freeze: () => {
      run('fsfreeze', '--freeze', folder);
      return () => run('fsfreeze', '--unfreeze', folder);
    },
    unmount: () => run('umount', folder),
  };
}

function fill(folder: string): () => void {
  const path = join(folder, 'filler');
  const file = openSync(path, 'w');
  for (const size of [MEBIBYTE, 4096, 1]) {
    const piece = Buffer.alloc(size);
    try {
      while (statfsSync(folder).bavail >= 0) writeSync(file, piece);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  closeSync(file);
  return () => rmSync(path);
}

function run(program: string, ...args: string[]): void {
  execFileSync(program, args, { stdio: 'pipe' });
}
