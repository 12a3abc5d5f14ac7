import { type ThriftValue, writeThrift } from '../thrift-compact.js';
import { encodeColumn } from './encode-column.js';
import { type EncodedColumn, type ParquetColumn, PHYSICAL } from './parquet-types.js';
import { i32, i64, list, nested, struct, text } from './thrift-values.js';

const MAGIC = Buffer.from('PAR1');
const OPTIONAL = 1;
const UTF8 = 0;
const CREATED_BY = 'fairlead';

/**
 * A Parquet file with one row group from columns in memory, as the pieces of its bytes in order. For tables that are made often and
 * fit into memory many times over: the engine wants their columns in a table of its own first, and threads whose priority nobody
 * can set. Texts that repeat go by a dictionary; what shrinks is compressed. Equal columns give equal bytes under one
 * version of zlib.
 *
 * @param columns of equal length, by name; there is at least one
 * @see https://github.com/apache/parquet-format
 */
export function encodeParquet(columns: ReadonlyMap<string, ParquetColumn>): Uint8Array[] {
  const pieces: Uint8Array[] = [MAGIC];
  const chunks: ThriftValue[] = [];
  let at = MAGIC.length;
  let plainBytes = 0;
  let rows = 0;
  for (const [name, column] of columns) {
    const encoded = encodeColumn(column);
    rows = column.kind === 'text' ? column.codes.length : column.values.length;
    const storedBytes = encoded.pages.reduce((sum, page) => sum + page.length, 0);
    chunks.push(columnChunk(name, column, { encoded, rows, at, storedBytes }));
    pieces.push(...encoded.pages);
    at += storedBytes;
    plainBytes += encoded.plainBytes;
  }
  const footer = writeThrift(
    struct({
      1: i32(1),
      2: list('struct', [
        nested({ 4: text('schema'), 5: i32(columns.size) }),
        ...[...columns].map(([name, { kind }]) =>
          nested({
            1: i32(PHYSICAL[kind]),
            3: i32(OPTIONAL),
            4: text(name),
            ...(kind === 'text' && { 6: i32(UTF8) }),
          }),
        ),
      ]),
      3: i64(rows),
      4: list('struct', [nested({ 1: list('struct', chunks), 2: i64(plainBytes), 3: i64(rows) })]),
      6: text(CREATED_BY),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return [...pieces, footer, length, MAGIC];
}

function columnChunk(
  name: string,
  { kind }: ParquetColumn,
  { encoded, rows, at, storedBytes }: { encoded: EncodedColumn; rows: number; at: number; storedBytes: number },
): ThriftValue {
  return nested({
    2: i64(at),
    3: nested({
      1: i32(PHYSICAL[kind]),
      2: list('i32', encoded.encodings.map(i32)),
      3: list('binary', [text(name)]),
      4: i32(encoded.codec),
      5: i64(rows),
      6: i64(encoded.plainBytes),
      7: i64(storedBytes),
      9: i64(at + encoded.dictionaryBytes),
      ...(encoded.dictionaryBytes > 0 && { 11: i64(at) }),
    }),
  });
}
