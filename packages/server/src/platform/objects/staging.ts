import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { FileHash, HashThread } from './hash-thread.js';
import { objectsErrors } from './objects-errors.js';
import type { ObjectRef } from './objects-types.js';
import { createWriteBehind } from './write-behind.js';
import { writing } from './writing.js';

export interface StagedFile extends ObjectRef {
  readonly path: string;
}

export interface StageOptions {
  readonly maxBytes?: number;
  readonly fsync: boolean;
  readonly hashing: HashThread;
}

/** A fresh path in the staging folder. */
export async function freshPath(folder: string, suffix: `.${string}` | '' = ''): Promise<string> {
  await writing(() => mkdir(folder, { recursive: true }));
  return join(folder, `${randomUUID()}${suffix.replace(/[^.\w-]/g, '_')}`);
}

/** Writes the source to a staged, read-only file and hashes it on the way. Leaves no file when anything fails. */
export async function stage(
  folder: string,
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: StageOptions,
): Promise<StagedFile> {
  const path = await freshPath(folder);
  const file = await writing(() => open(path, 'wx', 0o644));
  try {
    const written = await pour(source, { path, file }, options);
    await writing(async () => {
      await file.chmod(0o444);
      if (options.fsync) await file.sync();
    });
    await file.close();
    return { path, ...written };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

/** Up to this size a stream is hashed on its way: waking a thread takes longer. */
const SHORT_BYTES = 1 << 20;

async function pour(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { path, file }: { path: string; file: FileHandle },
  { maxBytes = Number.POSITIVE_INFINITY, hashing }: StageOptions,
): Promise<ObjectRef> {
  const hash = createHash('sha256');
  let fileHash: FileHash | undefined;
  const behind = createWriteBehind(file, (writtenBytes) => fileHash?.written(writtenBytes));
  // A stream of Node never touches a piece that it has handed out; any other source might fill one buffer again and again.
  const ownsPieces = source instanceof Readable;
  let sizeBytes = 0;
  try {
    for await (const chunk of source) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) {
        throw objectsErrors.OBJ_TOO_LARGE(`The upload passes the limit of ${maxBytes} bytes.`, { data: { maxBytes } });
      }
      if (sizeBytes > SHORT_BYTES) fileHash ??= hashing.begin(path);
      else hash.update(chunk);
      await writing(() => behind.write(chunk));
      if (!ownsPieces) await writing(() => behind.end());
    }
    await writing(() => behind.end());
    return { digest: (await fileHash?.digest(sizeBytes)) ?? hash.digest('hex'), sizeBytes };
  } catch (error) {
    await behind.abandon();
    fileHash?.drop();
    throw error;
  }
}

/** Hashes a file in flat memory. Rejects with the system's error when it cannot be read. */
export async function hashFile(path: string): Promise<ObjectRef> {
  const hash: Hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Uint8Array);
    sizeBytes += (chunk as Uint8Array).byteLength;
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

/** Removes entries whose last write is at least `olderThanMs` ago. */
export async function sweep(folder: string, olderThanMs: number): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const newestMs = Date.now() - olderThanMs;
  let removed = 0;
  for (const name of names) {
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined || info.mtimeMs > newestMs) continue;
    await writing(() => rm(path, { recursive: true, force: true }));
    removed++;
  }
  return removed;
}
