import type { Readable } from 'node:stream';

/** The address of stored bytes. Equal bytes have equal refs. */
export interface ObjectRef {
  /** sha256 of the bytes, 64 lower-case hexadecimal digits. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Bytes from `start` up to but not including `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Parts of uploads that are under way: they outlive the process that took them, until they are joined or dropped. An upload
 * is named by up to 64 lower-case hexadecimal digits, so that no caller's text becomes a path.
 */
export interface PartStore {
  /** A part is there whole or not at all. @throws OBJ_WRITE_FAILED, OBJ_TOO_LARGE, or what the source throws */
  putPart(
    upload: string,
    part: number,
    source: AsyncIterable<Uint8Array>,
    options?: { maxBytes?: number },
  ): Promise<ObjectRef>;
  /** Forgets one part, for example one that another has replaced. */
  dropPart(upload: string, part: number, digest: string): Promise<void>;
  /** The parts one after the other as one object; memory stays flat. @throws OBJ_NOT_FOUND, OBJ_WRITE_FAILED */
  join(upload: string, parts: readonly { part: number; digest: string }[]): Promise<ObjectRef>;
  drop(upload: string): Promise<void>;
  /** The uploads that have parts here, with the time of the last one. */
  uploads(): Promise<readonly { upload: string; writtenAtMs: number }[]>;
}

export interface StoredObject extends ObjectRef {
  /** When it was last written, named again or kept. */
  readonly touchedAtMs: number;
}

const DIGEST = /^[0-9a-f]{64}$/;

/** True for 64 lower-case hexadecimal digits. */
export function isDigest(value: string): boolean {
  return DIGEST.test(value);
}

/**
 * Immutable bytes addressed by their sha256. An object is either there whole or not at all, whatever was killed when.
 * Every method that takes a digest throws OBJ_BAD_DIGEST for anything else, so no caller's text becomes a path.
 */
export interface ObjectStore {
  /** @throws OBJ_WRITE_FAILED */
  putBytes(bytes: Uint8Array): Promise<ObjectRef>;
  /** Hashes while it writes; memory stays flat. A failed source leaves nothing. @throws OBJ_TOO_LARGE, OBJ_WRITE_FAILED, or what the source throws */
  putStream(source: AsyncIterable<Uint8Array>, options?: { maxBytes?: number }): Promise<ObjectRef>;
  /**
   * Stores a file. `move` gives the file away: it is renamed when it is on the same volume (see {@link stagingPath}).
   *
   * @throws OBJ_SOURCE_UNREADABLE, OBJ_WRITE_FAILED
   */
  putFile(path: string, options?: { move?: boolean }): Promise<ObjectRef>;
  has(digest: string): Promise<boolean>;
  /** @throws OBJ_NOT_FOUND */
  sizeOf(digest: string): Promise<number>;
  /** The whole object in memory. @throws OBJ_NOT_FOUND */
  readBytes(digest: string): Promise<Uint8Array>;
  /** Destroy the stream when it is not read to its end. `range` is half-open, in bytes. @throws OBJ_NOT_FOUND */
  readStream(digest: string, range?: ByteRange): Promise<Readable>;
  /**
   * The fastest way out: pieces in memory that is used again, each good only until the next is asked for. Begin to read what
   * was opened, or it stays open. `range` is half-open, in bytes. @throws OBJ_NOT_FOUND
   */
  readPieces(digest: string, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;
  /** Says that somebody is about to refer to an object, so that it is not taken for garbage; gives its size. @throws OBJ_NOT_FOUND */
  keep(digest: string): Promise<number>;
  /** Everything that is stored. */
  list(): AsyncIterable<StoredObject>;
  /** False when it was touched since, or is not there: then nothing is removed. Only for what nobody holds. */
  remove(digest: string, options: { untouchedSinceMs: number }): Promise<boolean>;
  /** The read-only file behind an object, for libraries that open files themselves. @throws OBJ_NOT_FOUND */
  localPath(digest: string): Promise<string>;
  /** Hashes the stored bytes again. @throws OBJ_CORRUPT, OBJ_NOT_FOUND */
  verify(digest: string): Promise<void>;
  /** A path that does not exist yet, on the store's own volume. Write it, then `putFile(path, { move: true })`. */
  stagingPath(suffix?: `.${string}`): Promise<string>;
  /** Uploads that come in parts, on the same volume. */
  readonly parts: PartStore;
  /** At the start of a process: removes what killed ones left in staging and nobody touched for `olderThanMs`; returns how many. */
  sweepStaging(olderThanMs: number): Promise<number>;
}
