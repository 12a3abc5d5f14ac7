import { stat } from 'node:fs/promises';
import type { WrittenFile } from './lake-types.js';
import { quoteIdentifier, quoteLiteral } from './sql-text.js';

/** Rows of a row group. */
export const GROUP_ROWS = 122_880;

/** The statement that writes a query to a file. Keys are sorted: equal metadata must give equal bytes. */
export function copyStatement(sql: string, path: string, metadata: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metadata)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${quoteIdentifier(key)}: ${quoteLiteral(value)}`);
  const options = ['FORMAT parquet', 'COMPRESSION zstd', `ROW_GROUP_SIZE ${GROUP_ROWS}`];
  if (pairs.length > 0) options.push(`KV_METADATA {${pairs.join(', ')}}`);
  return `COPY (${sql}) TO ${quoteLiteral(path)} (${options.join(', ')})`;
}

export async function writtenFile(path: string, rows: number): Promise<WrittenFile> {
  return { rows, sizeBytes: (await stat(path)).size };
}
