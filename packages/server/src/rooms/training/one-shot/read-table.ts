import { createTable, type Table } from '@fairlead/frame';
import { withFile } from '../../data/index.js';
import { trainingErrors } from '../training-errors.js';
import { gapNotes } from './gap-notes.js';

export interface ReadTable {
  readonly table: Table;
  readonly types: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

/**
 * All rows of a file in columns. Rows that do not fit the types of their columns are left out and counted.
 *
 * @throws DATA_SOURCE_NOT_FOUND, DATA_FORMAT_UNKNOWN, DATA_SOURCE_UNREADABLE, DATA_SCHEMA_SUSPICIOUS, TRN_FILE_REFUSED
 */
export function readTable(
  path: string,
  options: { format?: 'csv' | 'jsonl' | 'parquet' | undefined; signal?: AbortSignal | undefined },
): Promise<ReadTable> {
  const { format, signal } = options;
  return withFile(path, {
    ...(format && { format }),
    ...(signal && { signal }),
    use: async ({ lake, parquetPath, columns, receivedRows, faultyRows, failedChecks, sample, gaps }) => {
      const first = sample[0]?.reasons[0]?.message;
      if (parquetPath === null) {
        if (receivedRows === 0) return { table: createTable([]), types: new Map(), notes: [] };
        throw trainingErrors.TRN_FILE_REFUSED(
          `${faultyRows} of ${receivedRows} rows of ${path} do not fit their columns${first ? `: ${first}` : ''}.`,
          { data: { path, receivedRows, faultyRows, failedChecks } },
        );
      }
      const table = await lake.readParquet([parquetPath]);
      const left = `${faultyRows} of ${receivedRows} rows were left out because they do not fit their columns`;
      const notes = faultyRows === 0 ? [] : [`${left}${first ? `, for example: ${first}` : ''}.`];
      notes.push(...gapNotes(gaps));
      return { table, types: new Map(columns.map(({ name, type }) => [name, type])), notes };
    },
  });
}
