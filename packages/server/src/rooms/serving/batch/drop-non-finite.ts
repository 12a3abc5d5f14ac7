import type { NamedTensor } from '../../../platform/inference/index.js';

/** Calls `drop` once per row in which a floating output is NaN or infinite. `rows` is how many rows the tensors hold. */
export function dropNonFinite(
  tensors: readonly NamedTensor[],
  rows: number,
  drop: (row: number, reason: string) => void,
): void {
  const dropped = new Set<number>();
  for (const { name, data } of tensors) {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    for (let i = 0; i < data.length; i += 1) {
      const value = data[i] as number;
      if (value - value === 0) continue;
      const row = Math.floor((i * rows) / data.length);
      if (dropped.has(row)) continue;
      dropped.add(row);
      drop(row, `output ${name} is ${value}`);
    }
  }
}
