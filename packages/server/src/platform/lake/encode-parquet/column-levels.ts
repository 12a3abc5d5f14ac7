import { packLevels } from './pack-levels.js';

/** Which cells of a page hold a value, as Parquet writes it before the values. */
export interface Levels {
  readonly bytes: Uint8Array;
  /** Values and nulls of the page. */
  readonly cells: number;
}

/** Of a column with at most one value per row. @param present per row 0 or 1; null: every row has its value */
export function flatLevels(rows: number, present: Uint8Array | null): Levels {
  return { bytes: framed(present ?? new Uint8Array(rows).fill(1)), cells: rows };
}

/** Of a column of lists that all have `width` elements, none of which is null. @param present per row 0 or 1 */
export function listLevels(rows: number, width: number, present: Uint8Array | null): Levels {
  const lists = present === null ? rows : present.reduce((sum, one) => sum + one, 0);
  const cells = lists * width + rows - lists;
  const repetition = new Uint8Array(cells);
  const definition = new Uint8Array(cells);
  for (let row = 0, at = 0; row < rows; row += 1) {
    if (present !== null && present[row] === 0) at += 1;
    else {
      // The first element begins the list, the others continue it.
      repetition.fill(1, at + 1, at + width);
      definition.fill(DEFINED_ELEMENT, at, at + width);
      at += width;
    }
  }
  return { bytes: Buffer.concat([framed(repetition), framed(definition, 2)]), cells };
}

/** The list, its element, and the element's value are there. */
const DEFINED_ELEMENT = 3;

function framed(levels: Uint8Array, width = 1): Uint8Array {
  const packed = packLevels(levels, width);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packed.length);
  return Buffer.concat([length, packed]);
}
