import type { ThriftValue } from '../thrift-compact.js';
import { encodeColumn } from './encode-column.js';
import { elementPath } from './parquet-schema.js';
import { type EncodedColumn, type ParquetColumn, PHYSICAL, VALUE_TYPES } from './parquet-types.js';
import { i32, i64, list, nested, text } from './thrift-values.js';

/** The columns of a row group. */
export interface EncodedGroup {
  /** Their bytes in order. */
  readonly pieces: readonly Uint8Array[];
  readonly storedBytes: number;
  /** Before compression. */
  readonly plainBytes: number;
  /** ColumnChunk of each column. */
  readonly chunks: readonly ThriftValue[];
}

/** Encodes columns of equal length as part of a row group whose bytes begin at `at` in the file. */
export function encodeGroup(columns: ReadonlyMap<string, ParquetColumn>, at: number): EncodedGroup {
  const pieces: Uint8Array[] = [];
  const chunks: ThriftValue[] = [];
  let storedBytes = 0;
  let plainBytes = 0;
  for (const [name, column] of columns) {
    const encoded = encodeColumn(column);
    const size = encoded.pages.reduce((sum, page) => sum + page.length, 0);
    chunks.push(columnChunk(name, column, { encoded, at: at + storedBytes, size }));
    pieces.push(...encoded.pages);
    storedBytes += size;
    plainBytes += encoded.plainBytes;
  }
  return { pieces, storedBytes, plainBytes, chunks };
}

function columnChunk(
  name: string,
  column: ParquetColumn,
  { encoded, at, size }: { encoded: EncodedColumn; at: number; size: number },
): ThriftValue {
  return nested({
    2: i64(at),
    3: nested({
      1: i32(column.kind === 'typed' ? VALUE_TYPES[column.type].physical : PHYSICAL[column.kind]),
      2: list('i32', encoded.encodings.map(i32)),
      3: list('binary', elementPath(name, column).map(text)),
      4: i32(encoded.codec),
      5: i64(encoded.cells),
      6: i64(encoded.plainBytes),
      7: i64(size),
      9: i64(at + encoded.dictionaryBytes),
      ...(encoded.dictionaryBytes > 0 && { 11: i64(at) }),
    }),
  });
}
