import { cellAt, columnOf, type Table } from '@fairlead/frame';
import type { LakeSession } from '../../platform/lake/index.js';
import type { ObjectStore } from '../../platform/objects/index.js';
import { id, logicalType, text } from './cell-sql-rules.js';
import { dataErrors } from './data-errors.js';
import type { ColumnSpec, ColumnType, SourceFormat } from './data-types.js';
import { type ColumnGaps, type GapPolicy, gapSql } from './gap-rules.js';
import { inferenceSql, proposeType, type TypeCounts } from './infer-rules.js';
import type { PreparedFile } from './prepare-files.js';
import { sourceSql } from './scan-rules.js';

export interface InferredColumns {
  readonly columns: Readonly<Record<string, ColumnSpec>>;
  /** Cells of columns of numbers that hold none; empty where such cells are faults. */
  readonly gaps: readonly ColumnGaps[];
}

const SAMPLE_LINES = 1000;

/**
 * Proposes the columns of a source that declares none: names from the header, the keys of the first lines or the Parquet
 * schema; the type that all but `tolerance` of the values have. The proposal is then a contract like any other: what does
 * not fit goes to quarantine.
 *
 * @throws DATA_SCHEMA_SUSPICIOUS when the names cannot be right
 */
export async function inferColumns(
  { lake, objects }: { lake: LakeSession; objects: ObjectStore },
  files: readonly PreparedFile[],
  { format, tolerance, gaps = 'fault' }: { format: SourceFormat; tolerance: number; gaps?: GapPolicy | undefined },
): Promise<InferredColumns> {
  const first = files[0] as PreparedFile;
  if (format === 'parquet') return parquetColumns(lake, files, gaps);
  const names = format === 'csv' ? csvNames(first) : await jsonKeys(objects, first);
  const source = { format, files: files.map((file) => file.readable), sourceColumns: names };
  const wide = names.length > BATCH_COLUMNS;
  if (wide) await lake.execute(`create or replace temp table inferred as ${sourceSql(source)}`);
  const columns: Record<string, ColumnSpec> = {};
  const found: ColumnGaps[] = [];
  for (let from = 0; from < names.length; from += BATCH_COLUMNS) {
    const batch = names.slice(from, from + BATCH_COLUMNS);
    const table = await lake.query(inferenceSql(source, { names: batch, from: wide ? 'inferred' : null, gaps }));
    batch.forEach((name, i) => {
      const counts = countsAt(table, i, gaps);
      const type = proposeType(counts, tolerance);
      columns[name] = { type };
      if (counts.gaps > 0 && (type === 'number' || type === 'integer')) {
        found.push({ column: name, cells: counts.gaps, example: String(cellAt(columnOf(table, `example${i}`), 0)) });
      }
    });
  }
  if (wide) await lake.execute('drop table inferred');
  return { columns, gaps: found };
}

/**
 * The engine compares every aggregate of a statement with every other: 300 columns at once took 10 s and 1,000 took two
 * minutes and 2 GB, whatever the number of rows. Batches over the raw cells, read once, take about 2 ms a column.
 */
const BATCH_COLUMNS = 16;

function countsAt(table: Table, i: number, policy: GapPolicy): TypeCounts {
  const count = (what: string) => Number(cellAt(columnOf(table, `${what}${i}`), 0));
  return {
    present: count('present'),
    integer: count('integer'),
    number: count('number'),
    timestamp: count('timestamp'),
    boolean: count('boolean'),
    coded: count('coded'),
    gaps: policy === 'missing' ? count('gaps') : 0,
  };
}

function csvNames(file: PreparedFile): string[] {
  const names = file.readable.columns.map((column) => column.name);
  const seen = new Set(names.map((name) => name.toLowerCase()));
  if (file.suspicion > 0.5) {
    throw suspicious(file, `one column \`${names[0]?.slice(0, 80)}\` was found, but most lines hold a delimiter`);
  }
  if (seen.size < names.length) throw suspicious(file, 'the header names a column twice');
  if (names.some((name) => name === '')) throw suspicious(file, 'the header has a column without a name');
  if (names.some(hasControl)) throw suspicious(file, 'a name holds a control character: is it text in UTF-8?');
  if (names.some((name) => name.startsWith('__'))) throw suspicious(file, 'a name begins with two underscores');
  if (names.every((name) => Number.isFinite(Number(name)))) {
    throw suspicious(file, `the first line holds numbers, not names: ${names.join(', ').slice(0, 80)}`);
  }
  return names;
}

const hasControl = (name: string) => /\p{Cc}/u.test(name);

async function jsonKeys(objects: ObjectStore, file: PreparedFile): Promise<string[]> {
  const stream = await objects.readStream(file.digest);
  const keys = new Set<string>();
  let rest = '';
  let lines = 0;
  for await (const chunk of stream) {
    const parts = (rest + (chunk as Buffer).toString('utf8')).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) for (const key of keysOf(line)) keys.add(key);
    lines += parts.length;
    if (lines >= SAMPLE_LINES) break;
  }
  stream.destroy();
  for (const key of keysOf(rest)) keys.add(key);
  const names = [...keys].filter((key) => key !== '' && !key.startsWith('__'));
  if (names.length === 0) throw suspicious(file, 'no line is a JSON object with keys');
  return names;
}

function keysOf(line: string): string[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

async function parquetColumns(
  lake: LakeSession,
  files: readonly PreparedFile[],
  policy: GapPolicy,
): Promise<InferredColumns> {
  const [file] = files as [PreparedFile];
  const columns: Record<string, ColumnSpec> = {};
  const gaps: ColumnGaps[] = [];
  const paths = files.map(({ readable }) => text(readable.path)).join(', ');
  for (const { name, native = '' } of file.readable.columns) {
    const type: ColumnType | undefined = logicalType(native);
    if (type === undefined) throw suspicious(file, `${id(name)} is ${native}, which is not a column of a table`);
    columns[name] = { type };
    const gap = policy === 'missing' ? gapSql('parquet', type, { ref: id(name), native }) : 'false';
    if (gap === 'false') continue;
    const counted = await lake.query(
      `select count(*) as cells, min(${id(name)}::varchar) as example from read_parquet([${paths}]) where ${gap}`,
    );
    const cells = Number(cellAt(columnOf(counted, 'cells'), 0));
    const example = String(cellAt(columnOf(counted, 'example'), 0));
    if (cells > 0) gaps.push({ column: name, cells, example });
  }
  return { columns, gaps };
}

function suspicious(file: PreparedFile, reason: string): Error {
  return dataErrors.DATA_SCHEMA_SUSPICIOUS(`The schema of ${file.name} looks wrong: ${reason}.`, {
    data: { file: file.name },
  });
}
