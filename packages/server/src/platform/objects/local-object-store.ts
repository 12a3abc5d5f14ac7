import { createHash } from 'node:crypto';
import { chmod, type FileHandle, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { messageOf } from '@fairlead/kernel';
import { createHashThread, type HashThread } from './hash-thread.js';
import { createLocalPartStore } from './local-part-store.js';
import { objectsErrors } from './objects-errors.js';
import { type ByteRange, isDigest, type ObjectRef, type ObjectStore } from './objects-types.js';
import { readPieces } from './read-pieces.js';
import { asideOf, bringBack, listObjects, removeUntouched, touch } from './remove-objects.js';
import { freshPath, hashFile, type StagedFile, stage, sweep } from './staging.js';
import { writing } from './writing.js';

export interface LocalObjectStoreOptions {
  /** `normal` (default) survives the death of the process, `full` a power cut too. */
  readonly durability?: 'normal' | 'full';
}

interface Place {
  readonly objects: string;
  readonly staging: string;
  readonly fsync: boolean;
  readonly hashing: HashThread;
}

/**
 * An object store in a local folder: `objects/ab/cdef…` for the bytes (mode 0444), `staging/` for what is being written.
 * The folders are made at the first write. Bytes are hashed into staging and renamed into place, so readers never see
 * half an object and two writers of equal bytes end with one file.
 */
export function createLocalObjectStore(folder: string, options: LocalObjectStoreOptions = {}): ObjectStore {
  const place: Place = {
    objects: join(folder, 'objects'),
    staging: join(folder, 'staging'),
    fsync: options.durability === 'full',
    hashing: createHashThread(),
  };
  const putStream: ObjectStore['putStream'] = async (source, limits = {}) =>
    publish(place, await stage(place.staging, source, { ...limits, ...place }));
  return {
    putBytes: (bytes) => putBytes(place, bytes),
    putStream,
    putFile: (path, { move = false } = {}) => (move ? moveFile(place, path) : copyFile(place, path)),
    has: async (digest) => (await sizeAt(pathOf(place, digest))) !== undefined,
    sizeOf: async (digest) => (await find(place, digest)).sizeBytes,
    readBytes: (digest) => {
      const path = pathOf(place, digest);
      return readFile(path).catch((cause) => Promise.reject(absent(digest, cause)));
    },
    readStream: (digest, range) => readStream(place, digest, range),
    readPieces: async (digest, range) => readPieces(await openObject(place, digest), range),
    keep: async (digest) => {
      const { path, sizeBytes } = await find(place, digest);
      if (!(await touch(path))) throw absent(digest);
      return sizeBytes;
    },
    list: () => listObjects(place.objects),
    remove: (digest, { untouchedSinceMs }) =>
      removeUntouched(pathOf(place, digest), { untouchedSinceMs, aside: asideOf(place.staging, digest) }),
    localPath: async (digest) => (await find(place, digest)).path,
    verify: (digest) => verify(place, digest),
    stagingPath: (suffix) => freshPath(place.staging, suffix),
    sweepStaging: async (olderThanMs) => {
      await bringBack(place.staging, (digest) => pathOf(place, digest));
      return sweep(place.staging, olderThanMs);
    },
    parts: createLocalPartStore(folder, { putStream, hashing: place.hashing, ...options }),
  };
}

function pathOf(place: Place, digest: string): string {
  if (!isDigest(digest)) {
    throw objectsErrors.OBJ_BAD_DIGEST(`${JSON.stringify(String(digest).slice(0, 80))} is not a sha256 digest.`);
  }
  return join(place.objects, digest.slice(0, 2), digest.slice(2));
}

async function sizeAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function find(place: Place, digest: string): Promise<{ path: string; sizeBytes: number }> {
  const path = pathOf(place, digest);
  const sizeBytes = await sizeAt(path);
  if (sizeBytes === undefined) throw absent(digest);
  return { path, sizeBytes };
}

function absent(digest: string, cause?: unknown): unknown {
  if (cause !== undefined && (cause as NodeJS.ErrnoException).code !== 'ENOENT') return cause;
  return objectsErrors.OBJ_NOT_FOUND(`The store holds no object ${digest}.`, { data: { digest }, cause });
}

// Measured over loopback, 1 GB: pieces of 64 kB give two thirds of what pieces of 1 MB give, larger ones no more.
const READ_BYTES = 1 << 20;

async function readStream(place: Place, digest: string, range?: ByteRange): Promise<Readable> {
  if (range !== undefined && range.end <= range.start) return Readable.from([]);
  const file = await openObject(place, digest);
  const slice = range === undefined ? {} : { start: range.start, end: range.end - 1 };
  return file.createReadStream({ highWaterMark: READ_BYTES, ...slice });
}

function openObject(place: Place, digest: string): Promise<FileHandle> {
  return open(pathOf(place, digest)).catch((cause) => Promise.reject(absent(digest, cause)));
}

/** Hashes first: bytes that are already there cost no write. */
async function putBytes(place: Place, bytes: Uint8Array): Promise<ObjectRef> {
  const ref = { digest: createHash('sha256').update(bytes).digest('hex'), sizeBytes: bytes.byteLength };
  const path = pathOf(place, ref.digest);
  // Touched, so that whoever removes old objects at this moment sees that it is wanted again.
  if ((await sizeAt(path)) === ref.sizeBytes && (await touch(path))) {
    if (place.fsync) await syncEntry(path);
    return ref;
  }
  return publish(place, await stage(place.staging, [bytes], place));
}

async function copyFile(place: Place, path: string): Promise<ObjectRef> {
  const file = await open(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  try {
    if (!(await file.stat()).isFile()) throw unreadable(path, new Error('it is not a regular file'));
    const source = file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 });
    return await publish(place, await stage(place.staging, source, place));
  } finally {
    await file.close();
  }
}

async function moveFile(place: Place, path: string): Promise<ObjectRef> {
  const info = await lstat(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  if (!info.isFile()) throw unreadable(path, new Error('it is not a regular file'));
  const home = await writing(() => mkdir(place.objects, { recursive: true }).then(() => stat(place.objects)));
  if (home.dev !== info.dev) {
    const ref = await copyFile(place, path);
    await rm(path, { force: true });
    return ref;
  }
  await writing(() => chmod(path, 0o444)); // before hashing: what is hashed is what stays
  const ref = await hashFile(path).catch((cause) => Promise.reject(unreadable(path, cause)));
  if (place.fsync) await writing(() => syncPath(path));
  return publish(place, { path, ...ref });
}

function unreadable(path: string, cause: unknown): Error {
  return objectsErrors.OBJ_SOURCE_UNREADABLE(`Cannot read ${path}: ${messageOf(cause)}.`, { data: { path }, cause });
}

/** Renames a staged file to its address; drops it when the object is already there. */
async function publish(place: Place, staged: StagedFile): Promise<ObjectRef> {
  const { digest, sizeBytes } = staged;
  const path = pathOf(place, digest);
  await writing(async () => {
    if ((await sizeAt(path)) === sizeBytes && (await touch(path))) await rm(staged.path, { force: true });
    else {
      const made = await mkdir(dirname(path), { recursive: true });
      await rename(staged.path, path);
      if (place.fsync && made !== undefined) await syncPath(place.objects);
    }
    if (place.fsync) await syncEntry(path);
  });
  return { digest, sizeBytes };
}

/** Also for an object found in place: another writer may have renamed it a moment ago and not yet synced its folder. */
async function syncEntry(path: string): Promise<void> {
  await syncPath(path);
  await syncPath(dirname(path));
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function verify(place: Place, digest: string): Promise<void> {
  const observed = await hashFile(pathOf(place, digest)).catch((cause) => Promise.reject(absent(digest, cause)));
  if (observed.digest !== digest) {
    throw objectsErrors.OBJ_CORRUPT(`Object ${digest} now hashes to ${observed.digest}.`, {
      data: { digest, observed: observed.digest, sizeBytes: observed.sizeBytes },
    });
  }
}
