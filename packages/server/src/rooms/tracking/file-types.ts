import type { Readable } from 'node:stream';
import type { ChangeContext } from '../../platform/db/index.js';
import type { ByteRange } from '../../platform/objects/index.js';

/** A file of the tree: its path below the root of all, e.g. `0/RUN/artifacts/model/MLmodel`; bytes in the object store. */
export interface TreeFile {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
}

export interface TreeEntry {
  /** Last part of the path. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number | null;
}

export interface UploadPart {
  /** From 1 to the number of parts. */
  readonly partNumber: number;
  /** sha256 of the part. */
  readonly etag: string;
  readonly sizeBytes: number;
}

/**
 * The files of all runs and logged models. Equal bytes are kept once.
 *
 * One resolver judges every path, decoded to its end, before it is used, and the judged path is the
 * one used (artifact-path-rules.ts). Paths are keys of a table and never names of files on the server.
 */
export interface FileTree {
  /** Replaces what was there. @throws TRK_ARTIFACT_PATH_INVALID, TRK_ARTIFACT_PATH_TAKEN, TRK_RUN_DELETED */
  putFile(context: ChangeContext, path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>): Promise<TreeFile>;
  /** Attaches an object that is already stored. */
  linkFile(context: ChangeContext, path: string, digest: string): Promise<TreeFile>;
  /** Undefined when there is no such file. */
  file(path: string): Promise<TreeFile | undefined>;
  /** `range` is half-open, in bytes. @throws TRK_ARTIFACT_NOT_FOUND */
  openFile(path: string, range?: ByteRange): Promise<{ file: TreeFile; stream: Readable }>;
  /** The bytes of a file that was found, as {@link ObjectStore.readPieces} gives them. */
  readPieces(file: TreeFile, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** The folder's own entries by name; empty for a file or nothing. "" is the root. */
  listFolder(path: string): Promise<readonly TreeEntry[]>;
  /** Everything below, by path. */
  filesBelow(path: string): Promise<readonly TreeFile[]>;
  /** A file, or a folder with everything in it; the root cannot be. False when nothing was there. */
  removeFiles(context: ChangeContext, path: string): Promise<boolean>;
  /**
   * An upload in parts, which survives the death of the server and of the client; a day after its last part it is dropped.
   *
   * @throws what putFile throws, TRK_UPLOAD_PARTS_INVALID, TRK_UPLOAD_LIMIT
   */
  beginUpload(
    context: ChangeContext,
    path: string,
    parts: number,
  ): Promise<{ uploadId: string; path: string; parts: number; expiresAtMs: number }>;
  /** A part again replaces it. Gives the sha256 of the part, its ETag. @throws TRK_UPLOAD_NOT_FOUND, TRK_UPLOAD_CLOSED, TRK_UPLOAD_PARTS_INVALID */
  putPart(
    uploadId: string,
    partNumber: number,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<{ etag: string; sizeBytes: number }>;
  /** Which parts are there: how an interrupted upload goes on. @throws TRK_UPLOAD_NOT_FOUND */
  upload(
    uploadId: string,
  ): Promise<{ path: string; expected: number; expiresAtMs: number; parts: readonly UploadPart[] }>;
  /**
   * Joins the parts; the same call again gives the same file. Every part from 1 to the last must be named, in order.
   *
   * @throws TRK_UPLOAD_INCOMPLETE, TRK_UPLOAD_NOT_FOUND, and what putFile throws
   */
  completeUpload(
    context: ChangeContext,
    uploadId: string,
    parts: readonly { partNumber: number; etag: string }[],
  ): Promise<TreeFile>;
  /** Forgets the parts. An upload that is not there is as good as aborted. @throws TRK_UPLOAD_CLOSED */
  abortUpload(uploadId: string): Promise<void>;
}
