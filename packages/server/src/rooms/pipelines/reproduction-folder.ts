import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { removeAtExit } from '../../platform/scratch/index.js';

const PREFIX = 'fairlead-reproduce-';

/**
 * Gives `work` an empty folder of mode 0700, outside the project: Node would find the packages of a project above it. It is
 * removed afterwards; what a killed server left is removed here too, by the link that each folder has in the work folder.
 * One repetition at a time: the job of the training room sees to that.
 */
export async function withReproductionFolder<T>(
  workFolder: string,
  name: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const links = linksIn(workFolder);
  await sweepReproductions(workFolder);
  await mkdir(links, { recursive: true, mode: 0o700 });
  const folder = join(await realpath(tmpdir()), `${PREFIX}${randomUUID()}`);
  const link = join(links, name);
  // The link first: a server that is killed between the two leaves nothing that the next one cannot find.
  await symlink(folder, link);
  const guard = removeAtExit(folder);
  try {
    await mkdir(folder, { mode: 0o700 });
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(link, { force: true });
    guard.release();
  }
}

const linksIn = (workFolder: string) => join(workFolder, 'reproductions');

/** Removes what a killed server left of repetitions. None may be running. */
export async function sweepReproductions(workFolder: string): Promise<void> {
  const links = linksIn(workFolder);
  const temporary = await realpath(tmpdir());
  for (const name of await readdir(links).catch(() => [])) {
    const link = join(links, name);
    const target = await readlink(link).catch(() => '');
    // Only what was made here: a link may have been changed by someone else.
    const ours = dirname(target) === temporary && basename(target).startsWith(PREFIX);
    if (ours) await rm(target, { recursive: true, force: true });
    await rm(link, { recursive: true, force: true });
  }
}
