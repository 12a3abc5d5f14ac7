import type { Clock } from '@fairlead/kernel';
import type { ChangeContext, Db, Reader, Tx } from '../../../platform/db/index.js';
import type { ObjectRef, ObjectStore } from '../../../platform/objects/index.js';
import type { TreeFile } from '../file-types.js';
import { refusePurged } from '../run-service.js';
import { trackingErrors } from '../tracking-errors.js';
import { artifactPut, filePut } from '../tracking-events.js';
import type { FileOwner, FileOwners, FileStore } from './file-store.js';

export interface FileDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly objects: ObjectStore;
  readonly store: FileStore;
  readonly owners: FileOwners;
}

/**
 * Whether a file may be written at the path; also asked before an upload, so that a mistake does not cost a transfer of
 * gigabytes. Throws TRK_RUN_DELETED, TRK_MODEL_DELETED, TRK_ARTIFACT_PATH_TAKEN.
 */
export async function refuseWrite({ store, owners }: FileDeps, reader: Reader, path: string) {
  const owner = await owners.ownerOf(reader, path);
  if (owner !== undefined) refuseDeleted(owner);
  const clash = await store.clash(reader, path);
  if (clash === undefined) return owner;
  throw trackingErrors.TRK_ARTIFACT_PATH_TAKEN(`"${path}" does not fit beside "${clash}".`, {
    data: { path, other: clash },
  });
}

/** Throws TRK_RUN_DELETED, TRK_RUN_PURGED, TRK_MODEL_DELETED. */
export function refuseDeleted({ kind, id, deleted, purged }: FileOwner): void {
  if (!deleted) return;
  if (purged && kind === 'run') refusePurged(id);
  if (kind === 'run') throw trackingErrors.TRK_RUN_DELETED(`Run ${id} is deleted.`, { data: { runId: id } });
  throw trackingErrors.TRK_MODEL_DELETED(`Logged model ${id} is deleted.`, { data: { modelId: id } });
}

/** Points a judged path to stored bytes. `also` runs in the same transaction. */
export function attachFile(
  deps: FileDeps,
  context: ChangeContext,
  { path, ref, also }: { path: string; ref: ObjectRef; also?: (tx: Tx & Reader, file: TreeFile) => Promise<void> },
): Promise<TreeFile> {
  const { db, clock, store } = deps;
  return db.transact(context, async (tx) => {
    await store.lockTop(tx, path);
    const owner = await refuseWrite(deps, tx, path);
    const before = await store.find(tx, path);
    const same = before?.digest === ref.digest;
    const file = same ? before : { path, digest: ref.digest, sizeBytes: ref.sizeBytes, createdAtMs: clock.nowMs() };
    if (!same) {
      await store.upsert(tx, file);
      tx.record(putEvent(file, before, owner));
    }
    await also?.(tx, file);
    return file;
  });
}

function putEvent(file: TreeFile, before: TreeFile | undefined, owner: FileOwner | undefined) {
  const { digest, sizeBytes } = file;
  const change = { ...(before === undefined ? {} : { before }), after: file };
  if (owner?.kind !== 'run') {
    return filePut.of({ kind: 'file', id: file.path }, { path: file.path, digest, sizeBytes }, change);
  }
  const path = file.path.slice(owner.root.length + 1);
  return artifactPut.of({ kind: 'run', id: owner.id }, { runId: owner.id, path, digest, sizeBytes }, change);
}
