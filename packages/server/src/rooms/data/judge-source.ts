import { rm } from 'node:fs/promises';
import { cellAt, columnOf, type Table } from '@fairlead/frame';
import { isFairleadError, throwIfAborted } from '@fairlead/kernel';
import type { Lake, LakeSession } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { AcquiredSource } from './acquire-source.js';
import { id, text } from './cell-sql-rules.js';
import { checkContract, checkWhere, type VersionColumn } from './check-contract.js';
import {
  DEFAULT_MAX_REJECTED_RATIO,
  type EffectiveContract,
  effectiveContract,
  referenceProblems,
} from './contract-rules.js';
import { dataErrors } from './data-errors.js';
import type { CheckResult, ColumnSpec, DatasetSpec, WorkOptions } from './data-types.js';
import { type DeliveryCounts, judgeDelivery } from './delivery-rules.js';
import type { ColumnGaps, GapPolicy } from './gap-rules.js';
import { inferColumns } from './infer-columns.js';
import { type PreparedFile, prepareFile } from './prepare-files.js';
import { QuarantineWriter } from './quarantine-writer.js';
import { type CompiledScan, compileScan, MASK_BITS, type ScanInput, sourceSql } from './scan-rules.js';
import { describeTimeOrder, orderedColumn, timeOrderSql } from './time-order-rules.js';
import { writeRejected } from './write-rejected.js';

export interface JudgeInput {
  readonly source: AcquiredSource;
  readonly spec: DatasetSpec;
  /** Declared or formerly inferred columns; null to infer them now. */
  readonly columns: Readonly<Record<string, ColumnSpec>> | null;
  readonly where: string | undefined;
  /** Default: a fault of the row. */
  readonly gaps?: GapPolicy;
  /** Files of the version that the delivery is appended to, and its columns. */
  readonly parent: { readonly digests: readonly string[]; readonly columns: readonly VersionColumn[] } | null;
}

export interface JudgedSource {
  readonly outcome: 'accepted' | 'refused';
  readonly checks: readonly CheckResult[];
  readonly failedChecks: readonly string[];
  readonly contract: EffectiveContract;
  readonly columns: readonly VersionColumn[];
  readonly receivedRows: number;
  readonly faultyRows: number;
  readonly skippedRows: number;
  readonly rejectedRows: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly ignoredColumns: readonly string[];
  /** Cells that were taken for missing, of inferred columns. */
  readonly gaps: readonly ColumnGaps[];
  readonly quarantineDigest: string | null;
  /** The accepted rows; null when refused. */
  readonly file: { readonly digest: string; readonly rows: number; readonly sizeBytes: number } | null;
}

interface Work extends WorkOptions {
  readonly lake: LakeSession;
  readonly objects: ObjectStore;
  readonly quarantine: QuarantineWriter;
}

/** Reads a source under its contract and stores what is accepted and what is not. Nothing is decided about versions. */
export async function judgeSource(
  { lake, objects }: { lake: Lake; objects: ObjectStore },
  input: JudgeInput,
  options: WorkOptions,
): Promise<JudgedSource> {
  const quarantine = new QuarantineWriter(objects);
  const files: PreparedFile[] = [];
  try {
    return await lake.session((session) =>
      judge({ lake: withSignal(session, options.signal), objects, quarantine, ...options }, input, files),
    );
  } finally {
    await quarantine.discard();
    for (const { cleanedPath } of files) if (cleanedPath !== null) await rm(cleanedPath, { force: true });
  }
}

/** Every query of the work stops with it. */
function withSignal(session: LakeSession, signal: AbortSignal | undefined): LakeSession {
  const options = signal === undefined ? {} : { signal };
  return {
    query: (sql, params = []) => session.query(sql, params, options),
    execute: (sql, params = []) => session.execute(sql, params, options),
    exportParquet: (sql, path, more = {}) => session.exportParquet(sql, path, { ...more, ...options }),
  };
}

async function judge(work: Work, input: JudgeInput, files: PreparedFile[]): Promise<JudgedSource> {
  const { lake, objects, quarantine, signal, progress } = work;
  const { source, spec } = input;
  const wanted = Object.entries(input.columns ?? {}).map(([name, rule]) => rule.from ?? name);
  for (const [i, file] of source.files.entries()) {
    progress?.(0.3 + (0.2 * i) / source.files.length, `reading ${file.name}`);
    files.push(await prepareFile({ objects, lake, quarantine, wanted }, file, { format: source.format, ...work }));
  }
  const brokenRows = quarantine.rows;
  const tolerance = spec.maxRejectedRatio ?? DEFAULT_MAX_REJECTED_RATIO;
  const { columns, gaps } =
    input.columns === null
      ? await inferColumns({ lake, objects }, files, { format: source.format, tolerance, gaps: input.gaps })
      : { columns: input.columns, gaps: [] };
  refuseBadReferences(spec, columns);
  const contract = effectiveContract(spec, columns, input.where);
  const versionColumns = await checkContract(lake, contract);
  refuseChangedSchema(input.parent?.columns, versionColumns);
  progress?.(0.5, 'judging rows');
  const scanInput = await toScanInput(work, { input, files, contract });
  const scan = compileScan(scanInput);
  const counted = await countRows(work, { scan, scanInput, files });
  const counts: DeliveryCounts = {
    received: brokenRows + counted.taken,
    faulty: brokenRows + counted.taken - counted.sound,
    ...(await judgeChecks(lake, contract, scan)),
    missingColumns: missingColumns(files, wantedBy(contract)),
  };
  const { outcome, checks, failedChecks } = judgeDelivery(contract, counts);
  const order = await timeOrder(lake, contract);
  progress?.(0.7, 'writing quarantine');
  const everyRow = outcome === 'refused';
  await writeRejected({ lake, objects, quarantine, files, contract, scan, everyRow, signal });
  throwIfAborted(signal);
  progress?.(0.8, 'writing rows');
  const file = everyRow ? null : await writeAccepted(work, versionColumns, { clean: scan.clean, rows: counted.sound });
  assertSum(counts.received, (file?.rows ?? 0) + quarantine.rows);
  const used = new Set([...wantedBy(contract), ...scanInput.whereColumns]);
  const inSource = new Set(files.flatMap(({ readable }) => readable.columns.map(({ name }) => name)));
  return {
    outcome,
    checks: [...checks, ...order],
    failedChecks,
    contract,
    columns: versionColumns,
    receivedRows: counts.received,
    faultyRows: counts.faulty,
    skippedRows: counted.skipped,
    rejectedRows: quarantine.rows,
    reasons: quarantine.reasons,
    ignoredColumns: [...inSource].filter((name) => !used.has(name)),
    gaps,
    quarantineDigest: await quarantine.finish(),
    file,
  };
}

const wantedBy = (contract: EffectiveContract) =>
  Object.entries(contract.columns).map(([name, rule]) => rule.from ?? name);

/** A JSON object may lack any key; a table has a column or has it not. */
function missingColumns(files: readonly PreparedFile[], wanted: readonly string[]): string[] {
  const tables = files.filter((file) => file.format !== 'jsonl');
  return wanted.filter((name) => tables.some(({ readable }) => !readable.columns.some((one) => one.name === name)));
}

async function toScanInput(
  { lake, objects }: Pick<Work, 'lake' | 'objects'>,
  { input, files, contract }: { input: JudgeInput; files: readonly PreparedFile[]; contract: EffectiveContract },
): Promise<ScanInput> {
  const whereColumns = await checkWhere(lake, contract, files);
  const base: ScanInput = {
    format: input.source.format,
    files: files.map((file) => file.readable),
    contract,
    sourceColumns: [...new Set([...wantedBy(contract), ...whereColumns])],
    whereColumns,
    ...(input.gaps && { gaps: input.gaps }),
  };
  if (input.parent === null || input.parent.digests.length === 0) return base;
  const paths = await Promise.all(input.parent.digests.map((digest) => objects.localPath(digest)));
  return { ...base, parentSql: `select * from read_parquet([${paths.map(text).join(', ')}])` };
}

async function countRows(
  { lake }: Work,
  { scan, scanInput, files }: { scan: CompiledScan; scanInput: ScanInput; files: readonly PreparedFile[] },
): Promise<{ taken: number; sound: number; skipped: number }> {
  try {
    await lake.execute(scan.sql);
  } catch (cause) {
    if (!isFairleadError(cause) || cause.code !== 'LAKE_QUERY_FAILED') throw cause;
    const failed = scanInput.format === 'csv' && /CSV/.test(cause.message) ? dataErrors.DATA_SOURCE_UNREADABLE : null;
    throw (failed ?? dataErrors.DATA_EXPRESSION_FAILED)(`The rows cannot be judged: ${cause.message}`, { cause });
  }
  const counted = await lake.query(
    `select count(*) as taken, count(*) filter (where ${scan.clean}) as sound from scanned`,
  );
  const taken = numberAt(counted, 'taken');
  const records = files.reduce((sum, file) => sum + file.records, 0);
  let seen = taken;
  if (scanInput.contract.where !== null) {
    seen = numberAt(await lake.query(`select count(*) as seen from (${sourceSql(scanInput)})`), 'seen');
  }
  assertSum(records, seen);
  return { taken, sound: numberAt(counted, 'sound'), skipped: records - taken };
}

async function judgeChecks(
  lake: LakeSession,
  contract: EffectiveContract,
  scan: CompiledScan,
): Promise<Pick<DeliveryCounts, 'failedRows' | 'tableAnswers'>> {
  const rows = contract.checks.filter((check) => check.kind === 'row' || check.kind === 'unique');
  const tables = contract.checks.filter((check) => check.kind === 'table');
  const failed = rows.map((check, i) => {
    const at = scan.rules.findIndex((rule) => rule.check === check.name);
    const bit = `(${scan.masks[Math.floor(at / MASK_BITS)]} & ${2 ** (at % MASK_BITS)}) <> 0`;
    return `(select count(*) from scanned where ${bit}) as f${i}`;
  });
  const answers = tables.map((check, i) => `(${check.sql}\n) as t${i}`);
  const failedRows: Record<string, number> = {};
  const tableAnswers: Record<string, boolean | null> = {};
  if (failed.length > 0) {
    const table = await lake.query(`select ${failed.join(', ')}`);
    rows.forEach((check, i) => {
      failedRows[check.name] = numberAt(table, `f${i}`);
    });
  }
  if (answers.length > 0) {
    const table = await lake.query(`select ${answers.join(', ')} from (select * from scanned where ${scan.clean})`);
    tables.forEach((check, i) => {
      tableAnswers[check.name] = cellAt(columnOf(table, `t${i}`), 0) as boolean | null;
    });
  }
  return { failedRows, tableAnswers };
}

async function timeOrder(lake: LakeSession, contract: EffectiveContract): Promise<CheckResult[]> {
  const column = orderedColumn(contract);
  if (column === null) return [];
  const table = await lake.query(timeOrderSql(column, contract));
  const jumps = numberAt(table, 'jumps');
  const textAt = (name: string) => String(cellAt(columnOf(table, name), 0));
  return [describeTimeOrder({ column, jumps, first: jumps === 0 ? null : [textAt('above0'), textAt('own0')] })];
}

/** Equal rows give equal bytes: the order is the source's and the writer gets no clock, path or random name. */
async function writeAccepted(
  { lake, objects }: Work,
  columns: readonly VersionColumn[],
  { clean, rows }: { clean: string; rows: number },
): Promise<{ digest: string; rows: number; sizeBytes: number }> {
  const path = await objects.stagingPath('.parquet');
  const list = columns.map(({ name, type }) =>
    type === 'integer' || type === 'number' ? `${id(name)}::double as ${id(name)}` : asStored(name, type),
  );
  try {
    const written = await lake.exportParquet(
      `select ${list.join(', ')} from scanned where ${clean} order by __file, __row`,
      path,
    );
    assertSum(rows, written.rows);
    return { ...(await objects.putFile(path, { move: true })), rows };
  } finally {
    await rm(path, { force: true });
  }
}

const asStored = (name: string, type: VersionColumn['type']) =>
  type === 'timestamp'
    ? `${id(name)}::timestamp as ${id(name)}`
    : `${id(name)}::${type === 'string' ? 'varchar' : type} as ${id(name)}`;

function refuseBadReferences(spec: DatasetSpec, columns: Readonly<Record<string, ColumnSpec>>): void {
  const [problem] = referenceProblems(spec, columns);
  if (problem === undefined) return;
  throw dataErrors.DATA_SPEC_INVALID(`${problem.key}: ${problem.message}.`, { data: { ...problem } });
}

function refuseChangedSchema(parent: readonly VersionColumn[] | undefined, columns: readonly VersionColumn[]): void {
  const written = (list: readonly VersionColumn[]) => list.map(({ name, type }) => `${name} ${type}`).join(', ');
  if (parent === undefined || written(parent) === written(columns)) return;
  throw dataErrors.DATA_SCHEMA_CHANGED(`The version has ${written(parent)}; the delivery ${written(columns)}.`, {
    data: { version: parent, delivery: columns },
  });
}

function assertSum(expected: number, observed: number): void {
  if (expected === observed) return;
  throw dataErrors.DATA_COUNT_MISMATCH(`${expected} rows came in, but ${observed} are accounted for.`, {
    data: { expected, observed },
  });
}

function numberAt(table: Table, name: string): number {
  return Number(cellAt(columnOf(table, name), 0));
}
