import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { messageOf } from '@fairlead/kernel';
import { foldOnnx, localSideFiles } from '../../../platform/inference/index.js';
import { trainingErrors } from '../training-errors.js';
import { readPackage } from './read-package.js';

/** A file of a model on this machine. */
export interface LocalModelFile {
  /** Below the model's folder, with `/`. */
  readonly path: string;
  readonly file: string;
  readonly sizeBytes: number;
}

const MAX_FILES = 10_000;

/**
 * What makes up a model on disk, by path: of an ONNX file the file and the side files that it names, all checked to be whole; of a
 * folder, as `mlflow.sklearn.save_model` writes it, every file in it. A link that leads out of the folder is refused.
 *
 * @throws TRN_MODEL_UNREADABLE, INF_MODEL_INVALID, INF_EXTERNAL_*
 */
export async function listModelFiles(path: string): Promise<LocalModelFile[]> {
  const found = await stat(path).catch((cause) => {
    throw unreadable(path, messageOf(cause), cause);
  });
  if (found.isDirectory()) return listFolder(path);
  const folder = dirname(path);
  const { bytes } = await readPackage(path);
  const folded = await foldOnnx(bytes, localSideFiles(folder));
  const names = [...new Set([basename(path), ...(folded?.paths ?? [])])];
  return Promise.all(names.map((name) => describe(name, join(folder, name))));
}

async function listFolder(folder: string): Promise<LocalModelFile[]> {
  const root = `${await realpath(folder)}${sep}`;
  const names = await readdir(folder, { recursive: true });
  const files: LocalModelFile[] = [];
  for (const name of names.sort()) {
    const real = await realpath(join(folder, name)).catch((cause) => {
      throw unreadable(join(folder, name), messageOf(cause), cause);
    });
    if (!real.startsWith(root)) throw unreadable(join(folder, name), 'it is a link out of the folder of the model');
    if ((await stat(real)).isDirectory()) continue;
    files.push(await describe(name.split(sep).join('/'), real));
    if (files.length > MAX_FILES) throw unreadable(folder, `it has more than ${MAX_FILES} files`);
  }
  if (files.length === 0) throw unreadable(folder, 'it has no files');
  return files;
}

async function describe(path: string, file: string): Promise<LocalModelFile> {
  return { path, file, sizeBytes: (await stat(file)).size };
}

function unreadable(path: string, why: string, cause?: unknown): Error {
  return trainingErrors.TRN_MODEL_UNREADABLE(`${path} cannot be read: ${why}.`, { data: { path }, cause });
}
