import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ModelOnDisk } from '../../../platform/inference/index.js';
import { inferenceErrors } from '../../../platform/inference/index.js';
import { type ObjectStore, readFileSet, writeFileSet } from '../../../platform/objects/index.js';
import { removeAtExit } from '../../../platform/scratch/index.js';

/**
 * The bytes of a model where a program can read them, each file hashed and compared with what was approved: of a file that of the object
 * store, of a folder a copy below the system's temporary folder, so that nothing a program does there reaches the store.
 *
 * @throws OBJ_NOT_FOUND, OBJ_CORRUPT, INF_DIGEST_MISMATCH
 */
export async function openModelBytes(objects: Pick<ObjectStore, 'localPath'>, digest: string): Promise<ModelOnDisk> {
  const files = await readFileSet(objects, digest);
  if (files === null) {
    const modelPath = await objects.localPath(digest);
    await checkFile(modelPath, digest);
    return { modelPath, scratch: null, release: async () => undefined };
  }
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-served-'));
  const guard = removeAtExit(folder);
  const release = async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    guard.release();
  };
  try {
    await writeFileSet(objects, files, folder);
  } catch (error) {
    await release();
    throw error;
  }
  return { modelPath: folder, scratch: folder, release };
}

async function checkFile(path: string, digest: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const got = hash.digest('hex');
  if (got === digest) return;
  throw inferenceErrors.INF_DIGEST_MISMATCH(`The model file has digest ${got}, but ${digest} was asked.`, {
    data: { got, expected: digest },
  });
}
