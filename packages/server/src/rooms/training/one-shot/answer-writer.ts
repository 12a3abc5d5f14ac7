import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { cellAt, type Table } from '@fairlead/frame';
import { createLake, quoteLiteral } from '../../../platform/lake/index.js';
import { removeAtExit } from '../../../platform/scratch/index.js';
import { unwritable, type WholeFile } from './whole-file.js';

/** Takes tables of the same columns, one after another. */
export interface AnswerWriter {
  write(table: Table): Promise<void>;
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  discard(): Promise<void>;
}

/**
 * A writer by the ending of the path: .parquet, .jsonl or .ndjson, else CSV. The file is there when it is finished, not before.
 */
export async function openAnswerWriter(file: WholeFile): Promise<AnswerWriter> {
  const { path, part } = file;
  if (/\.parquet$/i.test(path)) return parquetWriter(file);
  const stream = createWriteStream(part);
  try {
    await once(stream, 'open');
  } catch (cause) {
    throw unwritable(path, cause);
  }
  return /\.(jsonl|ndjson)$/i.test(path) ? textWriter(file, stream, jsonLines) : textWriter(file, stream, csvLines);
}

function textWriter(
  file: WholeFile,
  stream: WriteStream,
  textOf: (table: Table, first: boolean) => string,
): AnswerWriter {
  let first = true;
  let failure: unknown = null;
  // A disk may be full at any time, also while nobody waits for the stream.
  stream.on('error', (cause) => {
    failure ??= cause;
  });
  const check = (cause: unknown) => {
    if (cause !== null) throw unwritable(file.path, cause);
  };
  return {
    write: async (table) => {
      check(failure);
      const more = stream.write(textOf(table, first));
      first = false;
      if (!more) await once(stream, 'drain').catch(check);
    },
    finish: async () => {
      check(failure);
      stream.end();
      await finished(stream).catch(check);
      await file.keep();
    },
    discard: async () => {
      stream.destroy();
      await file.discard();
    },
  };
}

function rowsOf(table: Table, rowText: (cells: unknown[], names: string[]) => string): string {
  const names = [...table.columns.keys()];
  const columns = [...table.columns.values()];
  let text = '';
  for (let row = 0; row < table.rowCount; row += 1) {
    text += `${rowText(
      columns.map((column) => cellAt(column, row)),
      names,
    )}\n`;
  }
  return text;
}

function jsonLines(table: Table): string {
  return rowsOf(table, (cells, names) => JSON.stringify(Object.fromEntries(names.map((name, i) => [name, cells[i]]))));
}

function csvLines(table: Table, first: boolean): string {
  const head = first ? `${[...table.columns.keys()].map(csvCell).join(',')}\n` : '';
  return head + rowsOf(table, (cells) => cells.map(csvCell).join(','));
}

/** RFC 4180. */
function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The parts of the answers in memory while they are put together. */
const MERGE_BYTES = 256 * 1024 * 1024;

/** Parts of one batch each, put together at the end: a row group needs more rows than a batch has. */
async function parquetWriter(file: WholeFile): Promise<AnswerWriter> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-answers-'));
  const guard = removeAtExit(folder);
  const lake = await createLake({
    tempFolder: join(folder, 'temp'),
    allowedFolders: [folder],
    memoryLimitBytes: MERGE_BYTES,
  });
  const parts: string[] = [];
  const whole = join(folder, 'answers.parquet');
  const close = async () => {
    await lake.close();
    await rm(folder, { recursive: true, force: true });
    guard.release();
  };
  return {
    write: async (table) => {
      const part = join(folder, `answers-${parts.length}.parquet`);
      await lake.writeParquet(table, part);
      parts.push(part);
    },
    finish: async () => {
      // Not `exportParquet`, which holds all rows to give equal bytes: nobody addresses answers by their digest.
      const rows = `select * from read_parquet([${parts.map(quoteLiteral).join(', ')}])`;
      await lake.execute(`copy (${rows}) to ${quoteLiteral(whole)} (format parquet, compression zstd)`);
      await copyFile(whole, file.part).catch((cause) => Promise.reject(unwritable(file.path, cause)));
      await file.keep();
      await close();
    },
    discard: async () => {
      await file.discard();
      await close();
    },
  };
}
