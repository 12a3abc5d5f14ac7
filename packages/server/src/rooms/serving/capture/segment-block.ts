import { crc32 } from 'node:zlib';
import type { CapturedRow } from '../serving-types.js';
import type { CaptureSource } from './capture-types.js';

/**
 * A segment is a sequence of blocks, each with the rows of one deployment that were appended together:
 *
 * ```
 * 'FLR1' | u32 bytes of the header | u32 bytes of the numbers | u32 crc32 of both | header | numbers
 * ```
 *
 * The header is JSON, padded with spaces so that the numbers are aligned. The numbers are float64 in the order of the machine's
 * bytes: per request {@link REQUEST_CELLS}, then per row {@link ROW_CELLS} and a cell per typed input. NaN stands for null; a text
 * is a place in the header's `texts`.
 */
export interface BlockHeader {
  readonly source: CaptureSource;
  readonly facts: readonly RequestFacts[];
  readonly texts: readonly string[];
  readonly requests: number;
  readonly rows: number;
}

/** Facts that few requests differ in, kept once each. */
export type RequestFacts = Pick<
  CapturedRow,
  'consumer' | 'routeReason' | 'shadow' | 'propensity' | 'status' | 'errorCode'
>;

export interface Block {
  readonly header: BlockHeader;
  readonly requests: Float64Array;
  readonly rows: Float64Array;
}

/** Cells of a request. */
export const REQUEST_CELLS = { atMs: 0, latencyMs: 1, queueMs: 2, computeMs: 3, facts: 4, id: 5, rows: 6 } as const;
export const REQUEST_WIDTH = 7;

/** Cells of a row; `id` only when it is the caller's own, `rest` is the JSON of the inputs that no typed column holds. */
export const ROW_CELLS = { label: 0, probability: 1, id: 2, rest: 3 } as const;
export const ROW_WIDTH = 4;

const MAGIC = Buffer.from('FLR1');
const PRELUDE_BYTES = 16;
const ALIGNMENT = 8;

export function encodeBlock({ header, requests, rows }: Block): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const block = Buffer.allocUnsafe(PRELUDE_BYTES + headerBytes + requests.byteLength + rows.byteLength);
  MAGIC.copy(block);
  block.writeUInt32LE(headerBytes, 4);
  block.writeUInt32LE(requests.byteLength + rows.byteLength, 8);
  json.copy(block, PRELUDE_BYTES);
  block.fill(' ', PRELUDE_BYTES + json.length, PRELUDE_BYTES + headerBytes);
  block.set(bytesOf(requests), PRELUDE_BYTES + headerBytes);
  block.set(bytesOf(rows), PRELUDE_BYTES + headerBytes + requests.byteLength);
  block.writeUInt32LE(crc32(block.subarray(PRELUDE_BYTES)), 12);
  return block;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array) => new Uint8Array(buffer, byteOffset, byteLength);

/** A block with its place in the bytes, `end` exclusive. */
export interface FoundBlock {
  readonly block: Block;
  readonly start: number;
  readonly end: number;
}

/** The blocks of a segment, and in how many places it is torn or damaged; what is whole behind such a place is found again. */
export function readBlocks(bytes: Buffer): {
  readonly blocks: Block[];
  readonly torn: number;
  readonly endBytes: number;
} {
  const blocks: Block[] = [];
  let torn = 0;
  let endBytes = 0;
  for (const found of scanBlocks(bytes)) {
    if (found === 'torn') torn += 1;
    else {
      blocks.push(found.block);
      endBytes = found.end;
    }
  }
  return { blocks, torn, endBytes };
}

/** As {@link readBlocks}, one after the other. */
export function* scanBlocks(bytes: Buffer): Generator<FoundBlock | 'torn'> {
  for (let start = 0; start < bytes.length; ) {
    const read = readBlock(bytes, start);
    if (read !== undefined) {
      yield { ...read, start };
      start = read.end;
      continue;
    }
    yield 'torn';
    const next = bytes.indexOf(MAGIC, start + 1);
    start = next === -1 ? bytes.length : next;
  }
}

function readBlock(bytes: Buffer, start: number): { block: Block; end: number } | undefined {
  if (start + PRELUDE_BYTES > bytes.length || MAGIC.compare(bytes, start, start + 4) !== 0) return undefined;
  const headerEnd = start + PRELUDE_BYTES + bytes.readUInt32LE(start + 4);
  const end = headerEnd + bytes.readUInt32LE(start + 8);
  if (end > bytes.length) return undefined;
  if (crc32(bytes.subarray(start + PRELUDE_BYTES, end)) !== bytes.readUInt32LE(start + 12)) return undefined;
  const header = JSON.parse(bytes.toString('utf8', start + PRELUDE_BYTES, headerEnd)) as BlockHeader;
  const numbers = new Float64Array(Uint8Array.prototype.slice.call(bytes, headerEnd, end).buffer);
  const requestCells = header.requests * REQUEST_WIDTH;
  return {
    block: { header, requests: numbers.subarray(0, requestCells), rows: numbers.subarray(requestCells) },
    end,
  };
}

/** When the first and the last of the rows were asked for. */
export function timeRange(blocks: readonly Block[]): { fromMs: number; untilMs: number } {
  let [fromMs, untilMs] = [Infinity, -Infinity];
  for (const { requests } of blocks) {
    for (let at = REQUEST_CELLS.atMs; at < requests.length; at += REQUEST_WIDTH) {
      fromMs = Math.min(fromMs, requests[at] as number);
      untilMs = Math.max(untilMs, requests[at] as number);
    }
  }
  return { fromMs, untilMs };
}
