import { throwIfAborted } from '@fairlead/kernel';
import { isDigest, type ObjectStore } from '../../platform/objects/index.js';
import { formatOf } from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { SourceFormat, WorkOptions } from './data-types.js';
import { checkAddress, type FetchSourceDeps, fetchSource } from './fetch-source.js';
import { findLocalSource } from './find-local-source.js';

export interface AcquireDeps extends FetchSourceDeps {
  readonly dataRoots: () => readonly string[];
}

export interface SourceFile {
  readonly name: string;
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface AcquiredSource {
  readonly files: readonly SourceFile[];
  readonly format: SourceFormat;
}

/**
 * Brings a source into the object store, byte for byte: a file, a folder, an http(s) address or `object:<digest>`.
 *
 * @throws DATA_SOURCE_NOT_FOUND, DATA_PATH_FORBIDDEN, DATA_FORMAT_UNKNOWN, DATA_URL_FORBIDDEN, DATA_URL_FAILED, OBJ_TOO_LARGE
 */
export async function acquireSource(
  deps: AcquireDeps,
  source: { readonly path: string; readonly format?: SourceFormat | undefined },
  { signal, progress }: WorkOptions,
): Promise<AcquiredSource> {
  const { path, format } = source;
  if (path.startsWith('object:')) return acquireObject(deps.objects, path, format);
  if (isAddress(path)) return acquireUrl(deps, source, signal);
  const found = await findLocalSource(path, { roots: deps.dataRoots(), format });
  const files: SourceFile[] = [];
  for (const [i, file] of found.files.entries()) {
    throwIfAborted(signal);
    progress?.(i / found.files.length, `storing ${file.name}`);
    files.push({ name: file.name, ...(await deps.objects.putFile(file.path)) });
  }
  return { files, format: found.format };
}

/** Refuses a source that {@link acquireSource} would refuse before it reads a byte. */
export async function checkSourcePlace(
  deps: AcquireDeps,
  { path, format }: { readonly path: string; readonly format?: SourceFormat | undefined },
): Promise<void> {
  if (path.startsWith('object:')) await acquireObject(deps.objects, path, format);
  else if (isAddress(path)) await checkAddress(path, deps.allowPrivateUrls);
  else await findLocalSource(path, { roots: deps.dataRoots(), format });
}

const isAddress = (path: string) => /^[a-z][a-z0-9+.-]*:\/\//i.test(path);

async function acquireObject(
  objects: ObjectStore,
  path: string,
  format: SourceFormat | undefined,
): Promise<AcquiredSource> {
  const digest = path.slice('object:'.length);
  if (!isDigest(digest) || !(await objects.has(digest))) {
    throw dataErrors.DATA_SOURCE_NOT_FOUND(`No uploaded bytes have the digest ${digest.slice(0, 80)}.`, {
      data: { digest: digest.slice(0, 80) },
    });
  }
  const file = { name: `${digest.slice(0, 16)}`, digest, sizeBytes: await objects.sizeOf(digest) };
  return { files: [file], format: format ?? (await guessFormat(objects, digest)) };
}

async function acquireUrl(
  deps: AcquireDeps,
  { path, format }: { readonly path: string; readonly format?: SourceFormat | undefined },
  signal: AbortSignal | undefined,
): Promise<AcquiredSource> {
  const { name, digest, sizeBytes, contentType } = await fetchSource(deps, path, signal);
  const chosen = format ?? formatOf(name) ?? formatOfType(contentType) ?? (await guessFormat(deps.objects, digest));
  return { files: [{ name: name === '' ? digest.slice(0, 16) : name, digest, sizeBytes }], format: chosen };
}

function formatOfType(contentType: string): SourceFormat | undefined {
  if (/^text\/csv/i.test(contentType)) return 'csv';
  if (/ndjson|jsonl|json-?lines/i.test(contentType)) return 'jsonl';
  return /parquet/i.test(contentType) ? 'parquet' : undefined;
}

/** Bytes without a name: Parquet has a magic number, JSON lines begin with a brace, the rest is CSV. */
export async function guessFormat(objects: ObjectStore, digest: string): Promise<SourceFormat> {
  const stream = await objects.readStream(digest);
  try {
    for await (const chunk of stream) {
      const start = (chunk as Buffer).subarray(0, 64).toString('latin1');
      if (start.startsWith('PAR1')) return 'parquet';
      return start.trimStart().startsWith('{') ? 'jsonl' : 'csv';
    }
    return 'csv';
  } finally {
    stream.destroy();
  }
}
