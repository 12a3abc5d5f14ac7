/**
 * Protobuf wire writer, as much as ONNX needs: varints, fixed 32, bytes, nested and packed fields
 * (https://protobuf.dev/programming-guides/encoding). Messages are built inside out, as byte arrays.
 */
export class ProtobufWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** int64, int32, enum or bool; negative numbers take ten bytes. Exact for safe integers. */
  int(field: number, value: number | bigint): this {
    this.#tag(field, 0);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#tag(field, 5);
    this.#append(new Uint8Array(littleEndian(Float32Array.of(value))));
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, encodeUtf8(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2);
    this.#varint(value.length);
    this.#append(value);
    return this;
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  packedFloats(field: number, values: Float32Array): this {
    return this.bytes(field, new Uint8Array(littleEndian(values)));
  }

  packedInts(field: number, values: Iterable<number>): this {
    const inner = new ProtobufWriter();
    for (const value of values) inner.#varint(value);
    return this.bytes(field, inner.finish());
  }

  /** A view of the bytes so far. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #tag(field: number, wireType: number): void {
    this.#varint(field * 8 + wireType);
  }

  #varint(value: number | bigint): void {
    this.#reserve(10);
    // Nearly every number is small: BigInt arithmetic for all of them made a large forest ten times slower to write.
    if (typeof value === 'number' && value >= 0 && value < 0x80000000) {
      let rest = value;
      for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      this.#bytes[this.#length++] = rest;
      return;
    }
    let wide = BigInt.asUintN(64, BigInt(value));
    for (; wide >= 0x80n; wide >>= 7n) this.#bytes[this.#length++] = Number(wide & 0x7fn) | 0x80;
    this.#bytes[this.#length++] = Number(wide);
  }

  #append(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + extra));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** The raw bytes of a typed array in little-endian order, which is what ONNX stores. */
export function littleEndian(values: Float32Array | Float64Array | BigInt64Array): ArrayBuffer {
  const size = values.BYTES_PER_ELEMENT;
  const out = new DataView(new ArrayBuffer(values.length * size));
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'bigint') out.setBigInt64(i * size, value, true);
    else if (size === 4) out.setFloat32(i * size, value, true);
    else out.setFloat64(i * size, value, true);
  }
  return out.buffer;
}

/** UTF-8 without TextEncoder, which is a platform's and not the language's. Lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return Uint8Array.from(bytes);
}
