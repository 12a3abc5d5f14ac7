import { footerBytes, MAGIC } from '../parquet-footer.js';
import type { ThriftValue } from '../thrift-compact.js';
import { encodeGroup } from './encode-group.js';
import { schemaOf } from './parquet-schema.js';
import type { ParquetColumn } from './parquet-types.js';
import { rowsOf, sliceColumns } from './slice-columns.js';
import { i32, i64, list, nested, struct, text } from './thrift-values.js';

const CREATED_BY = 'fairlead';

/**
 * A Parquet file from columns in memory, as the pieces of its bytes in order. For tables that are made often and
 * fit into memory many times over: the engine wants their columns in a table of its own first, and threads whose priority nobody
 * can set. Texts that repeat go by a dictionary; what shrinks is compressed. Equal columns give equal bytes under one
 * version of Snappy.
 *
 * @param columns of equal length, by name; there is at least one
 * @param groupRows rows of a row group; absent: one has all of them
 * @see https://github.com/apache/parquet-format
 */
export function encodeParquet(
  columns: ReadonlyMap<string, ParquetColumn>,
  { groupRows = Number.POSITIVE_INFINITY }: { groupRows?: number } = {},
): Uint8Array[] {
  const rows = rowsOf(columns);
  const pieces: Uint8Array[] = [MAGIC];
  const groups: ThriftValue[] = [];
  for (let row = 0, at = MAGIC.length; row < rows; row += groupRows) {
    const rowEnd = Math.min(rows, row + groupRows);
    const group = encodeGroup(sliceColumns(columns, row, rowEnd), at);
    groups.push(nested({ 1: list('struct', [...group.chunks]), 2: i64(group.plainBytes), 3: i64(rowEnd - row) }));
    pieces.push(...group.pieces);
    at += group.storedBytes;
  }
  const footer = footerBytes(
    struct({
      1: i32(1),
      2: list('struct', [
        nested({ 4: text('schema'), 5: i32(columns.size) }),
        ...[...columns].flatMap(([name, column]) => schemaOf(name, column)),
      ]),
      3: i64(rows),
      4: list('struct', groups),
      6: text(CREATED_BY),
    }),
  );
  return [...pieces, footer];
}
