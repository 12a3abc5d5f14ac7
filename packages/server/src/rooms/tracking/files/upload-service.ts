import { randomBytes } from 'node:crypto';
import { systemActor } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { PartStore } from '../../../platform/objects/index.js';
import type { FileTree, TreeFile } from '../file-types.js';
import { trackingErrors } from '../tracking-errors.js';
import type { UploadRecord, UploadStore } from './file-store.js';
import { judgePath } from './judge-path.js';
import { completionFlaws, partNumberProblem, partsProblem } from './upload-rules.js';
import { attachFile, type FileDeps, refuseWrite } from './write-file.js';

export interface UploadDeps extends FileDeps {
  readonly uploads: UploadStore;
  readonly parts: PartStore;
}

type Uploads = Pick<FileTree, 'beginUpload' | 'putPart' | 'upload' | 'completeUpload' | 'abortUpload'>;

const LIFE_MS = 24 * 3_600_000;
const MAX_OPEN = 10_000;
// Taking a part is nobody's change until the upload is joined, so no event names an actor.
const QUIET: ChangeContext = { actor: systemActor };

/** Uploads in parts. Their ids cannot be guessed: who has one may add parts. */
export function createUploads(deps: UploadDeps): Uploads & { sweepUploads(): Promise<number> } {
  const joining = new Map<string, Promise<TreeFile>>();
  const { db, uploads } = deps;
  return {
    beginUpload: (context, path, parts) => beginUpload(deps, context, { asked: path, parts }),
    putPart: async (uploadId, partNumber, bytes) => {
      if (joining.has(uploadId)) throw closed(uploadId);
      return putPart(deps, { uploadId, partNumber, bytes });
    },
    upload: async (uploadId) => {
      const { path, parts: expected, expiresAtMs } = await openUpload(deps, uploadId);
      return { path, expected, expiresAtMs, parts: await uploads.parts(db, uploadId) };
    },
    completeUpload: (context, uploadId, parts) => {
      // A client that lost patience asks again while the first call is still joining: both get the one answer.
      const running = joining.get(uploadId);
      if (running !== undefined) return running;
      const joined = completeUpload(deps, context, { uploadId, parts }).finally(() => joining.delete(uploadId));
      joining.set(uploadId, joined);
      return joined;
    },
    abortUpload: async (uploadId) => {
      if (joining.has(uploadId)) throw closed(uploadId);
      await forget(deps, uploadId);
    },
    sweepUploads: () => sweepUploads(deps, joining),
  };
}

async function beginUpload(
  deps: UploadDeps,
  context: ChangeContext,
  { asked, parts }: { asked: string; parts: number },
): ReturnType<FileTree['beginUpload']> {
  const path = judgePath(asked);
  refuseParts(partsProblem(parts));
  const createdAtMs = deps.clock.nowMs();
  const upload: UploadRecord = {
    id: randomBytes(16).toString('hex'),
    path,
    parts,
    createdAtMs,
    expiresAtMs: createdAtMs + LIFE_MS,
    result: null,
  };
  await deps.db.transact(context, async (tx) => {
    await refuseWrite(deps, tx, path);
    if ((await deps.uploads.countOpen(tx)) >= MAX_OPEN) {
      throw trackingErrors.TRK_UPLOAD_LIMIT(`${MAX_OPEN} uploads are open.`, { data: { open: MAX_OPEN } });
    }
    await deps.uploads.insert(tx, upload);
  });
  return { uploadId: upload.id, path, parts, expiresAtMs: upload.expiresAtMs };
}

function refuseParts(problem: string | null): void {
  if (problem !== null) throw trackingErrors.TRK_UPLOAD_PARTS_INVALID(`${problem}.`, { data: { problem } });
}

function unknown(uploadId: string) {
  const shown = uploadId.slice(0, 80);
  return trackingErrors.TRK_UPLOAD_NOT_FOUND(`There is no upload ${JSON.stringify(shown)}.`, {
    data: { uploadId: shown },
  });
}

function closed(uploadId: string) {
  return trackingErrors.TRK_UPLOAD_CLOSED(`Upload ${uploadId} is being joined or is complete.`, { data: { uploadId } });
}

async function openUpload({ db, clock, uploads }: UploadDeps, uploadId: string): Promise<UploadRecord> {
  const upload = await uploads.find(db, uploadId);
  if (upload === undefined || upload.expiresAtMs <= clock.nowMs()) throw unknown(uploadId);
  return upload;
}

async function putPart(
  deps: UploadDeps,
  { uploadId, partNumber, bytes }: { uploadId: string; partNumber: number; bytes: AsyncIterable<Uint8Array> },
): ReturnType<FileTree['putPart']> {
  const { db, clock, uploads, parts } = deps;
  const upload = await openUpload(deps, uploadId);
  if (upload.result !== null) throw closed(uploadId);
  refuseParts(partNumberProblem(partNumber, upload.parts));
  const { digest, sizeBytes } = await parts.putPart(uploadId, partNumber, bytes);
  const replaced = await db.transact(QUIET, async (tx) => {
    const now = await uploads.find(tx, uploadId, { lock: true });
    if (now === undefined) return 'gone';
    if (now.result !== null) throw closed(uploadId);
    const former = (await uploads.parts(tx, uploadId)).find((part) => part.partNumber === partNumber);
    await uploads.upsertPart(tx, uploadId, { partNumber, etag: digest, sizeBytes });
    await uploads.setExpiry(tx, uploadId, clock.nowMs() + LIFE_MS);
    return former?.etag;
  });
  if (replaced === 'gone') {
    await parts.drop(uploadId);
    throw unknown(uploadId);
  }
  if (replaced !== undefined && replaced !== digest) await parts.dropPart(uploadId, partNumber, replaced);
  return { etag: digest, sizeBytes };
}

async function completeUpload(
  deps: UploadDeps,
  context: ChangeContext,
  { uploadId, parts: named }: { uploadId: string; parts: readonly { partNumber: number; etag: string }[] },
): Promise<TreeFile> {
  const { db, uploads, parts } = deps;
  const upload = await openUpload(deps, uploadId);
  const { path } = upload;
  const stored = await uploads.parts(db, uploadId);
  const flaws = completionFlaws(upload.parts, stored, named);
  if (flaws !== undefined) {
    throw trackingErrors.TRK_UPLOAD_INCOMPLETE(`Upload ${uploadId} cannot be joined yet.`, {
      data: { uploadId, expected: upload.parts, ...flaws },
    });
  }
  if (upload.result !== null) return { path, ...upload.result };
  await refuseWrite(deps, db, path);
  const ref = await parts.join(
    uploadId,
    stored.map(({ partNumber, etag }) => ({ part: partNumber, digest: etag })),
  );
  const file = await attachFile(deps, context, {
    path,
    ref,
    also: async (tx, { digest, sizeBytes, createdAtMs }) => {
      const now = await uploads.find(tx, uploadId, { lock: true });
      if (now === undefined) throw unknown(uploadId);
      // A part that came while the others were joined is not in the file: its sender is told, and may complete again.
      const late = completionFlaws(upload.parts, await uploads.parts(tx, uploadId), named);
      if (late !== undefined) {
        throw trackingErrors.TRK_UPLOAD_INCOMPLETE(`Parts of upload ${uploadId} changed while it was joined.`, {
          data: { uploadId, expected: upload.parts, ...late },
        });
      }
      await uploads.finish(tx, uploadId, { digest, sizeBytes, createdAtMs });
    },
  });
  await parts.drop(uploadId);
  return file;
}

async function forget({ db, uploads, parts }: UploadDeps, uploadId: string): Promise<void> {
  const there = await db.transact(QUIET, async (tx) => {
    const upload = await uploads.find(tx, uploadId, { lock: true });
    if (upload === undefined) return false;
    if (upload.result !== null) throw closed(uploadId);
    await uploads.remove(tx, uploadId);
    return true;
  });
  if (there) await parts.drop(uploadId);
}

/** Drops uploads whose time is over, and parts that no upload knows of: a killed server left them. Returns how many. */
async function sweepUploads(deps: UploadDeps, joining: ReadonlyMap<string, unknown>): Promise<number> {
  const { db, clock, uploads, parts } = deps;
  const expired = (await uploads.expired(db, clock.nowMs())).filter((id) => !joining.has(id));
  for (const id of expired) {
    await db.transact(QUIET, (tx) => uploads.remove(tx, id));
    await parts.drop(id);
  }
  const kept = await parts.uploads();
  const known = await uploads.known(
    db,
    kept.map(({ upload }) => upload),
  );
  const strays = kept.filter(({ upload, writtenAtMs }) => {
    return !known.has(upload) && writtenAtMs < clock.nowMs() - LIFE_MS;
  });
  for (const { upload } of strays) await parts.drop(upload);
  return expired.length + strays.length;
}
