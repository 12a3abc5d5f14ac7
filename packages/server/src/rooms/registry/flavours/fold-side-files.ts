import { readFile } from 'node:fs/promises';
import { canonicalJson, isFairleadError } from '@fairlead/kernel';
import { foldOnnx, MAX_ONNX_BYTES } from '../../../platform/inference/index.js';
import type { RegistryDeps } from '../registry-deps.js';
import { registryErrors } from '../registry-errors.js';
import type { ModelFile } from '../registry-types.js';

export interface FoldedSource {
  /** The one file that stands for all of them. */
  readonly file: { readonly digest: string; readonly sizeBytes: number };
  /** What was uploaded, when that is more than the one file. */
  readonly originals: readonly ModelFile[];
  /** For the metadata of the package. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * The ONNX file of a version with the tensors that stand in files beside it, as one file in the object store: what is examined,
 * approved and served has one digest, and every tensor is in it. A model that is one file stays as it is.
 *
 * @throws REG_FILE_MISSING, and what foldOnnx throws
 */
export async function foldSideFiles(
  { files, objects }: Pick<RegistryDeps, 'files' | 'objects'>,
  onnxPath: string,
): Promise<FoldedSource> {
  const main = await files.file(onnxPath);
  if (main === undefined) throw missing(onnxPath);
  if (main.sizeBytes > MAX_ONNX_BYTES) {
    throw registryErrors.REG_ONNX_TOO_LARGE(
      `Its ONNX file has ${main.sizeBytes} bytes, expected at most ${MAX_ONNX_BYTES}.`,
      {
        data: { got: main.sizeBytes, expected: MAX_ONNX_BYTES },
      },
    );
  }
  const cut = onnxPath.lastIndexOf('/') + 1;
  const [folder, name] = [onnxPath.slice(0, cut), onnxPath.slice(cut)];
  const found: ModelFile[] = [];
  const folded = await foldOnnx(await readFile(await objects.localPath(main.digest)), async (path) => {
    const file = await fileAt(files, `${folder}${path}`);
    if (file === undefined) return undefined;
    if (path !== name) found.push({ path: `original/${path}`, digest: file.digest, sizeBytes: file.sizeBytes });
    return { sizeBytes: file.sizeBytes, read: (range) => piecesOf(objects, file.digest, range) };
  });
  if (folded === null) return { file: main, originals: [], metadata: {} };
  const originals = [{ path: `original/${name}`, digest: main.digest, sizeBytes: main.sizeBytes }, ...found];
  const digests = Object.fromEntries(originals.map(({ path, digest }) => [path, digest]));
  return {
    file: await objects.putStream(folded.bytes(), { maxBytes: MAX_ONNX_BYTES }),
    originals,
    metadata: { 'fairlead.folded-from': canonicalJson(digests) },
  };
}

/** A path that the tree refuses is one of no file. */
function fileAt(files: RegistryDeps['files'], path: string): ReturnType<RegistryDeps['files']['file']> {
  return files.file(path).catch((error: unknown) => {
    if (isFairleadError(error) && error.fault === 'user') return undefined;
    throw error;
  });
}

async function* piecesOf(
  objects: RegistryDeps['objects'],
  digest: string,
  range: { readonly start: number; readonly end: number },
): AsyncGenerator<Uint8Array> {
  // Not readPieces: its memory is used again while the store still writes.
  yield* await objects.readStream(digest, range);
}

function missing(path: string): Error {
  return registryErrors.REG_FILE_MISSING(`Its ONNX file ${path} is not there.`, { data: { path } });
}
