import type { ModelSignature } from '../../training/index.js';
import type { BackendRules, DeploymentConfiguration } from '../backends/configuration-types.js';

export type BatchFormat = 'parquet' | 'csv' | 'jsonl';

/** What somebody asks for: every row of a file answered by an endpoint or by a model version. Exactly one of the two is named. */
export interface BatchRequest {
  readonly endpoint?: string;
  /** Of the endpoint. Default production. */
  readonly environment?: string;
  /** `rain@3`, `rain@champion`, or `rain` for the newest version. */
  readonly model?: string;
  /** Absolute. */
  readonly input: string;
  /** Absolute; Parquet. */
  readonly output: string;
  /** Of the input; default by its name. */
  readonly format?: BatchFormat;
  /** Columns of the input that are written before the answers. */
  readonly keep?: readonly string[];
  /** More rows without an answer than this end the batch. Absent: any number. */
  readonly maxErrors?: number;
}

/** The version that answers all rows, decided once, at the start. */
export interface BatchTarget {
  readonly model: string;
  readonly version: number;
  /** sha256 of the model file. */
  readonly digest: string;
  /** Null when the version was named and not an endpoint. */
  readonly endpoint: string | null;
  readonly environment: string | null;
  readonly deploymentId: string | null;
}

/** Everything that scoring a file needs, and nothing that cannot be sent to another process. */
export interface BatchPlan {
  readonly request: BatchRequest;
  readonly target: BatchTarget;
  readonly signature: ModelSignature;
  readonly configuration: DeploymentConfiguration;
  readonly modelPath: string;
  /** Of a model that is a folder: where its files are, by digest. */
  readonly filePaths?: Readonly<Record<string, string>>;
  readonly backendRules: BackendRules;
  /** Default: the cores. */
  readonly threads?: number;
  /** Rows that are written, and lost by a kill, together; a multiple of 8192. Default: four row groups of the engine. */
  readonly partRows?: number;
}

export interface BatchResult {
  readonly output: string;
  /** sha256 of the output. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly rows: number;
  /** Rows whose answer is null; one line each in the side file. */
  readonly errorRows: number;
  /** Null when there is none. */
  readonly errorsPath: string | null;
  /** Rows that an earlier run had answered. */
  readonly resumedRows: number;
  readonly columns: readonly string[];
  /** Cells of this run that were answered although training never saw their like, by column. */
  readonly unusualCells: Readonly<Record<string, number>>;
}

export interface BatchWork {
  readonly signal?: AbortSignal;
  readonly progress?: (rows: number, ofRows: number) => void;
}

/** Why one row has no answer. */
export interface RowIssue {
  /** From 0, in the input. */
  readonly row: number;
  /** '' where it is not a single column's fault. */
  readonly column: string;
  readonly code: string;
  readonly reason: string;
}
