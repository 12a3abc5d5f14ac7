import type { Table } from '@fairlead/frame';
import { profileTable, type TableProfile } from '@fairlead/num';
import type { Lake } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { VersionColumn } from './check-contract.js';
import { findSpecProblems } from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { CheckResult, DatasetSpec, QuarantinedRow, SourceFormat, WorkOptions } from './data-types.js';
import type { ColumnGaps, GapPolicy } from './gap-rules.js';
import { type JudgedSource, judgeSource } from './judge-source.js';
import { type Workshop, withWorkshop } from './open-workshop.js';
import { readQuarantineFile } from './read-quarantine.js';

const DEFAULT_SAMPLE_ROWS = 20;

export interface FileVerdict {
  readonly outcome: 'accepted' | 'refused';
  readonly format: SourceFormat;
  readonly columns: readonly VersionColumn[];
  readonly receivedRows: number;
  /** Rows that broke the contract themselves. */
  readonly faultyRows: number;
  readonly skippedRows: number;
  readonly ignoredColumns: readonly string[];
  readonly reasons: Readonly<Record<string, number>>;
  readonly checks: readonly CheckResult[];
  /** Names of the checks that refuse the whole. */
  readonly failedChecks: readonly string[];
  /** The first faulty rows. */
  readonly sample: readonly QuarantinedRow[];
}

export interface FileProfile extends FileVerdict {
  readonly profile: TableProfile;
}

/** Judges a file or folder by a contract, without a server. Leaves nothing behind. Throws what `declare` and `ingest` throw. */
export function validateFile(
  path: string,
  spec: Omit<DatasetSpec, 'source'> & { readonly source: Omit<DatasetSpec['source'], 'path'> & { path?: string } },
  options: WorkOptions & { readonly sampleRows?: number } = {},
): Promise<FileVerdict> {
  return withJudged(path, { ...spec, source: { ...spec.source, path } }, { ...options, use: async (judged) => judged });
}

/** Profiles a file or folder of any known format under its inferred schema, without a server. Leaves nothing behind. */
export function profileFile(
  path: string,
  options: WorkOptions & { readonly format?: SourceFormat; readonly sampleRows?: number } = {},
): Promise<FileProfile> {
  const { format, ...work } = options;
  const source = { path, ...(format === undefined ? {} : { format }) };
  return withJudged(
    path,
    { source },
    {
      ...work,
      use: async (verdict, { judged, objects, lake }) => {
        const paths = judged.file === null ? [] : [await objects.localPath(judged.file.digest)];
        return { ...verdict, profile: profileTable(await lake.readParquet(paths)) };
      },
    },
  );
}

export interface FileTable extends FileVerdict {
  /** The sound rows; without columns when the file was refused. */
  readonly table: Table;
}

/** Reads a file or folder of any known format under its inferred schema into columns. Leaves nothing behind. */
export function readDataFile(
  path: string,
  options: WorkOptions & { readonly format?: SourceFormat; readonly columns?: readonly string[] } = {},
): Promise<FileTable> {
  const { format, columns, ...work } = options;
  const source = { path, ...(format === undefined ? {} : { format }) };
  return withJudged(
    path,
    { source },
    {
      ...work,
      use: async (verdict, { judged, objects, lake }) => {
        const paths = judged.file === null ? [] : [await objects.localPath(judged.file.digest)];
        const known = columns?.filter((name) => verdict.columns.some((column) => column.name === name));
        return { ...verdict, table: await lake.readParquet(paths, known === undefined ? {} : { columns: known }) };
      },
    },
  );
}

/** A file's accepted rows, in their order, while `use` runs. */
export interface OpenedFile extends FileVerdict {
  /** Cells of columns of numbers that hold none, such as `inf` and `NA`; they are missing in the rows. */
  readonly gaps: readonly ColumnGaps[];
  readonly lake: Lake;
  /** The rows as Parquet; null when none was accepted. */
  readonly parquetPath: string | null;
}

/**
 * Reads a file or folder of any known format under its inferred schema and hands its rows on as Parquet; rows that do not
 * fit are counted and sampled in the verdict. Leaves nothing behind.
 */
export function withFile<T>(
  path: string,
  options: WorkOptions & {
    readonly format?: SourceFormat;
    readonly use: (file: OpenedFile) => Promise<T>;
  },
): Promise<T> {
  const { format, use, ...work } = options;
  return withJudged(
    path,
    { source: { path, ...(format && { format }) } },
    {
      ...work,
      gaps: 'missing',
      use: async (verdict, { judged, objects, lake }) =>
        use({
          ...verdict,
          gaps: judged.gaps,
          lake,
          parquetPath: judged.file === null ? null : await objects.localPath(judged.file.digest),
        }),
    },
  );
}

interface JudgedWorkshop extends Pick<Workshop, 'objects' | 'lake'> {
  readonly judged: JudgedSource;
}

async function withJudged<T>(
  path: string,
  spec: DatasetSpec,
  options: WorkOptions & {
    readonly sampleRows?: number;
    readonly gaps?: GapPolicy;
    readonly use: (verdict: FileVerdict, workshop: JudgedWorkshop) => Promise<T>;
  },
): Promise<T> {
  const [problem] = findSpecProblems('file', spec);
  if (problem !== undefined) {
    throw dataErrors.DATA_SPEC_INVALID(`${problem.key}: ${problem.message}.`, { data: { ...problem } });
  }
  return withWorkshop(path, { ...options, format: spec.source.format }, async ({ lake, objects, source }) => {
    const columns = spec.source.columns ?? null;
    const input = {
      source,
      spec,
      columns,
      where: undefined,
      parent: null,
      ...(options.gaps && { gaps: options.gaps }),
    };
    const judged = await judgeSource({ lake, objects }, input, options);
    const { outcome, checks, failedChecks, reasons, receivedRows, faultyRows, skippedRows, ignoredColumns } = judged;
    const verdict = {
      outcome,
      format: source.format,
      columns: judged.columns,
      ...{ receivedRows, faultyRows, skippedRows, ignoredColumns, reasons },
      ...{ checks, failedChecks },
      sample: await readFaulty(objects, judged, options.sampleRows ?? DEFAULT_SAMPLE_ROWS),
    };
    return options.use(verdict, { judged, objects, lake });
  });
}

/** The first rows with a fault of their own; a refused file has all its rows in quarantine. */
async function readFaulty(objects: ObjectStore, judged: JudgedSource, limit: number): Promise<QuarantinedRow[]> {
  if (judged.quarantineDigest === null) return [];
  return readQuarantineFile(objects, judged.quarantineDigest, {
    limit,
    offset: 0,
    wanted: (row) => row.reasons.some((reason) => reason.code !== 'DELIVERY_REFUSED'),
  });
}
