import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import { removeAtExit } from '../../../platform/scratch/index.js';
import { trainingErrors } from '../training-errors.js';

/** A file that appears whole or not at all: it is written under another name beside its place. */
export interface WholeFile {
  readonly path: string;
  /** Where to write; the path itself when that is a device such as /dev/null. */
  readonly part: string;
  /** Puts the finished part into its place, over what was there. */
  keep(): Promise<void>;
  /** Leaves what was there before. */
  discard(): Promise<void>;
}

/**
 * Checks before any work is done that the file can be written.
 *
 * @param inputs files that are read and must not be written over
 * @throws TRN_FILE_UNWRITABLE
 */
export async function openWhole(path: string, inputs: readonly string[]): Promise<WholeFile> {
  const place = await placeOf(path).catch((cause) => Promise.reject(unwritable(path, cause)));
  for (const input of inputs) {
    if (place.path !== (await realpath(input).catch(() => ''))) continue;
    throw unwritable(path, 'it is a file that this command reads');
  }
  if (place.isDevice) return { path, part: path, keep: async () => {}, discard: async () => {} };
  const part = join(dirname(place.path), `.${basename(place.path)}.${randomUUID()}.part`);
  const guard = removeAtExit(part);
  return {
    ...{ path, part },
    keep: async () => {
      await rename(part, place.path).catch((cause) => Promise.reject(unwritable(path, cause)));
      guard.release();
    },
    discard: async () => {
      await rm(part, { force: true });
      guard.release();
    },
  };
}

/** Writes the bytes and puts them into place. @throws TRN_FILE_UNWRITABLE */
export async function saveWhole(file: WholeFile, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(file.part, bytes);
  } catch (cause) {
    await file.discard();
    throw unwritable(file.path, cause);
  }
  await file.keep();
}

/** Follows links, so that a link stays one and its file is written anew. */
async function placeOf(path: string): Promise<{ path: string; isDevice: boolean }> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new Error('it is a folder');
  const real =
    there === undefined ? join(await realpath(dirname(resolve(path))), basename(path)) : await realpath(path);
  if (there !== undefined && !there.isFile()) return { path: real, isDevice: true };
  await access(dirname(real), constants.W_OK);
  if (there !== undefined) await access(real, constants.W_OK);
  return { path: real, isDevice: false };
}

/** TRN_FILE_UNWRITABLE with the reason. */
export function unwritable(path: string, cause: unknown): Error {
  const reason = typeof cause === 'string' ? cause : messageOf(cause);
  return trainingErrors.TRN_FILE_UNWRITABLE(`${path} cannot be written: ${reason}`, { data: { path }, cause });
}
