/**
 * Parquet's hybrid of runs and bit packing: one run when all values are equal, else all of them packed, least significant
 * bit first.
 *
 * @param width bits per value, 1 to 24
 */
export function packLevels(values: ArrayLike<number>, width: number): Uint8Array {
  const { length } = values;
  if (isConstant(values)) return Uint8Array.of(...varint(length << 1), ...littleEndian(values[0] ?? 0, width));
  const groups = Math.ceil(length / 8);
  const head = varint((groups << 1) | 1);
  const packed = new Uint8Array(head.length + groups * width);
  packed.set(head);
  let at = head.length;
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i += 1) {
    bits |= (values[i] as number) << held;
    for (held += width; held >= 8; held -= 8) {
      packed[at++] = bits & 255;
      bits >>>= 8;
    }
  }
  if (held > 0) packed[at] = bits & 255;
  return packed;
}

/** Bits that a value up to `largest` needs, at least one. */
export const widthFor = (largest: number): number => Math.max(1, 32 - Math.clz32(largest));

function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i += 1) if (values[i] !== values[0]) return false;
  return true;
}

function littleEndian(value: number, width: number): number[] {
  return Array.from({ length: Math.ceil(width / 8) }, (_, i) => (value >>> (8 * i)) & 255);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}
