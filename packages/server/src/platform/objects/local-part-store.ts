import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HashThread } from './hash-thread.js';
import { objectsErrors } from './objects-errors.js';
import { isDigest, type ObjectStore, type PartStore } from './objects-types.js';
import { stage } from './staging.js';
import { writing } from './writing.js';

export interface LocalPartStoreOptions {
  /** Takes the joined bytes. */
  readonly putStream: ObjectStore['putStream'];
  readonly hashing: HashThread;
  /** As that of the object store. */
  readonly durability?: 'normal' | 'full';
}

interface Place {
  readonly staging: string;
  readonly uploads: string;
  readonly fsync: boolean;
  readonly hashing: HashThread;
}

const READ_BYTES = 1 << 20;

/**
 * Parts in a local folder: `uploads/UPLOAD/NUMBER.DIGEST`, written in `staging/` and renamed into place. The digest is in
 * the name, so that two writers of one part never mix and the record in the database says which of them counts.
 */
export function createLocalPartStore(
  folder: string,
  { putStream, hashing, durability }: LocalPartStoreOptions,
): PartStore {
  const place: Place = {
    staging: join(folder, 'staging'),
    uploads: join(folder, 'uploads'),
    fsync: durability === 'full',
    hashing,
  };
  return {
    putPart: async (upload, part, source, limits = {}) => {
      const home = folderOf(place, upload);
      const { path, digest, sizeBytes } = await stage(place.staging, source, { ...limits, ...place });
      await writing(async () => {
        await mkdir(home, { recursive: true });
        await rename(path, pathOf(place, upload, { part, digest }));
        if (place.fsync) for (const entry of [home, dirname(home)]) await syncFolder(entry);
      });
      return { digest, sizeBytes };
    },
    dropPart: (upload, part, digest) => rm(pathOf(place, upload, { part, digest }), { force: true }),
    join: async (upload, parts) => {
      const paths = parts.map((part) => pathOf(place, upload, part));
      for (const path of paths) await mustExist(path);
      return putStream(readAll(paths));
    },
    drop: (upload) => rm(folderOf(place, upload), { recursive: true, force: true }),
    uploads: () => listUploads(place),
  };
}

function folderOf(place: Place, upload: string): string {
  if (/^[0-9a-f]{1,64}$/.test(upload)) return join(place.uploads, upload);
  throw objectsErrors.OBJ_BAD_DIGEST(`${JSON.stringify(upload.slice(0, 80))} cannot name an upload.`);
}

function pathOf(place: Place, upload: string, { part, digest }: { part: number; digest: string }): string {
  if (!Number.isSafeInteger(part) || !isDigest(digest)) {
    throw objectsErrors.OBJ_BAD_DIGEST(`${part}.${digest.slice(0, 80)} cannot name a part.`);
  }
  return join(folderOf(place, upload), `${part}.${digest}`);
}

async function mustExist(path: string): Promise<void> {
  await stat(path).catch((cause) => {
    throw objectsErrors.OBJ_NOT_FOUND('A part of the upload is no longer there.', { cause });
  });
}

/** A fresh buffer for every piece, so the writer behind may take its time (see write-behind.ts). */
async function* readAll(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) {
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) yield chunk as Uint8Array;
  }
}

async function listUploads(place: Place): Promise<{ upload: string; writtenAtMs: number }[]> {
  const names = await readdir(place.uploads).catch(() => []);
  const found: { upload: string; writtenAtMs: number }[] = [];
  for (const upload of names) {
    const info = await stat(join(place.uploads, upload)).catch(() => undefined);
    if (info !== undefined) found.push({ upload, writtenAtMs: info.mtimeMs });
  }
  return found;
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
