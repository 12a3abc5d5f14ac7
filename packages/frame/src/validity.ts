import type { Validity } from './frame-types.js';

/** True when cell `row` is present. */
export function isPresent(validity: Validity | undefined, row: number): boolean {
  return validity === undefined || ((validity[row >>> 5] as number) & (1 << (row & 31))) !== 0;
}

/** A bitmap for `rowCount` cells, all absent. */
export function emptyValidity(rowCount: number): Validity {
  return new Uint32Array((rowCount + 31) >>> 5);
}

/** Marks cell `row` as present, in place. */
export function markPresent(validity: Validity, row: number): void {
  const word = row >>> 5;
  validity[word] = (validity[word] as number) | (1 << (row & 31));
}

/** Number of missing cells among the first `rowCount`. */
export function countMissing(validity: Validity | undefined, rowCount: number): number {
  if (validity === undefined) return 0;
  let present = 0;
  for (let row = 0; row < rowCount; row++) if (isPresent(validity, row)) present++;
  return rowCount - present;
}
