import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { canonicalJson } from '@fairlead/kernel';
import { objectsErrors } from './objects-errors.js';
import { isDigest, type ObjectRef, type ObjectStore } from './objects-types.js';

/** sha256 by path below the folder, with `/`. */
export type FileSet = Readonly<Record<string, string>>;

type Paths = Pick<ObjectStore, 'localPath'>;

const KIND = 'fairlead.file-set';
const MAX_MANIFEST_BYTES = 4 * 1024 ** 2;

/**
 * Gives many files one digest: that of a manifest in canonical JSON (RFC 8785) that names each by path and sha256, stored as an object
 * of its own. Equal files give the same digest whatever their order.
 *
 * @throws OBJ_TOO_LARGE, OBJ_BAD_DIGEST
 */
export async function putFileSet(objects: Pick<ObjectStore, 'putBytes'>, files: FileSet): Promise<ObjectRef> {
  const bytes = Buffer.from(canonicalJson({ kind: KIND, version: 1, files }));
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw objectsErrors.OBJ_TOO_LARGE(
      `The list of ${Object.keys(files).length} files has ${bytes.length} bytes, expected at most ${MAX_MANIFEST_BYTES}.`,
    );
  }
  const odd = Object.entries(files).find(([path, digest]) => !isPlainPath(path) || !isDigest(digest));
  if (odd !== undefined) throw objectsErrors.OBJ_BAD_DIGEST(`'${odd[0].slice(0, 100)}' cannot be a file of a set.`);
  return objects.putBytes(bytes);
}

/** The files that an object names; null for an object that is no file set. @throws OBJ_NOT_FOUND, OBJ_CORRUPT */
export async function readFileSet(objects: Paths, digest: string): Promise<FileSet | null> {
  const path = await objects.localPath(digest);
  if ((await stat(path)).size > MAX_MANIFEST_BYTES || (await firstByte(path)) !== '{') return null;
  const bytes = await readFile(path);
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== digest) throw corrupt(digest, got);
  try {
    const { kind, files } = JSON.parse(bytes.toString()) as { kind?: unknown; files?: unknown };
    if (kind !== KIND || typeof files !== 'object' || files === null) return null;
    const entries = Object.entries(files);
    return entries.every(([name, one]) => isPlainPath(name) && isDigest(String(one))) ? (files as FileSet) : null;
  } catch {
    return null;
  }
}

/**
 * Writes the files into an existing, empty folder, each with the digest that the set names.
 *
 * @throws OBJ_NOT_FOUND, OBJ_CORRUPT
 */
export async function writeFileSet(objects: Paths, files: FileSet, folder: string): Promise<void> {
  for (const [name, digest] of Object.entries(files)) {
    const target = join(folder, name);
    await mkdir(dirname(target), { recursive: true });
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        done(null, chunk);
      },
    });
    await pipeline(
      createReadStream(await objects.localPath(digest)),
      hashing,
      createWriteStream(target, { flags: 'wx' }),
    );
    const got = hash.digest('hex');
    if (got !== digest) throw corrupt(digest, got);
  }
}

async function firstByte(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Below the folder it is joined to, on every system. */
function isPlainPath(path: string): boolean {
  return (
    path !== '' &&
    !/[\p{Cc}\p{Cs}\\:]/u.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}

function corrupt(digest: string, got: string): Error {
  return objectsErrors.OBJ_CORRUPT(`The object ${digest} has the digest ${got} now.`, { data: { digest, got } });
}
