import type { Reader } from '../../../platform/db/index.js';
import type { TreeEntry, TreeFile, UploadPart } from '../file-types.js';

/** The tree as a table of paths. Paths are canonical and judged before they come here; "" is the root. */
export interface FileStore {
  /** Writers below one top folder wait for each other until the transaction ends, so that no clash slips in between. */
  lockTop(tx: Reader, path: string): Promise<void>;
  find(reader: Reader, path: string): Promise<TreeFile | undefined>;
  /** A file where the path needs a folder, or any file below the path. */
  clash(reader: Reader, path: string): Promise<string | undefined>;
  upsert(tx: Reader, file: TreeFile): Promise<void>;
  entries(reader: Reader, folder: string): Promise<TreeEntry[]>;
  below(reader: Reader, folder: string): Promise<TreeFile[]>;
  /** The file at the path and everything below it; gives what was removed. */
  remove(tx: Reader, path: string): Promise<TreeFile[]>;
}

/** Whose files a path is among. */
export interface FileOwner {
  readonly kind: 'run' | 'logged-model';
  readonly id: string;
  /** The owner's folder in the tree, without a slash at the end. */
  readonly root: string;
  readonly deleted: boolean;
  /** Removed for good: nothing can bring it back. */
  readonly purged?: true;
}

export interface FileOwners {
  ownerOf(reader: Reader, path: string): Promise<FileOwner | undefined>;
}

export interface UploadRecord {
  readonly id: string;
  readonly path: string;
  readonly parts: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** What it became; null while it is open. */
  readonly result: { readonly digest: string; readonly sizeBytes: number; readonly createdAtMs: number } | null;
}

export interface UploadStore {
  insert(tx: Reader, upload: UploadRecord): Promise<void>;
  /** `lock` keeps the row until the transaction ends. */
  find(reader: Reader, id: string, options?: { lock: boolean }): Promise<UploadRecord | undefined>;
  countOpen(reader: Reader): Promise<number>;
  parts(reader: Reader, id: string): Promise<UploadPart[]>;
  upsertPart(tx: Reader, id: string, part: UploadPart): Promise<void>;
  setExpiry(tx: Reader, id: string, expiresAtMs: number): Promise<void>;
  finish(tx: Reader, id: string, result: NonNullable<UploadRecord['result']>): Promise<void>;
  remove(tx: Reader, id: string): Promise<void>;
  expired(reader: Reader, nowMs: number): Promise<string[]>;
  /** Which of these are there. */
  known(reader: Reader, ids: readonly string[]): Promise<Set<string>>;
}
