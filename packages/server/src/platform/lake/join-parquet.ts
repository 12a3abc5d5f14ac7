import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '@fairlead/kernel';
import { lakeErrors } from './lake-errors.js';
import type { WrittenFile } from './lake-types.js';
import { readThrift, type ThriftStruct, type ThriftValue, writeThrift } from './thrift-compact.js';

const MAGIC = Buffer.from('PAR1');
const COPY_BYTES = 1024 * 1024;

/** Numbers of the fields in parquet.thrift. */
const FILE = { rowCount: 3, rowGroups: 4, keyValues: 5 } as const;
const GROUP = { columns: 1, rowCount: 3, fileOffset: 5, ordinal: 7 } as const;
const CHUNK = { fileOffset: 2, metadata: 3, offsetIndex: 4, columnIndex: 6 } as const;
/** data_page_offset, index_page_offset, dictionary_page_offset, bloom_filter_offset. */
const PAGE_OFFSETS = [9, 10, 11, 14];

/**
 * Writes one Parquet file with the row groups of others, in order: their bytes are copied as they are and only the footer is
 * made anew, so joining costs what copying files costs. All parts have one schema. The file is complete on disk when this
 * resolves.
 *
 * @param metadata key-value pairs of the footer; those of the parts are left out
 * @throws LAKE_FILE_UNREADABLE
 */
export async function joinParquet(
  parts: readonly string[],
  path: string,
  metadata: Readonly<Record<string, string>>,
): Promise<WrittenFile & { readonly digest: string }> {
  const out = await open(path, 'w');
  try {
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const write = async (bytes: Uint8Array) => {
      hash.update(bytes);
      sizeBytes += bytes.length;
      await out.write(bytes);
    };
    await write(MAGIC);
    let first: ThriftStruct | undefined;
    const groups: ThriftValue[] = [];
    for (const part of parts) {
      const footer = await copyPart(part, groups, { startsAt: sizeBytes, write });
      first ??= footer;
    }
    if (first === undefined) throw lakeErrors.LAKE_FILE_UNREADABLE('There are no parts to join.');
    const rows = groups.reduce((sum, group) => sum + numberOf(structOf(group), GROUP.rowCount), 0n);
    const footer = writeThrift(joinedFooter(first, groups, { rows, metadata }));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    await write(footer);
    await write(length);
    await write(MAGIC);
    await out.sync();
    return { rows: Number(rows), sizeBytes, digest: hash.digest('hex') };
  } finally {
    await out.close();
  }
}

interface Target {
  readonly startsAt: number;
  readonly write: (bytes: Uint8Array) => Promise<void>;
}

async function copyPart(path: string, groups: ThriftValue[], { startsAt, write }: Target): Promise<ThriftStruct> {
  const file = await open(path, 'r');
  try {
    const { footer, dataEnd } = await readFooter(file);
    const shift = BigInt(startsAt - MAGIC.length);
    for (const group of listOf(footer, FILE.rowGroups)) {
      const struct = structOf(group);
      moveGroup(struct, shift);
      struct.fields.set(GROUP.ordinal, { type: 'i16', value: BigInt(groups.length) });
      groups.push(group);
    }
    const buffer = Buffer.alloc(COPY_BYTES);
    for (let at = MAGIC.length; at < dataEnd; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(COPY_BYTES, dataEnd - at), at);
      if (bytesRead === 0) throw new Error('the file has been cut short');
      await write(Buffer.from(buffer.subarray(0, bytesRead)));
      at += bytesRead;
    }
    return footer;
  } catch (cause) {
    throw lakeErrors.LAKE_FILE_UNREADABLE(`${path} is no whole Parquet file: ${messageOf(cause)}.`, { cause });
  } finally {
    await file.close();
  }
}

async function readFooter(file: FileHandle): Promise<{ footer: ThriftStruct; dataEnd: number }> {
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

/** Every place that the footer names lies `shift` bytes further on in the new file. */
function moveGroup({ fields }: ThriftStruct, shift: bigint): void {
  move(fields, GROUP.fileOffset, shift);
  const columns = fields.get(GROUP.columns);
  for (const column of columns?.type === 'list' ? columns.items : []) {
    const chunk = structOf(column).fields;
    for (const id of [CHUNK.fileOffset, CHUNK.offsetIndex, CHUNK.columnIndex]) move(chunk, id, shift);
    const metadata = chunk.get(CHUNK.metadata);
    if (metadata?.type === 'struct') for (const id of PAGE_OFFSETS) move(metadata.value.fields, id, shift);
  }
}

/** Writers put 0 where there is nothing to point to. */
function move(fields: Map<number, ThriftValue>, id: number, shift: bigint): void {
  const value = fields.get(id);
  if (value?.type === 'i64' && value.value > 0n) fields.set(id, { type: 'i64', value: value.value + shift });
}

function joinedFooter(
  { fields }: ThriftStruct,
  groups: ThriftValue[],
  { rows, metadata }: { rows: bigint; metadata: Readonly<Record<string, string>> },
): ThriftStruct {
  const text = (value: string): ThriftValue => ({ type: 'binary', value: Buffer.from(value) });
  const pairs = Object.entries(metadata).map(
    ([key, value]): ThriftValue => ({
      type: 'struct',
      value: {
        fields: new Map([
          [1, text(key)],
          [2, text(value)],
        ]),
      },
    }),
  );
  const joined = new Map(fields);
  joined.set(FILE.rowCount, { type: 'i64', value: rows });
  joined.set(FILE.rowGroups, { type: 'list', of: 12, items: groups });
  joined.set(FILE.keyValues, { type: 'list', of: 12, items: pairs });
  return { fields: joined };
}

function listOf({ fields }: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = fields.get(id);
  return value?.type === 'list' ? value.items : [];
}

function structOf(value: ThriftValue): ThriftStruct {
  if (value.type === 'struct') return value.value;
  throw new Error('the footer is not that of a Parquet file');
}

function numberOf({ fields }: ThriftStruct, id: number): bigint {
  const value = fields.get(id);
  return value?.type === 'i64' ? value.value : 0n;
}
