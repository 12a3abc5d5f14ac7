import { bytesField } from './protobuf-fields.js';

/**
 * The model file with more key-value pairs in its metadata. A protobuf message may be added to at its end: nothing of what
 * stands before is read or moved. A key that is there already would stand twice; give new ones.
 */
export function withOnnxMetadata(model: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(metadata).map(([key, value]) => {
    const pair = Buffer.concat([bytesField(1, key), bytesField(2, value)]);
    return bytesField(14, pair); // ModelProto.metadata_props in onnx.proto
  });
  return Buffer.concat([model, ...entries]);
}
