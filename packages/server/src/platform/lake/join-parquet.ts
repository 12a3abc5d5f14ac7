import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { messageOf } from '@fairlead/kernel';
import { lakeErrors } from './lake-errors.js';
import type { WrittenFile } from './lake-types.js';
import {
  FILE,
  footerBytes,
  GROUP,
  listOf,
  MAGIC,
  moveGroup,
  numberOf,
  readFooter,
  structOf,
} from './parquet-footer.js';
import type { ThriftStruct, ThriftValue } from './thrift-compact.js';

const COPY_BYTES = 1024 * 1024;

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
      await out.appendFile(bytes);
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
    await write(footerBytes(joinedFooter(first, groups, { rows, metadata })));
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
      await write(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return footer;
  } catch (cause) {
    throw lakeErrors.LAKE_FILE_UNREADABLE(`${path} is no whole Parquet file: ${messageOf(cause)}.`, { cause });
  } finally {
    await file.close();
  }
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
