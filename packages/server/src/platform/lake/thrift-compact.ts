/**
 * Thrift's compact protocol, as far as the footer of a Parquet file needs it: a message is read into a tree, whose known
 * fields may be changed, and written again. Fields that nobody knows here go through as they are.
 */
export interface ThriftStruct {
  readonly fields: Map<number, ThriftValue>;
}

export type ThriftValue =
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'byte' | 'i16' | 'i32' | 'i64'; readonly value: bigint }
  | { readonly type: 'double' | 'binary'; readonly value: Uint8Array }
  | { readonly type: 'list'; readonly of: number; readonly items: ThriftValue[] }
  | { readonly type: 'struct'; readonly value: ThriftStruct };

const CODES = { byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 } as const;
const TRUE = 1;
const FALSE = 2;
/** Deeper than any footer; a damaged one must not exhaust the stack. */
const MAX_DEPTH = 32;

export function readThrift(bytes: Uint8Array): ThriftStruct {
  return new Reader(bytes).struct(0);
}

export function writeThrift(struct: ThriftStruct): Uint8Array {
  const out: (number | Uint8Array)[] = [];
  writeStruct(out, struct);
  return Buffer.concat(out.map((piece) => (typeof piece === 'number' ? Uint8Array.of(piece) : piece)));
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new Error('the footer is nested too deeply');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (let head = this.#byte(); head !== 0; head = this.#byte()) {
      id = head >> 4 === 0 ? Number(this.#zigzag()) : id + (head >> 4);
      const code = head & 15;
      fields.set(id, code <= FALSE ? { type: 'bool', value: code === TRUE } : this.#value(code, depth));
    }
    return { fields };
  }

  #value(code: number, depth: number): ThriftValue {
    switch (code) {
      case TRUE:
      case FALSE:
        return { type: 'bool', value: this.#byte() === TRUE };
      case CODES.byte:
        return { type: 'byte', value: BigInt(this.#byte()) };
      case CODES.i16:
        return { type: 'i16', value: this.#zigzag() };
      case CODES.i32:
        return { type: 'i32', value: this.#zigzag() };
      case CODES.i64:
        return { type: 'i64', value: this.#zigzag() };
      case CODES.double:
        return { type: 'double', value: this.#take(8) };
      case CODES.binary:
        return { type: 'binary', value: this.#take(Number(this.#varint())) };
      case CODES.list: {
        const head = this.#byte();
        const size = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
        const items: ThriftValue[] = [];
        for (let i = 0; i < size; i += 1) items.push(this.#value(head & 15, depth + 1));
        return { type: 'list', of: head & 15, items };
      }
      case CODES.struct:
        return { type: 'struct', value: this.struct(depth + 1) };
      default:
        throw new Error(`the footer holds a value of the unknown type ${code}`);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('the footer ends too early');
    this.#at += 1;
    return byte;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('the footer ends too early');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  #zigzag(): bigint {
    const raw = this.#varint();
    return (raw & 1n) === 1n ? -(raw >> 1n) - 1n : raw >> 1n;
  }
}

type Out = (number | Uint8Array)[];

function writeStruct(out: Out, { fields }: ThriftStruct): void {
  let last = 0;
  for (const [id, value] of [...fields].sort(([a], [b]) => a - b)) {
    const code = value.type === 'bool' ? (value.value ? TRUE : FALSE) : CODES[value.type];
    const step = id - last;
    if (step > 0 && step < 16) out.push((step << 4) | code);
    else {
      out.push(code);
      writeZigzag(out, BigInt(id));
    }
    if (value.type !== 'bool') writeValue(out, value);
    last = id;
  }
  out.push(0);
}

function writeValue(out: Out, value: ThriftValue): void {
  switch (value.type) {
    case 'bool':
      out.push(value.value ? TRUE : FALSE);
      break;
    case 'byte':
      out.push(Number(value.value));
      break;
    case 'i16':
    case 'i32':
    case 'i64':
      writeZigzag(out, value.value);
      break;
    case 'double':
      out.push(value.value);
      break;
    case 'binary':
      writeVarint(out, BigInt(value.value.length));
      out.push(value.value);
      break;
    case 'list':
      if (value.items.length < 15) out.push((value.items.length << 4) | value.of);
      else {
        out.push(0xf0 | value.of);
        writeVarint(out, BigInt(value.items.length));
      }
      for (const item of value.items) writeValue(out, item);
      break;
    case 'struct':
      writeStruct(out, value.value);
  }
}

function writeVarint(out: Out, value: bigint): void {
  let rest = value;
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
}

function writeZigzag(out: Out, value: bigint): void {
  writeVarint(out, value < 0n ? ((-value - 1n) << 1n) | 1n : value << 1n);
}
