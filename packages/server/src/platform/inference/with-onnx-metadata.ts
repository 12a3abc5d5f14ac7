/**
 * The model file with more key-value pairs in its metadata. A protobuf message may be added to at its end: nothing of what
 * stands before is read or moved. A key that is there already would stand twice; give new ones.
 */
export function withOnnxMetadata(model: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(metadata).map(([key, value]) => {
    const pair = Buffer.concat([field(1, Buffer.from(key)), field(2, Buffer.from(value))]);
    return field(14, pair); // ModelProto.metadata_props in onnx.proto
  });
  return Buffer.concat([model, ...entries]);
}

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
