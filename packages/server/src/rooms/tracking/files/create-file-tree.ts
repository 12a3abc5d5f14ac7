import type { ChangeContext } from '../../../platform/db/index.js';
import type { FileTree, TreeFile } from '../file-types.js';
import { trackingErrors } from '../tracking-errors.js';
import { filesRemoved } from '../tracking-events.js';
import { judgeFolder, judgePath } from './judge-path.js';
import { createUploads, type UploadDeps } from './upload-service.js';
import { attachFile, refuseDeleted, refuseWrite } from './write-file.js';

// What an event says of the removed files one by one; it always says how many there were.
const MAX_LISTED = 1000;

/** The tree of files on one database, one object store and one folder of unfinished uploads. */
export function createFileTree(deps: UploadDeps): FileTree & { sweepUploads(): Promise<number> } {
  const { db, objects, store } = deps;
  return {
    putFile: async (context, asked, bytes) => {
      const path = judgePath(asked);
      await refuseWrite(deps, db, path);
      const ref = bytes instanceof Uint8Array ? await objects.putBytes(bytes) : await objects.putStream(bytes);
      return attachFile(deps, context, { path, ref });
    },
    linkFile: async (context, asked, digest) => {
      const path = judgePath(asked);
      return attachFile(deps, context, { path, ref: { digest, sizeBytes: await objects.keep(digest) } });
    },
    file: (asked) => store.find(db, judgePath(asked)),
    openFile: async (asked, range) => {
      const path = judgePath(asked);
      const file = await store.find(db, path);
      if (file === undefined) {
        throw trackingErrors.TRK_ARTIFACT_NOT_FOUND(`There is no file "${path}".`, { data: { path } });
      }
      return { file, stream: await objects.readStream(file.digest, range) };
    },
    readPieces: (file, range) => objects.readPieces(file.digest, range),
    listFolder: async (asked) => store.entries(db, judgeFolder(asked)),
    filesBelow: async (asked) => store.below(db.longReads, judgeFolder(asked)),
    removeFiles: async (context, asked) => removeFiles(deps, context, judgePath(asked)),
    ...createUploads(deps),
  };
}

async function removeFiles(deps: UploadDeps, context: ChangeContext, path: string): Promise<boolean> {
  const { db, objects, store, owners } = deps;
  const removed = await db.transact(context, async (tx): Promise<readonly TreeFile[]> => {
    await store.lockTop(tx, path);
    const owner = await owners.ownerOf(tx, path);
    if (owner !== undefined) refuseDeleted(owner);
    const files = await store.remove(tx, path);
    if (files.length > 0) {
      const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      const before = { files: files.slice(0, MAX_LISTED) };
      tx.record(filesRemoved.of({ kind: 'file', id: path }, { path, files: files.length, sizeBytes }, { before }));
    }
    return files;
  });
  // Their time of grace begins now: somebody may be about to refer to what the path has just shown.
  const keep = (digest: string) => objects.keep(digest).catch(() => undefined);
  for (const digest of new Set(removed.map((file) => file.digest))) await keep(digest);
  return removed.length > 0;
}
