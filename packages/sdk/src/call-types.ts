import type { OperationId } from './operations.js';

/** Anything that can be sent as bytes. Streams are sent piece by piece and never held whole. */
export type ByteSource = Uint8Array | string | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

export type QueryValue = string | number | boolean | undefined;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Limit of the whole request; absent: the client's. */
  readonly timeoutMs?: number;
}

export interface CallInput extends CallOptions {
  /** Values of the path; `*` keeps its slashes. */
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly bytes?: ByteSource;
}

/** A file on its way down. Read `stream` to its end or cancel it. */
export interface Download {
  readonly stream: ReadableStream<Uint8Array>;
  readonly sizeBytes: number | null;
  readonly contentType: string;
  /** sha256 when the server said it. */
  readonly digest: string | null;
}

/** Sends one operation. */
export interface Transport {
  readonly url: string;
  /** The JSON of the answer; undefined for an empty one. */
  json<T>(operation: OperationId, input?: CallInput): Promise<T>;
  text(operation: OperationId, input?: CallInput): Promise<string>;
  download(operation: OperationId, input?: CallInput): Promise<Download>;
}

export interface List<T> {
  readonly items: T[];
}

/** A page of a list; null: it was the last. */
export interface Page<T> extends List<T> {
  readonly nextPageToken: string | null;
}

export interface WaitOptions<T> {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Called with each state that was seen. */
  readonly onProgress?: (state: T) => void;
}
