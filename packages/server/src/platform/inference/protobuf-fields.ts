const VARINT = 0;
const BYTES = 2;

/** A length-delimited field of a protobuf message: bytes, a text or a message of its own. */
export function bytesField(number: number, content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return Buffer.concat([bytesHeader(number, bytes.length), bytes]);
}

/** What stands before the `sizeBytes` bytes of such a field. */
export function bytesHeader(number: number, sizeBytes: number): Buffer {
  return Buffer.concat([varint(number * 8 + BYTES), varint(sizeBytes)]);
}

/** A field of a whole number from 0. */
export function numberField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8 + VARINT), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
