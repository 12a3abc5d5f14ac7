import type { FileHandle } from 'node:fs/promises';
import { readThrift, type ThriftStruct, type ThriftValue, writeThrift } from './thrift-compact.js';

export const MAGIC = Buffer.from('PAR1');

/** Numbers of the fields in parquet.thrift. */
export const FILE = { schema: 2, rowCount: 3, rowGroups: 4, keyValues: 5, columnOrders: 7 } as const;
export const GROUP = { columns: 1, plainBytes: 2, rowCount: 3, fileOffset: 5, storedBytes: 6, ordinal: 7 } as const;
export const SCHEMA = { children: 5 } as const;
/** `indexes`: the places and lengths of offset index and column index. */
export const CHUNK = { fileOffset: 2, metadata: 3, indexes: [4, 5, 6, 7] } as const;
/** `bloomFilter`: its place and length. */
export const METADATA = { storedBytes: 7, dataPage: 9, dictionaryPage: 11, bloomFilter: [14, 15] } as const;
/** offset_index_offset, column_index_offset. */
const INDEX_OFFSETS = [4, 6];
/** data_page_offset, index_page_offset, dictionary_page_offset, bloom_filter_offset. */
const PAGE_OFFSETS = [9, 10, 11, 14];

/** Reads the footer of a Parquet file and where the bytes before it end. Throws plain errors that say what is wrong. */
export async function readFooter(file: FileHandle): Promise<{ footer: ThriftStruct; dataEnd: number }> {
  const { size } = await file.stat();
  const tail = Buffer.alloc(8);
  if (size < 12) throw new Error('it is too short');
  await file.read(tail, 0, 8, size - 8);
  const length = tail.readUInt32LE(0);
  if (!tail.subarray(4).equals(MAGIC) || length > size - 12) throw new Error('it does not end like one');
  const bytes = Buffer.alloc(length);
  await file.read(bytes, 0, length, size - 8 - length);
  return { footer: readThrift(bytes), dataEnd: size - 8 - length };
}

/** The bytes that end a file: its footer, their length, and what they are. */
export function footerBytes(footer: ThriftStruct): Uint8Array {
  const bytes = writeThrift(footer);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([bytes, length, MAGIC]);
}

/** Every place that a row group names lies `shift` bytes further on in the new file. */
export function moveGroup({ fields }: ThriftStruct, shift: bigint): void {
  move(fields, GROUP.fileOffset, shift);
  const columns = fields.get(GROUP.columns);
  for (const column of columns?.type === 'list' ? columns.items : []) {
    const chunk = structOf(column).fields;
    for (const id of [CHUNK.fileOffset, ...INDEX_OFFSETS]) move(chunk, id, shift);
    const metadata = chunk.get(CHUNK.metadata);
    if (metadata?.type === 'struct') for (const id of PAGE_OFFSETS) move(metadata.value.fields, id, shift);
  }
}

/** Writers put 0 where there is nothing to point to. */
function move(fields: Map<number, ThriftValue>, id: number, shift: bigint): void {
  const value = fields.get(id);
  if (value?.type === 'i64' && value.value > 0n) fields.set(id, { type: 'i64', value: value.value + shift });
}

export function listOf({ fields }: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = fields.get(id);
  return value?.type === 'list' ? value.items : [];
}

export function structOf(value: ThriftValue): ThriftStruct {
  if (value.type === 'struct') return value.value;
  throw new Error('the footer is not that of a Parquet file');
}

/** An integer of the footer; 0 where it has none. */
export function numberOf({ fields }: ThriftStruct, id: number): bigint {
  const value = fields.get(id);
  return value?.type === 'i64' || value?.type === 'i32' ? value.value : 0n;
}
