import { type FileHandle, open } from 'node:fs/promises';
import { isFairleadError, messageOf } from '@fairlead/kernel';
import { encodeGroup } from './encode-parquet/encode-group.js';
import { schemaOf } from './encode-parquet/parquet-schema.js';
import type { ParquetColumn } from './encode-parquet/parquet-types.js';
import { sliceColumns } from './encode-parquet/slice-columns.js';
import { i32, i64, list, nested } from './encode-parquet/thrift-values.js';
import { lakeErrors } from './lake-errors.js';
import {
  CHUNK,
  FILE,
  footerBytes,
  GROUP,
  listOf,
  MAGIC,
  METADATA,
  moveGroup,
  numberOf,
  readFooter,
  SCHEMA,
  structOf,
} from './parquet-footer.js';
import type { ThriftStruct, ThriftValue } from './thrift-compact.js';

const COPY_BYTES = 1024 * 1024;

/**
 * Writes the rows of a Parquet file again with columns from memory behind its own. The bytes of its columns are copied as they
 * are, and its row groups stay; its Bloom filters and page indexes are left out.
 *
 * @param columns of `rowCount` rows each; no name of theirs is a column of the file
 * @throws LAKE_FILE_UNREADABLE, also when the file has another number of rows
 */
export async function appendColumns(
  source: string,
  path: string,
  { columns, rowCount }: { columns: ReadonlyMap<string, ParquetColumn>; rowCount: number },
): Promise<void> {
  const from = await open(source, 'r');
  try {
    const { footer } = await readFooter(from);
    const rows = Number(numberOf(footer, FILE.rowCount));
    if (rows !== rowCount) throw new Error(`it has ${rows} rows where ${rowCount} were expected`);
    const to = await open(path, 'w');
    try {
      await copyGroups(from, to, { footer, columns });
    } finally {
      await to.close();
    }
  } catch (cause) {
    if (isFairleadError(cause)) throw cause;
    throw lakeErrors.LAKE_FILE_UNREADABLE(`${source} cannot get more columns: ${messageOf(cause)}.`, { cause });
  } finally {
    await from.close();
  }
}

interface Addition {
  readonly footer: ThriftStruct;
  readonly columns: ReadonlyMap<string, ParquetColumn>;
}

async function copyGroups(from: FileHandle, to: FileHandle, { footer, columns }: Addition): Promise<void> {
  await to.appendFile(MAGIC);
  let at = MAGIC.length;
  let row = 0;
  for (const value of listOf(footer, FILE.rowGroups)) {
    const group = structOf(value);
    const { start, end } = placeOf(group);
    await copyBytes(from, to, { start, end });
    moveGroup(group, BigInt(at - start));
    dropIndexes(group);
    at += end - start;
    const rowEnd = row + Number(numberOf(group, GROUP.rowCount));
    const added = encodeGroup(sliceColumns(columns, row, rowEnd), at);
    await to.appendFile(Buffer.concat(added.pieces));
    at += added.storedBytes;
    row = rowEnd;
    extendGroup(group, added);
  }
  extendSchema(footer, columns);
  await to.appendFile(footerBytes(footer));
}

/** Where the pages of a row group lie; writers put them one behind the other. */
function placeOf(group: ThriftStruct): { start: number; end: number } {
  let start = Number.POSITIVE_INFINITY;
  let size = 0;
  for (const column of listOf(group, GROUP.columns)) {
    const metadata = metadataOf(column);
    const dictionary = Number(numberOf(metadata, METADATA.dictionaryPage));
    const data = Number(numberOf(metadata, METADATA.dataPage));
    start = Math.min(start, dictionary > 0 ? Math.min(dictionary, data) : data);
    size += Number(numberOf(metadata, METADATA.storedBytes));
  }
  if (!Number.isSafeInteger(start + size)) throw new Error('a row group has no columns');
  return { start, end: start + size };
}

async function copyBytes(
  from: FileHandle,
  to: FileHandle,
  { start, end }: { start: number; end: number },
): Promise<void> {
  const buffer = Buffer.alloc(Math.min(COPY_BYTES, end - start));
  for (let at = start; at < end; ) {
    const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, end - at), at);
    if (bytesRead === 0) throw new Error('the file has been cut short');
    await to.appendFile(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

function dropIndexes(group: ThriftStruct): void {
  for (const column of listOf(group, GROUP.columns)) {
    for (const id of CHUNK.indexes) structOf(column).fields.delete(id);
    for (const id of METADATA.bloomFilter) metadataOf(column).fields.delete(id);
  }
}

const metadataOf = (column: ThriftValue): ThriftStruct => {
  const metadata = structOf(column).fields.get(CHUNK.metadata);
  if (metadata === undefined) throw new Error('a column says nothing of itself');
  return structOf(metadata);
};

function extendGroup(group: ThriftStruct, { chunks, storedBytes, plainBytes }: ReturnType<typeof encodeGroup>): void {
  const { fields } = group;
  fields.set(GROUP.columns, list('struct', [...listOf(group, GROUP.columns), ...chunks]));
  fields.set(GROUP.plainBytes, i64(Number(numberOf(group, GROUP.plainBytes)) + plainBytes));
  if (fields.has(GROUP.storedBytes)) {
    fields.set(GROUP.storedBytes, i64(Number(numberOf(group, GROUP.storedBytes)) + storedBytes));
  }
}

function extendSchema(footer: ThriftStruct, columns: ReadonlyMap<string, ParquetColumn>): void {
  const elements = listOf(footer, FILE.schema);
  const [root] = elements;
  if (root === undefined) throw new Error('it has no schema');
  const children = Number(numberOf(structOf(root), SCHEMA.children));
  structOf(root).fields.set(SCHEMA.children, i32(children + columns.size));
  const added = [...columns].flatMap(([name, column]) => schemaOf(name, column));
  footer.fields.set(FILE.schema, list('struct', [...elements, ...added]));
  const orders = listOf(footer, FILE.columnOrders);
  if (orders.length === 0) return;
  const usual = [...columns].map(() => nested({ 1: nested({}) }));
  footer.fields.set(FILE.columnOrders, list('struct', [...orders, ...usual]));
}
