import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { foldOnnx, localSideFiles } from '../../../platform/inference/index.js';
import { withScratchFolder } from '../../../platform/scratch/index.js';
import { readPackage } from './read-package.js';

/**
 * Gives `work` the path of a model that is one file: the model's own path, or of a model with side files that of the whole, written
 * for as long as `work` runs.
 *
 * @throws TRN_MODEL_UNREADABLE, INF_MODEL_INVALID, INF_EXTERNAL_*, and what `work` throws
 */
export async function withOneFile<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  const { bytes } = await readPackage(path);
  const folded = await foldOnnx(bytes, localSideFiles(dirname(path)));
  if (folded === null) return work(path);
  return withScratchFolder('fairlead-model-', async (folder) => {
    const whole = join(folder, 'model.onnx');
    await pipeline(Readable.from(folded.bytes()), createWriteStream(whole));
    return await work(whole);
  });
}
