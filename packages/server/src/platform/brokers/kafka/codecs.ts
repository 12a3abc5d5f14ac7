import { messageOf } from '@fairlead/kernel';
import { decompress as unzstd } from 'fzstd';
import kafkajs from 'kafkajs';
import { decompress as unlz4 } from 'lz4js';
import { uncompressSync } from 'snappy';
import { brokerErrors } from '../broker-errors.js';

/** Bytes that begin snappy in the framing of Java's library, which most producers of Kafka use. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Reads what producers compress with snappy, LZ4 and Zstandard; the client itself reads gzip only. We write nothing compressed. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = reader(snappy);
  CompressionCodecs[CompressionTypes.LZ4] = reader((bytes) => unlz4(bytes));
  CompressionCodecs[CompressionTypes.ZSTD] = reader((bytes) => unzstd(bytes));
}

const reader = (read: (bytes: Uint8Array) => Uint8Array) => () => ({
  compress: async (): Promise<Buffer> => {
    throw brokerErrors.BRK_NOT_STORED('Messages are not compressed here.');
  },
  decompress: async (bytes: Buffer): Promise<Buffer> => {
    try {
      const plain = read(bytes);
      return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
    } catch (cause) {
      throw brokerErrors.BRK_UNREADABLE(`Compressed messages cannot be read: ${messageOf(cause)}.`, { cause });
    }
  },
});

const unsnappy = (bytes: Buffer) => uncompressSync(bytes, { asBuffer: true }) as Buffer;

/** Raw, or in blocks of at most 32 KiB that each have their length before them. */
function snappy(bytes: Uint8Array): Uint8Array {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!whole.subarray(0, XERIAL.length).equals(XERIAL)) return unsnappy(whole);
  const blocks: Uint8Array[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < whole.length; ) {
    const size = whole.readUInt32BE(at);
    blocks.push(unsnappy(whole.subarray(at + 4, at + 4 + size)));
    at += 4 + size;
  }
  return Buffer.concat(blocks);
}
