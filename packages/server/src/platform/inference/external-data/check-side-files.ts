import { createHash } from 'node:crypto';
import { inferenceErrors } from '../inference-errors.js';
import { type ExternalTensor, shown } from './external-tensor.js';

/** A file beside a model. */
export interface SideFile {
  readonly sizeBytes: number;
  /** Half-open, in bytes. Pieces stay as they are after the next one is asked for. */
  read(range: { readonly start: number; readonly end: number }): AsyncIterable<Uint8Array>;
}

/** Undefined: there is no such file. The path has been judged: it stays below the model's folder. */
export type OpenSideFile = (path: string) => Promise<SideFile | undefined>;

/** Tied weights share bytes; more than this many times the file is nothing but growth. */
const MAX_REUSE = 8;

/**
 * Opens the files that the tensors stand in and checks that all of them are there whole.
 *
 * @throws INF_EXTERNAL_MISSING, INF_EXTERNAL_RANGE, INF_EXTERNAL_CHECKSUM
 */
export async function checkSideFiles(
  tensors: readonly ExternalTensor[],
  open: OpenSideFile,
): Promise<ReadonlyMap<string, SideFile>> {
  const files = new Map<string, SideFile>();
  const used = new Map<string, number>();
  const sums = new Map<string, string>();
  for (const tensor of tensors) {
    const { name, path, start, end, sha1 } = tensor;
    const file = files.get(path) ?? (await open(path));
    if (file === undefined) throw missing(tensor);
    files.set(path, file);
    const bytes = (used.get(path) ?? 0) + end - start;
    used.set(path, bytes);
    if (end > file.sizeBytes || bytes > MAX_REUSE * file.sizeBytes) throw outOfRange(tensor, file, bytes);
    if (sha1 === null) continue;
    const got = sums.get(path) ?? (await sha1Of(file));
    sums.set(path, got);
    if (got !== sha1) {
      throw inferenceErrors.INF_EXTERNAL_CHECKSUM(
        `Tensor ${shown(name)} stands in ${shown(path)}, whose SHA-1 is ${got}, expected ${shown(sha1)}.`,
        { data: { tensor: name.slice(0, 200), file: path, got, expected: sha1.slice(0, 200) } },
      );
    }
  }
  return files;
}

function missing({ name, path }: ExternalTensor): Error {
  return inferenceErrors.INF_EXTERNAL_MISSING(
    `Tensor ${shown(name)} stands in the file ${shown(path)}, which is not beside the model.`,
    { data: { tensor: name.slice(0, 200), file: path } },
  );
}

function outOfRange({ name, path, start, end }: ExternalTensor, { sizeBytes }: SideFile, used: number): Error {
  const data = { tensor: name.slice(0, 200), file: path, start, end, sizeBytes };
  const what =
    end > sizeBytes
      ? `is bytes ${start} to ${end} of ${shown(path)}, which has ${sizeBytes}`
      : `and those before it read ${used} bytes of ${shown(path)}, which has ${sizeBytes}: expected at most ${MAX_REUSE} times as many`;
  return inferenceErrors.INF_EXTERNAL_RANGE(`Tensor ${shown(name)} ${what}.`, { data });
}

async function sha1Of(file: SideFile): Promise<string> {
  const hash = createHash('sha1');
  for await (const piece of file.read({ start: 0, end: file.sizeBytes })) hash.update(piece);
  return hash.digest('hex');
}
