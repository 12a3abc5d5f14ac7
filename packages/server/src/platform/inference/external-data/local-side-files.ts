import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { inferenceErrors } from '../inference-errors.js';
import type { OpenSideFile } from './check-side-files.js';
import { shown } from './external-tensor.js';

/**
 * Side files in a folder of this machine. A link that leads out of the folder is refused, as a path would be.
 *
 * @throws INF_EXTERNAL_PATH
 */
export function localSideFiles(folder: string): OpenSideFile {
  return async (path) => {
    const root = await realpath(folder);
    const real = await realpath(join(root, path)).catch(() => undefined);
    if (real === undefined) return undefined;
    if (!real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) {
      throw inferenceErrors.INF_EXTERNAL_PATH(`The side file ${shown(path)} is a link out of the model's folder.`, {
        data: { file: path },
      });
    }
    const { size, ...found } = await stat(real).then((facts) => ({ size: facts.size, isFile: facts.isFile() }));
    if (!found.isFile) return undefined;
    return {
      sizeBytes: size,
      // A stream's own range has its end inside.
      read: ({ start, end }) => createReadStream(real, { start, end: end - 1 }),
    };
  };
}
