/** Bits per element of TensorProto.DataType, onnx/onnx.proto of ONNX 1.20. Texts (8) have none: they never stand in a side file. */
const BITS: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16 },
  ...{ 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2 },
};

/**
 * How many bytes a tensor of these dimensions has as raw data, elements below a byte packed. Null for an element type without
 * a fixed size and for more bytes than a number counts exactly.
 */
export function tensorBytes(elementType: number, dims: readonly number[]): number | null {
  const bits = BITS[elementType];
  if (bits === undefined) return null;
  let elements = 1;
  for (const size of dims) elements *= size;
  const sizeBytes = Math.ceil((elements * bits) / 8);
  return Number.isSafeInteger(elements) && Number.isSafeInteger(sizeBytes) ? sizeBytes : null;
}
