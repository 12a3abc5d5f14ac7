import type { Table } from '@fairlead/frame';
import type { Change } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';

/** Logical types of a column. `timestamp` is milliseconds since the epoch, UTC; `integer` is stored as float64. */
export type ColumnType = 'number' | 'integer' | 'boolean' | 'string' | 'timestamp';

/** The contract of one column; a row that breaks it goes to quarantine with the reason. */
export interface ColumnSpec {
  readonly type: ColumnType;
  /** Name in the source when it differs. */
  readonly from?: string;
  /** A missing value is a violation. Default false. */
  readonly required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly (string | number | boolean)[];
  /** Regular expression (RE2) the whole text must match. */
  readonly pattern?: string;
  readonly unit?: string;
  readonly description?: string;
}

export type SourceFormat = 'csv' | 'jsonl' | 'parquet';

export interface SourceSpec {
  /** A file, a folder (all its files of the format, by name), or an http(s) address. Relative to the project file. */
  readonly path: string;
  readonly format?: SourceFormat;
  /** Absent: the schema is inferred from the first delivery and fixed by it. */
  readonly columns?: Readonly<Record<string, ColumnSpec>>;
  /** SQL condition over the source's columns: which rows this source takes. */
  readonly where?: string;
  /** Extra columns: name → SQL expression over the contract's columns of the same row. */
  readonly derive?: Readonly<Record<string, string>>;
}

/** A rule over whole rows or the whole delivery. `row` rules quarantine rows, `table` rules refuse the delivery. */
export type CheckSpec =
  | { readonly name: string; readonly kind: 'row'; readonly sql: string }
  | { readonly name: string; readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly name: string; readonly kind: 'row-count'; readonly min?: number; readonly max?: number }
  | { readonly name: string; readonly kind: 'table'; readonly sql: string };

/** What becomes known only later: the value of `of` for the same entity, `horizonMs` after the row's time. */
export interface LabelSpec {
  readonly name: string;
  readonly of: string;
  readonly horizonMs: number;
}

export interface DatasetSpec {
  readonly source: SourceSpec;
  readonly description?: string;
  readonly time?: string;
  readonly entity?: readonly string[];
  readonly checks?: readonly CheckSpec[];
  /** Share of rejected rows beyond which the whole delivery is refused. Default 0.05. */
  readonly maxRejectedRatio?: number;
  readonly label?: LabelSpec;
}

export interface Dataset {
  readonly name: string;
  readonly spec: DatasetSpec;
  /** sha256 of what the spec demands of the data: everything but the place it comes from and its description. */
  readonly contractDigest: string;
  /** The columns proposed from the first delivery when the spec declares none; null until then. */
  readonly inferredColumns: Readonly<Record<string, ColumnSpec>> | null;
  /** What `latest` means: the version of the last delivery that was accepted or already known. */
  readonly latestVersionId: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface VersionFile {
  readonly digest: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly deliveryId: string;
}

/** An immutable state of a dataset: a list of Parquet files with one schema. */
export interface DatasetVersion {
  /** The digest of the manifest: same bytes under the same contract → same id. */
  readonly id: string;
  readonly dataset: string;
  /** 1, 2, 3 … within the dataset. */
  readonly number: number;
  readonly rows: number;
  readonly files: readonly VersionFile[];
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly contractDigest: string;
  readonly label: LabelSpec | null;
  readonly time: string | null;
  readonly entity: readonly string[];
  readonly parentId: string | null;
  readonly createdAtMs: number;
}

export interface CheckResult {
  readonly name: string;
  readonly verdict: 'pass' | 'fail';
  /** Rows that broke it; 0 for table rules that hold. */
  readonly failedRows: number;
  readonly observed: string;
  readonly expected: string;
}

/** One arrival of data, accepted or not. Nothing of it is dropped: what is not in the version is in quarantine. */
export interface Delivery {
  readonly id: string;
  readonly dataset: string;
  readonly outcome: 'accepted' | 'unchanged' | 'refused';
  readonly source: string;
  readonly sourceDigest: string;
  /** acceptedRows + rejectedRows. */
  readonly receivedRows: number;
  readonly acceptedRows: number;
  /** Rows in quarantine. Of a refused delivery these are all rows; those without a fault carry DELIVERY_REFUSED. */
  readonly rejectedRows: number;
  /** Rows that broke the contract themselves. */
  readonly faultyRows: number;
  /** Rows of the source that its `where` leaves out. */
  readonly skippedRows: number;
  /** Columns of the source that the contract does not name. */
  readonly ignoredColumns: readonly string[];
  /** The files of the delivery as they came, by name, and the object that keeps their bytes. */
  readonly sourceFiles: readonly { readonly name: string; readonly digest: string; readonly sizeBytes: number }[];
  /** Reason code → number of rows with it. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly checks: readonly CheckResult[];
  /** Object digest of the quarantine file (JSON lines), or null when nothing was rejected. */
  readonly quarantineDigest: string | null;
  readonly versionId: string | null;
  readonly receivedAtMs: number;
}

export interface QuarantinedRow {
  /** 1-based line or row number in the source. */
  readonly line: number;
  readonly file: string;
  readonly reasons: readonly { readonly code: string; readonly column: string | null; readonly message: string }[];
  readonly raw: string;
}

export interface IngestRequest {
  readonly dataset: string;
  /** Another place than the declared one, for example a second delivery. */
  readonly source?: { readonly path?: string; readonly where?: string; readonly format?: SourceFormat };
  /** `append` adds to the latest version, `replace` starts anew. Default replace. */
  readonly mode?: 'append' | 'replace';
  /** Makes a retry harmless: a delivery with this id that is already recorded is returned as it stands. */
  readonly deliveryId?: string;
}

export interface IngestResult {
  readonly delivery: Delivery;
  readonly version: DatasetVersion | null;
}

/** What the kept bytes of a version's last delivery give when they are judged once more. */
export interface RejudgedVersion {
  /** The id that the version would get; null when there would be none. */
  readonly versionId: string | null;
  /** What decides that and is not as it was, in words. */
  readonly changed: readonly string[];
}

export type SplitSpec =
  | {
      readonly by: 'time';
      /** Part name → half-open range of times, ISO 8601 or epoch ms; open ends allowed. */
      readonly parts: Readonly<Record<string, { readonly from?: string; readonly until?: string }>>;
      /**
       * Rows whose label is observed inside or after a later part: their truth would carry that part's state into
       * training. Default `exclude`: they are left out.
       */
      readonly labelOverlap?: 'exclude' | 'allow';
    }
  | { readonly by: 'random'; readonly parts: Readonly<Record<string, number>>; readonly seed: number }
  | {
      readonly by: 'group';
      readonly column: string;
      readonly parts: Readonly<Record<string, number>>;
      readonly seed: number;
    };

export interface SplitPart {
  readonly name: string;
  readonly rows: number;
  /** sha256 over the sorted row ids of the part, one per line. */
  readonly rowIdDigest: string;
  /** Object digest of the Parquet file with the part's rows (label included, rows without a label left out). */
  readonly fileDigest: string;
}

export interface Split {
  readonly id: string;
  readonly versionId: string;
  readonly spec: SplitSpec;
  readonly parts: readonly SplitPart[];
  /** Rows in no part: no label yet, or outside every range. */
  readonly unusedRows: number;
  /** Why rows are in no part; sums to unusedRows. */
  readonly unused: { readonly noLabel: number; readonly outside: number; readonly labelOverlap: number };
  readonly createdAtMs: number;
}

export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (ratio: number, message: string) => void;
}

export interface DataService {
  /** Declares or changes a dataset; no effect and no event when equal. */
  declare(
    context: ChangeContext,
    name: string,
    spec: DatasetSpec,
  ): Promise<{ dataset: Dataset; change: Change | null }>;
  list(): Promise<Dataset[]>;
  get(name: string): Promise<Dataset>;
  /** Throws what {@link ingest} would throw for a source that cannot be had at all; reads nothing of it. */
  checkSource(request: IngestRequest): Promise<void>;
  ingest(context: ChangeContext, request: IngestRequest, options?: WorkOptions): Promise<IngestResult>;
  /** `ref` is a version id, a number, or `latest`. */
  version(dataset: string, ref: string | number): Promise<DatasetVersion>;
  versionById(id: string): Promise<DatasetVersion>;
  versions(dataset: string): Promise<DatasetVersion[]>;
  /** Newest first. */
  deliveries(dataset: string): Promise<Delivery[]>;
  delivery(id: string): Promise<Delivery>;
  quarantine(deliveryId: string, page: { limit: number; offset: number }): Promise<QuarantinedRow[]>;
  split(context: ChangeContext, versionId: string, spec: SplitSpec): Promise<Split>;
  splitById(id: string): Promise<Split>;
  /** Judges the last delivery of a version again from its kept bytes; `where` as it was asked for then. Records nothing. */
  rejudge(request: { versionId: string; where?: string | undefined }, options?: WorkOptions): Promise<RejudgedVersion>;
  /** Parts the version of a split again after checking its bytes; records nothing. @throws DATA_SPLIT_NOT_FOUND, OBJ_CORRUPT, OBJ_NOT_FOUND */
  resplit(splitId: string): Promise<{ before: Split; after: Pick<Split, 'id' | 'parts'> }>;
  /** Rows of a version with the label column (missing where the truth is not known yet). */
  readVersion(
    versionId: string,
    options?: { columns?: readonly string[]; where?: string; limit?: number },
  ): Promise<Table>;
  /** Rows of one part of a split, in time order where the dataset has a time. */
  readPart(splitId: string, part: string): Promise<Table>;
  /** Splits of a version, newest first. */
  splits(versionId: string): Promise<Split[]>;
  /** Stores bytes as they come; a source path `object:<digest>` then names them. */
  upload(bytes: AsyncIterable<Uint8Array>): Promise<{ digest: string; sizeBytes: number }>;
  /** The profile of a version or of one part of a split, computed once and stored. */
  profile(of: { versionId: string } | { splitId: string; part: string }): Promise<unknown>;
}
