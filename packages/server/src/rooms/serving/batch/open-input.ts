import { toRows } from '@fairlead/frame';
import { isFairleadError } from '@fairlead/kernel';
import { type Lake, quoteIdentifier, quoteLiteral } from '../../../platform/lake/index.js';
import type { ModelSignature } from '../../training/index.js';
import { servingErrors } from '../serving-errors.js';
import type { BatchFolder } from './batch-folder.js';
import type { BatchFormat, BatchRequest } from './batch-types.js';
import { BROKEN_LINE, type InputSelection, jsonLinesSql, selectJson, selectText, selectTyped } from './input-sql.js';

/** An input that rows can be read from at any place. */
export interface OpenedInput {
  readonly rows: number;
  readonly selection: InputSelection;
  /** The rows from `rowStart` on, in order. */
  scanSql(rowStart: number): string;
  /** The kept columns of the rows of a part, in order; null when none is kept. */
  keptSql(rowStart: number, rowEnd: number): string | null;
}

/** The format by the ending of a name. */
export function formatOf(path: string): BatchFormat | undefined {
  const ending = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  if (ending === 'parquet') return 'parquet';
  if (['csv', 'tsv', 'tab', 'txt'].includes(ending)) return 'csv';
  return ['jsonl', 'ndjson'].includes(ending) ? 'jsonl' : undefined;
}

/**
 * Opens a file for a model. CSV and JSON lines become Parquet in the folder of the batch first: a row of those cannot be
 * found without reading all before it.
 *
 * @throws SRV_BATCH_INPUT
 */
export async function openInput(
  { lake, folder, signal }: { lake: Lake; folder: BatchFolder; signal?: AbortSignal | undefined },
  request: BatchRequest,
  signature: ModelSignature,
): Promise<OpenedInput> {
  const format = request.format ?? formatOf(request.input);
  if (format === undefined) throw refusal(request, 'its name does not say whether it is Parquet, CSV or JSON lines');
  try {
    const path =
      format === 'parquet'
        ? request.input
        : await folder.stagedInput((draft) => stage({ lake, signal }, { request, format, draft, signature }));
    return await openParquet(lake, { request, path, format, signature });
  } catch (cause) {
    if (!isFairleadError(cause) || !['LAKE_QUERY_FAILED', 'LAKE_FILE_UNREADABLE'].includes(cause.code)) throw cause;
    throw refusal(request, cause.message.slice(0, 1000), cause);
  }
}

interface Staging {
  readonly request: BatchRequest;
  readonly format: 'csv' | 'jsonl';
  readonly draft: string;
  readonly signature: ModelSignature;
}

async function stage(
  { lake, signal }: { lake: Lake; signal?: AbortSignal | undefined },
  { request, format, draft, signature }: Staging,
): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  const { input, keep = [] } = request;
  const names = [...new Set([...signature.inputs.map(({ name }) => name), ...keep])];
  const csv = `read_csv(${quoteLiteral(input)}, all_varchar = true, header = true, null_padding = false, parallel = false)`;
  if (format === 'csv') {
    const columns = await columnsOf(lake, csv);
    refuseAbsent(request, names, columns);
    const sql = `SELECT ${names.map(quoteIdentifier).join(', ')} FROM ${csv}`;
    await lake.exportParquet(sql, draft, options);
  } else {
    await lake.exportParquet(jsonLinesSql(input, names), draft, options);
  }
}

async function openParquet(
  lake: Lake,
  {
    request,
    path,
    format,
    signature,
  }: { request: BatchRequest; path: string; format: BatchFormat; signature: ModelSignature },
): Promise<OpenedInput> {
  const { keep = [] } = request;
  const source = `read_parquet(${quoteLiteral(path)}, file_row_number = true)`;
  const columns = await columnsOf(lake, source);
  refuseAbsent(request, keep, columns);
  const selection = selectionFor(request, { format, signature, columns });
  const counted = await lake.query(`SELECT sum(num_rows) AS n FROM parquet_file_metadata(${quoteLiteral(path)})`);
  const kept = keep.map(quoteIdentifier).join(', ');
  return {
    rows: Number(toRows(counted)[0]?.n ?? 0),
    selection,
    scanSql: (rowStart) =>
      `SELECT ${selection.expressions.join(', ')} FROM ${source}${rowStart === 0 ? '' : ` WHERE file_row_number >= ${rowStart}`}`,
    keptSql: (rowStart, rowEnd) =>
      keep.length === 0
        ? null
        : `SELECT ${kept} FROM ${source} WHERE file_row_number >= ${rowStart} AND file_row_number < ${rowEnd}`,
  };
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(lake: Lake, source: string): Promise<Column[]> {
  const rows = toRows(await lake.query(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`));
  return rows.map(({ column_name, column_type }) => ({ name: String(column_name), type: String(column_type) }));
}

function selectionFor(
  request: BatchRequest,
  { format, signature, columns }: { format: BatchFormat; signature: ModelSignature; columns: readonly Column[] },
): InputSelection {
  if (format === 'csv') return selectText(signature);
  if (format === 'jsonl') {
    const selection = selectJson(signature);
    return { ...selection, expressions: [...selection.expressions, BROKEN_LINE] };
  }
  const verdict = selectTyped(signature, columns);
  if (verdict.verdict === 'fits') return verdict.selection;
  if (verdict.verdict === 'missing') return refuseAbsent(request, verdict.columns, columns);
  const { column, got, expected } = verdict;
  throw refusal(request, `column ${column} is ${got}, the model reads ${expected}`);
}

function refuseAbsent(request: BatchRequest, names: readonly string[], columns: readonly Column[]): never;
function refuseAbsent(request: BatchRequest, names: readonly string[], columns: readonly Column[]): void;
function refuseAbsent(request: BatchRequest, names: readonly string[], columns: readonly Column[]): void {
  const known = new Set(columns.map(({ name }) => name));
  const absent = names.filter((name) => !known.has(name));
  if (absent.length > 0) throw refusal(request, `it has no column ${absent.slice(0, 20).join(', ')}`);
}

function refusal({ input }: BatchRequest, why: string, cause?: unknown): Error {
  return servingErrors.SRV_BATCH_INPUT(`${input}: ${why}.`, { data: { path: input, reason: why }, cause });
}
