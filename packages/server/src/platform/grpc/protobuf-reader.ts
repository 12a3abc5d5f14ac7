import { isUtf8 } from 'node:buffer';
import { grpcErrors } from './grpc-errors.js';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const TWO_32 = 2 ** 32;

/**
 * Walks through the fields of one protobuf message without copying. After `next()` the field's number stands in `field`; then
 * exactly one of the reading methods, or `skip`.
 *
 * @throws GRPC_MESSAGE_INVALID when the bytes are no message, or a field is not of the kind that is read
 */
export class ProtoReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;
  #wire = 0;
  field = 0;

  /** Of the whole of `bytes`, or of a part of them. */
  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.#varintNumber();
    this.field = Math.floor(tag / 8);
    this.#wire = tag % 8;
    if (this.field === 0) throw invalid('a field has the number 0');
    return true;
  }

  /** True when the field is a run of bytes: bytes, a text, a message, or packed numbers. */
  get isLength(): boolean {
    return this.#wire === LENGTH;
  }

  bytes(): Buffer {
    const from = this.#run();
    return this.#bytes.subarray(from, this.#at);
  }

  /** The message in this field; a reader is cheaper than a view of bytes. */
  message(): ProtoReader {
    const from = this.#run();
    return new ProtoReader(this.#bytes, from, this.#at);
  }

  text(): string {
    const from = this.#run();
    const text = this.#bytes.toString('utf8', from, this.#at);
    // Only bytes that are no UTF-8, or a text that has this character itself, give it.
    if (text.includes('\ufffd') && !isUtf8(this.#bytes.subarray(from, this.#at))) throw invalid('a text is not UTF-8');
    return text;
  }

  /** Whole numbers of a repeated field, packed or one by one; beyond 2^53 only about right, as sizes may be. */
  int64s(take: (value: number) => void): void {
    if (this.#wire !== LENGTH) {
      take(Number(this.int64()));
      return;
    }
    const from = this.#run();
    const end = this.#at;
    this.#at = from;
    while (this.#at < end) {
      this.#at = readVarint(this.#bytes, this.#at, end);
      take((highHalf > 0x7fff_ffff ? highHalf - TWO_32 : highHalf) * TWO_32 + lowHalf);
    }
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  /** Low and high halves of a 64-bit varint are put together only where they are needed. */
  uint64(): bigint {
    this.#expect(VARINT);
    return this.#varint();
  }

  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  double(): number {
    this.#expect(FIXED64);
    return this.#fixed(8).readDoubleLE();
  }

  float(): number {
    this.#expect(FIXED32);
    return this.#fixed(4).readFloatLE();
  }

  skip(): void {
    if (this.#wire === VARINT) this.#varint();
    else if (this.#wire === LENGTH) this.bytes();
    else if (this.#wire === FIXED64) this.#fixed(8);
    else if (this.#wire === FIXED32) this.#fixed(4);
    else throw invalid(`a field has the wire type ${this.#wire}`);
  }

  /** Where a run of bytes begins; it ends where the reader stands then. */
  #run(): number {
    this.#expect(LENGTH);
    const length = this.#varintNumber();
    const from = this.#at;
    if (length > this.#end - from) throw invalid('a field ends beyond the message');
    this.#at = from + length;
    return from;
  }

  #fixed(length: number): Buffer {
    const from = this.#at;
    if (length > this.#end - from) throw invalid('a number ends beyond the message');
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }

  #expect(wire: number): void {
    if (this.#wire !== wire) throw invalid(`field ${this.field} has the wire type ${this.#wire}, expected ${wire}`);
  }

  /** For tags and lengths, which fit 32 bits. */
  #varintNumber(): number {
    this.#at = readVarint(this.#bytes, this.#at, this.#end);
    if (highHalf !== 0) throw invalid('a tag or a length is beyond 32 bits');
    return lowHalf;
  }

  #varint(): bigint {
    this.#at = readVarint(this.#bytes, this.#at, this.#end);
    return highHalf === 0 ? BigInt(lowHalf) : (BigInt(highHalf) << 32n) | BigInt(lowHalf);
  }
}

/** Varints that stand one behind the other, as packed fields have them; `take` gets the unsigned halves of each. */
export function readPackedVarints(bytes: Buffer, take: (low: number, high: number) => void): void {
  let at = 0;
  while (at < bytes.length) {
    at = readVarint(bytes, at, bytes.length);
    take(lowHalf, highHalf);
  }
}

/** The halves of the last varint that was read: two numbers cost nothing, an object per number does. */
let lowHalf = 0;
let highHalf = 0;

/** Reads into `lowHalf` and `highHalf`, and gives the place behind the number. */
function readVarint(bytes: Buffer, start: number, limit: number): number {
  const first = bytes[start] as number;
  if (start < limit && first < 128) {
    lowHalf = first;
    highHalf = 0;
    return start + 1;
  }
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i += 1) {
    const byte = bytes[start + i];
    if (byte === undefined || start + i >= limit) throw invalid('a number ends beyond the message');
    const part = byte & 127;
    if (i < 4) low += part * 2 ** (7 * i);
    else if (i === 4) {
      low += (part & 15) * 2 ** 28;
      high += part >> 4;
    } else high += part * 2 ** (7 * i - 32);
    if (byte < 128) {
      lowHalf = low;
      highHalf = high % TWO_32;
      return start + i + 1;
    }
  }
  throw invalid('a number has more than ten bytes');
}

function invalid(what: string): Error {
  return grpcErrors.GRPC_MESSAGE_INVALID(`The message cannot be read: ${what}.`);
}
