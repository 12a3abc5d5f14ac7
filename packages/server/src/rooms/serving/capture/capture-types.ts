import type { ColumnKind } from '@fairlead/frame';
import type { Lake } from '../../../platform/lake/index.js';
import type { DecodedRow } from '../predict/output-decoder.js';
import type { CapturedRow, CaptureQuery, PredictRequest } from '../serving-types.js';

/** Input columns that get a typed column of their own. */
export type InputKinds = Readonly<Record<string, Extract<ColumnKind, 'float64' | 'boolean' | 'string'>>>;

/** What all rows that one deployment answered have in common. `kinds` come from its signature. */
export interface CaptureSource
  extends Pick<CapturedRow, 'endpoint' | 'environment' | 'deploymentId' | 'model' | 'version'> {
  readonly kinds: InputKinds;
}

/** What the rows of one answer have in common. */
export type AnswerFacts = Pick<
  CapturedRow,
  'atMs' | 'shadow' | 'routeReason' | 'latencyMs' | 'queueMs' | 'computeMs' | 'propensity' | 'status' | 'errorCode'
>;

/** A request as one deployment answered or refused it. */
export interface CaptureEntry {
  readonly source: CaptureSource;
  readonly request: Pick<PredictRequest, 'requestId' | 'consumer' | 'input'>;
  readonly facts: AnswerFacts;
  /** Of a request that was refused none. */
  readonly decoded: readonly Pick<DecodedRow, 'label' | 'probabilities'>[];
  /** How many of the request's rows are captured, the first ones. */
  readonly rows: number;
}

/** A captured row with its place: segments and the lines in them follow the order of arrival. */
export interface PlacedRow {
  readonly row: CapturedRow;
  readonly segment: string;
  readonly line: number;
}

/** An append-only file of captured rows. */
export interface SegmentFile {
  readonly endpoint: string;
  readonly id: string;
  readonly path: string;
}

/** What of an endpoint's prediction log waits on disk to become Parquet. */
export interface Waiting {
  readonly segments: number;
  readonly bytes: number;
}

/** What capture needs of platform/lake. */
export type CaptureLake = Pick<Lake, 'query'>;

/** The side of the prediction log where rows come in; in serving processes there is no other. */
export interface CaptureWriter {
  /** Resolves at once in mode `async`. @throws SRV_CAPTURE_FAILED in mode `sync` */
  append(entry: CaptureEntry): Promise<void>;
  /** What was appended so far is on disk, or waits for the next attempt after a failure. */
  flush(): Promise<void>;
  /** As flush, and no segment grows any more. */
  seal(): Promise<void>;
  /** As seal; no more is taken. */
  close(): Promise<void>;
  /** Whether so much of an endpoint waits to become Parquet that its rows are dropped and, in mode `sync`, refused. */
  setFull(endpoint: string, isFull: boolean): void;
}

/**
 * The prediction log. Rows go to append-only files, segments, one at a time per endpoint and process, and from there to Parquet
 * objects; both are read as one.
 * `async`: the answer does not wait, rows beyond the bounds are dropped and counted. `sync`: the answer waits for the append,
 * so what was acknowledged survives the death of the process, and is refused beyond the bounds, of which one is its time: what comes to be
 * written after that says that it was refused.
 */
export interface CaptureLog extends Pick<CaptureWriter, 'append'> {
  /** Oldest first. What other processes have not flushed is not seen. */
  captured(query: CaptureQuery): Promise<CapturedRow[]>;
  /** Those of the ids that are among the rows captured last; of the others nothing is said. */
  recent(endpoint: string, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Takes over what a former process left behind; compacting it goes on in the background. */
  recover(): Promise<void>;
  /** Another process, `owner`, begins or ends a segment. */
  opened(owner: number, segment: Pick<SegmentFile, 'endpoint' | 'id'>): void;
  sealed(owner: number, segment: Pick<SegmentFile, 'endpoint' | 'id'>): void;
  /** It is gone: its segments will not grow any more. */
  lost(owner: number): void;
  /** Endpoints whose rows are not taken, as too much of them waits to become Parquet; other processes are told by `onFull`. */
  full(): readonly string[];
  /** Everything that is waiting here goes to disk, and what is sealed to Parquet. */
  flush(): Promise<void>;
  /** Everything that is waiting goes to disk, and to Parquet unless that is behind; no more is taken. */
  close(): Promise<void>;
}

export interface CaptureOptions {
  /** Folder of the segments, one folder per endpoint in it. */
  readonly folder: string;
  readonly mode?: 'async' | 'sync';
  /** In mode `sync`, how long an answer waits for its append. Default 10 s. */
  readonly timeoutMs?: number;
  /** Bytes that may wait in memory per endpoint. Default 16 MiB. */
  readonly maxBufferedBytes?: number;
  /** A segment is compacted when it is so large (default 4 MiB) … */
  readonly compactBytes?: number;
  /** … or so old (default one minute). So long after a failure compaction is tried again, too. */
  readonly compactAfterMs?: number;
  /** Bytes of one endpoint that may wait on disk to become Parquet. Default 1 GiB. */
  readonly maxWaitingBytes?: number;
  /** Pause after a failed append before the next attempt. Default 1 s. */
  readonly retryMs?: number;
  readonly onDropped?: (endpoint: string, rows: number) => void;
  readonly onWaiting?: (endpoint: string, waiting: Waiting) => void;
  readonly onFull?: (endpoint: string, isFull: boolean) => void;
  readonly onError?: (error: unknown, message: string) => void;
}
