import type { ColumnKind } from '@fairlead/frame';
import type { Lake } from '../../../platform/lake/index.js';
import type { CapturedRow, CaptureQuery } from '../serving-types.js';

/** Input columns that get a typed column of their own beside the JSON text. */
export type InputKinds = Readonly<Record<string, Extract<ColumnKind, 'float64' | 'boolean' | 'string'>>>;

/** Rows of one or several requests to one deployment. `kinds` come from its signature. */
export interface CaptureBatch {
  readonly endpoint: string;
  readonly deploymentId: string;
  readonly kinds: InputKinds;
  /** How many rows the text has. */
  readonly rows: number;
  /** Of the rows that truth may come for, which leaves copies to shadows out. */
  readonly ids: readonly string[];
  /** A line of JSON per row, a {@link CapturedRow} each. */
  readonly text: string;
}

/** A captured row with its place: segments and the lines in them follow the order of arrival. */
export interface PlacedRow {
  readonly row: CapturedRow;
  readonly segment: string;
  readonly line: number;
}

/** What capture needs of platform/lake. */
export type CaptureLake = Pick<Lake, 'exportParquet' | 'query'>;

/**
 * The prediction log. Rows go to an append-only file per endpoint and from there to Parquet objects; both are read as one.
 * `async`: the answer does not wait, rows beyond the bound are dropped and counted. `sync`: the answer waits for the append,
 * so what was acknowledged survives the death of the process.
 */
export interface CaptureLog {
  /** Resolves at once in mode `async`. @throws SRV_CAPTURE_FAILED in mode `sync` */
  append(batch: CaptureBatch): Promise<void>;
  /** Oldest first. */
  captured(query: CaptureQuery): Promise<CapturedRow[]>;
  /** True for the ids captured last in this process; false says nothing. */
  isRecent(endpoint: string, id: string): boolean;
  /** Takes over what a former process left behind; compacting it goes on in the background. */
  recover(): Promise<void>;
  /** Everything that is waiting goes to disk and from there to Parquet. */
  flush(): Promise<void>;
  /** Everything that is waiting goes to disk; no more is taken. */
  close(): Promise<void>;
}

export interface CaptureOptions {
  /** Folder of the open segments, one folder per endpoint in it. */
  readonly folder: string;
  readonly mode?: 'async' | 'sync';
  /** Bytes that may wait in memory per endpoint. Default 16 MiB. */
  readonly maxBufferedBytes?: number;
  /** A segment is compacted when it is so large (default 4 MiB) … */
  readonly compactBytes?: number;
  /** … or so old (default one minute). */
  readonly compactAfterMs?: number;
  /** Pause after a failed append before the next attempt. Default 1 s. */
  readonly retryMs?: number;
  readonly onDropped?: (endpoint: string, rows: number) => void;
  readonly onError?: (error: unknown, message: string) => void;
}
