import type { Readable } from 'node:stream';

/** The address of stored bytes. Equal bytes have equal refs. */
export interface ObjectRef {
  /** sha256 of the bytes, 64 lower-case hexadecimal digits. */
  readonly digest: string;
  readonly sizeBytes: number;
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
  /** Destroy the stream when it is not read to its end. @throws OBJ_NOT_FOUND */
  readStream(digest: string): Promise<Readable>;
  /** The read-only file behind an object, for libraries that open files themselves. @throws OBJ_NOT_FOUND */
  localPath(digest: string): Promise<string>;
  /** Hashes the stored bytes again. @throws OBJ_CORRUPT, OBJ_NOT_FOUND */
  verify(digest: string): Promise<void>;
  /** A path that does not exist yet, on the store's own volume. Write it, then `putFile(path, { move: true })`. */
  stagingPath(suffix?: `.${string}`): Promise<string>;
  /** Removes what killed processes left in staging and nobody touched for `olderThanMs`; returns how many. */
  sweepStaging(olderThanMs: number): Promise<number>;
}
