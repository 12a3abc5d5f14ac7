import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Table } from '@fairlead/frame';
import { profileTable, type TableProfile } from '@fairlead/num';
import { createLake, type Lake } from '../../platform/lake/index.js';
import { createLocalObjectStore, type ObjectStore } from '../../platform/objects/index.js';
import { acquireSource } from './acquire-source.js';
import type { VersionColumn } from './check-contract.js';
import { findSpecProblems } from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { CheckResult, DatasetSpec, QuarantinedRow, SourceFormat, WorkOptions } from './data-types.js';
import { type JudgedSource, judgeSource } from './judge-source.js';
import { readQuarantineFile } from './read-quarantine.js';

const MAX_SOURCE_BYTES = 64 * 1024 ** 3;
const DEFAULT_SAMPLE_ROWS = 20;
/** No server stands beside that needs the memory: reading wide JSON lines takes more than a server's lake may. */
const MEMORY_BYTES = Math.max(1024 ** 3, Math.floor(totalmem() / 4));

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
  readonly lake: Lake;
  /** The rows as Parquet; null when none was accepted. */
  readonly parquetPath: string | null;
}

/**
 * Reads a file or folder of any known format and hands its rows on as Parquet, typed as declared or inferred; rows that do
 * not fit are counted and sampled in the verdict, however many they are. Leaves nothing behind.
 */
export function withFile<T>(
  path: string,
  options: WorkOptions & {
    readonly format?: SourceFormat;
    readonly columns?: DatasetSpec['source']['columns'];
    readonly use: (file: OpenedFile) => Promise<T>;
  },
): Promise<T> {
  const { format, columns, use, ...work } = options;
  const source = { path, ...(format && { format }), ...(columns && { columns }) };
  return withJudged(
    path,
    // With a tolerance of 1 every column would be inferred as a number.
    { source, ...(columns && { maxRejectedRatio: 1 }) },
    {
      ...work,
      use: async (verdict, { judged, objects, lake }) =>
        use({
          ...verdict,
          lake,
          parquetPath: judged.file === null ? null : await objects.localPath(judged.file.digest),
        }),
    },
  );
}

interface Workshop {
  readonly judged: JudgedSource;
  readonly objects: ObjectStore;
  readonly lake: Lake;
}

async function withJudged<T>(
  path: string,
  spec: DatasetSpec,
  options: WorkOptions & {
    readonly sampleRows?: number;
    readonly use: (verdict: FileVerdict, workshop: Workshop) => Promise<T>;
  },
): Promise<T> {
  const [problem] = findSpecProblems('file', spec);
  if (problem !== undefined) {
    throw dataErrors.DATA_SPEC_INVALID(`${problem.key}: ${problem.message}.`, { data: { ...problem } });
  }
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-file-'));
  const objects = createLocalObjectStore(join(folder, 'objects'));
  const lake = await createLake({
    tempFolder: join(folder, 'temp'),
    allowedFolders: [join(folder, 'objects')],
    memoryLimitBytes: MEMORY_BYTES,
  });
  try {
    const place = resolve(path);
    const deps = {
      objects,
      allowPrivateUrls: false,
      maxSourceBytes: MAX_SOURCE_BYTES,
      dataRoots: () => [dirname(place), place],
    };
    const source = await acquireSource(deps, { path: place, format: spec.source.format }, options);
    const columns = spec.source.columns ?? null;
    const input = { source, spec, columns, where: undefined, parent: null };
    const judged = await judgeSource({ lake, objects }, input, options);
    const sample = await readFaulty(objects, judged, options.sampleRows ?? DEFAULT_SAMPLE_ROWS);
    const { outcome, checks, failedChecks, reasons, receivedRows, faultyRows, skippedRows, ignoredColumns } = judged;
    const counts = { receivedRows, faultyRows, skippedRows, ignoredColumns, reasons };
    const verdict = {
      outcome,
      format: source.format,
      columns: judged.columns,
      ...counts,
      checks,
      failedChecks,
      sample,
    };
    return await options.use(verdict, { judged, objects, lake });
  } finally {
    await lake.close();
    await rm(folder, { recursive: true, force: true });
  }
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
