const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;

const TWO_32 = 2 ** 32;
const START_BYTES = 256;

/** Writes one protobuf message into one growing buffer. */
export class ProtoWriter {
  #bytes: Buffer;
  #at = 0;

  constructor() {
    this.#bytes = Buffer.allocUnsafe(START_BYTES);
  }

  /** Nothing is written for '', which is what an absent field means. */
  text(field: number, value: string): this {
    if (value !== '') this.textItem(field, value);
    return this;
  }

  /** An element of a repeated field, written even when it is ''. */
  textItem(field: number, value: string): this {
    const length = Buffer.byteLength(value);
    this.#head(field, length);
    this.#at += this.#bytes.write(value, this.#at);
    return this;
  }

  bytesItem(field: number, value: Uint8Array): this {
    this.#head(field, value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  /** Whole numbers: safe integers, or any 64 bits as bigint. Nothing is written for 0. */
  integer(field: number, value: number | bigint): this {
    if (Number(value) === 0) return this;
    this.#room(20);
    this.#varint(field * 8 + VARINT);
    this.#varint64(value);
    return this;
  }

  bool(field: number, value: boolean): this {
    return value ? this.integer(field, 1) : this;
  }

  double(field: number, value: number): this {
    this.#room(18);
    this.#varint(field * 8 + FIXED64);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
    return this;
  }

  /** Whole numbers as one packed field. */
  packedIntegers(field: number, values: ArrayLike<number | bigint>): this {
    if (values.length === 0) return this;
    const part = new ProtoWriter();
    for (let i = 0; i < values.length; i += 1) {
      part.#room(10);
      part.#varint64(values[i] as number | bigint);
    }
    return this.bytesItem(field, part.finish());
  }

  /** A message as a field, written even when it is empty. */
  message(field: number, write: (writer: ProtoWriter) => void): this {
    const part = new ProtoWriter();
    write(part);
    return this.bytesItem(field, part.finish());
  }

  /** What was written; the writer is not to be used any more. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #head(field: number, length: number): void {
    this.#room(20 + length);
    this.#varint(field * 8 + LENGTH);
    this.#varint(length);
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #varint64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.#varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128;
    this.#bytes[this.#at++] = Number(rest);
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= TWO_32; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 128;
    rest >>>= 0;
    for (; rest > 127; rest >>>= 7) this.#bytes[this.#at++] = (rest & 127) | 128;
    this.#bytes[this.#at++] = rest;
  }
}
