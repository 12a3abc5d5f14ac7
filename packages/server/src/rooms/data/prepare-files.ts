import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { LakeSession } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import type { SourceFile } from './acquire-source.js';
import { text } from './cell-sql-rules.js';
import { sampleRecords, sniffDialect, splitRecord } from './csv-dialect-rules.js';
import { dataErrors } from './data-errors.js';
import type { SourceFormat, WorkOptions } from './data-types.js';
import { texts } from './expression-guard.js';
import { foreignFormat } from './foreign-format-rules.js';
import type { QuarantineWriter } from './quarantine-writer.js';
import { REASON, type ReasonCode } from './reason-codes.js';
import { type ScannedRecord, type ScanOptions, scanRecords } from './record-scanner.js';
import type { ReadableFile } from './scan-rules.js';

const SAMPLE_BYTES = 256 * 1024;

export interface PreparedFile extends SourceFile {
  readonly format: SourceFormat;
  /** What DuckDB reads: the object itself, or a cleaned copy in staging. */
  readonly readable: ReadableFile;
  /** Records of a sound shape: the rows that DuckDB must find. */
  readonly records: number;
  /** Share of the first lines that hold another delimiter although one column was found. */
  readonly suspicion: number;
  /** A file to remove when the work is done. */
  readonly cleanedPath: string | null;
}

export interface PrepareDeps {
  readonly objects: ObjectStore;
  readonly lake: LakeSession;
  readonly quarantine: QuarantineWriter;
  /** Source names that the contract declares, to find the delimiter by. */
  readonly wanted: readonly string[];
}

/**
 * Reads every record of a file once: those of a broken shape go to quarantine with their line, the rest is what DuckDB
 * gets. A cleaned copy is written only when there is something to leave out.
 */
export async function prepareFile(
  deps: PrepareDeps,
  file: SourceFile,
  { format, signal }: { format: SourceFormat } & WorkOptions,
): Promise<PreparedFile> {
  const path = await deps.objects.localPath(file.digest);
  if (format === 'parquet') return prepareParquet(deps.lake, file, path);
  const dialect = format === 'csv' ? await readDialect(deps, file) : undefined;
  const options = scanOptions(dialect, signal);
  const tally = { records: 0, broken: 0, odd: false, lineEnds: new Set<number>(), header: dialect !== undefined };
  // An empty line counts as a row of one column in DuckDB, and its line end as one more kind.
  const onBlank = () => {
    tally.odd = true;
  };
  await scan(deps, file, { ...options, onBlank, afterChunk: () => deps.quarantine.flush() }, (record) => {
    if (record.lineEnd > 0) tally.lineEnds.add(record.lineEnd);
    if (tally.header) {
      tally.header = false;
      if (record.fault !== null) throw unreadable(file, `its header line is not usable (${record.fault})`);
    } else if (record.fault === null) {
      tally.records += 1;
      if (record.odd) tally.odd = true;
    } else {
      tally.broken += 1;
      deps.quarantine.add(brokenRow(file, record, record.fault));
    }
  });
  if (tally.header) throw unreadable(file, 'it has no header line');
  const clean = tally.broken > 0 || tally.odd || tally.lineEnds.size > 1;
  const cleanedPath = clean ? await writeCleaned(deps, file, options) : null;
  const columns = (dialect?.header ?? []).map((name) => ({ name }));
  const delimiter = dialect === undefined ? {} : { delimiter: dialect.delimiter };
  return {
    ...file,
    format,
    readable: { path: cleanedPath ?? path, columns, ...delimiter },
    records: tally.records,
    suspicion: dialect?.suspicion ?? 0,
    cleanedPath,
  };
}

/** The options under which the same records are found again. */
export function rescanOptions(file: PreparedFile, signal: AbortSignal | undefined): ScanOptions {
  const { delimiter, columns } = file.readable;
  const dialect = delimiter === undefined ? undefined : { delimiter, header: columns.map(({ name }) => name) };
  return scanOptions(dialect, signal);
}

function scanOptions(
  dialect: { delimiter: string; header: readonly string[] } | undefined,
  signal: AbortSignal | undefined,
): ScanOptions {
  return {
    ...(dialect === undefined ? {} : { csv: { delimiter: dialect.delimiter, columns: dialect.header.length } }),
    ...(signal === undefined ? {} : { signal }),
  };
}

async function scan(
  { objects }: Pick<PrepareDeps, 'objects'>,
  file: SourceFile,
  options: ScanOptions,
  onRecord: (record: ScannedRecord) => void,
): Promise<void> {
  const stream = await objects.readStream(file.digest);
  try {
    await scanRecords(stream, options, onRecord);
  } finally {
    stream.destroy();
  }
}

async function readDialect(deps: PrepareDeps, file: SourceFile) {
  const stream = await deps.objects.readStream(file.digest);
  let sample = Buffer.alloc(0);
  for await (const chunk of stream) {
    sample = Buffer.concat([sample, chunk as Buffer]);
    if (sample.length >= SAMPLE_BYTES) break;
  }
  stream.destroy();
  const foreign = foreignFormat(sample);
  if (foreign !== null) throw unreadable(file, foreign);
  const lines = sampleRecords(sample.toString('utf8').replace(/^\uFEFF/, ''));
  if (sample.length >= SAMPLE_BYTES) lines.pop();
  const dialect = sniffDialect(
    lines.filter((line) => line !== ''),
    deps.wanted,
  );
  return dialect;
}

async function writeCleaned(deps: PrepareDeps, file: SourceFile, options: ScanOptions): Promise<string> {
  const path = await deps.objects.stagingPath(options.csv === undefined ? '.jsonl' : '.csv');
  const out = createWriteStream(path, { flags: 'wx' });
  let pending: Buffer[] = [];
  const afterChunk = async () => {
    const bytes = Buffer.concat(pending);
    pending = [];
    if (bytes.length > 0 && !out.write(bytes)) await once(out, 'drain');
  };
  await scan(deps, file, { ...options, afterChunk }, ({ bytes, fault, odd }) => {
    if (fault !== null) return;
    pending.push(
      odd && options.csv !== undefined ? requote(bytes, options.csv.delimiter) : Buffer.from(bytes),
      NEWLINE,
    );
  });
  out.end();
  await finished(out);
  return path;
}

/** The same fields in the one way that every reader takes alike. */
function requote(bytes: Buffer, delimiter: string): Buffer {
  const fields = splitRecord(bytes.toString('utf8'), delimiter);
  return Buffer.from(fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(delimiter));
}

const NEWLINE = Buffer.from('\n');

function brokenRow(file: SourceFile, record: ScannedRecord, code: ReasonCode) {
  const message =
    code === REASON.TOO_FEW_COLUMNS || code === REASON.TOO_MANY_COLUMNS
      ? `the row has ${record.fields} fields`
      : (BROKEN[code] ?? code);
  return { line: record.line, file: file.name, reasons: [{ code, column: null, message }], raw: rawText(record.bytes) };
}

const BROKEN: Partial<Record<ReasonCode, string>> = {
  INVALID_ENCODING: 'the bytes are not UTF-8; each wrong one is shown as \uFFFD',
  MALFORMED_QUOTES: 'a quote is opened and not closed before the field ends',
  ROW_TOO_LONG: 'the row is longer than 4 MiB',
};

/** The raw row as text; beyond 64 KiB only its beginning, for the bytes are kept with the source anyway. */
export function rawText(bytes: Buffer): string {
  return bytes.length <= 65_536 ? bytes.toString('utf8') : `${bytes.subarray(0, 65_536).toString('utf8')}…`;
}

function unreadable(file: SourceFile, reason: string): Error {
  return dataErrors.DATA_SOURCE_UNREADABLE(`${file.name} cannot be read: ${reason}.`, { data: { file: file.name } });
}

async function prepareParquet(lake: LakeSession, file: SourceFile, path: string): Promise<PreparedFile> {
  const read = `read_parquet(${text(path)})`;
  try {
    const described = await lake.query(`select column_name, column_type from (describe select * from ${read})`);
    const counted = await lake.query(`select count(*)::double as rows from ${read}`);
    const natives = texts(described, 'column_type');
    const columns = texts(described, 'column_name').map((name, i) => ({ name, native: natives[i] ?? 'VARCHAR' }));
    const records = Number(texts(counted, 'rows')[0]);
    return { ...file, format: 'parquet', readable: { path, columns }, records, suspicion: 0, cleanedPath: null };
  } catch (cause) {
    throw dataErrors.DATA_SOURCE_UNREADABLE(`${file.name} is not a whole Parquet file.`, {
      data: { file: file.name },
      cause,
    });
  }
}
