import { numErrors } from '../../num-errors.js';
import type { Rng } from '../../random/rng.js';

export interface HeldOut {
  /** Ascending. */
  readonly training: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Holds a share of the rows out to stop by; with classes, the same share of each. @throws NUM_TOO_FEW when one part
 * would be empty
 */
export function holdOut(rowCount: number, classes: Int32Array | undefined, share: number, rng: Rng): HeldOut {
  const byClass = new Map<number, number[]>();
  for (let row = 0; row < rowCount; row++) {
    const code = classes ? classes[row] : 0;
    const rows = byClass.get(code);
    if (rows) rows.push(row);
    else byClass.set(code, [row]);
  }
  const out = new Uint8Array(rowCount);
  let count = 0;
  for (const code of [...byClass.keys()].sort((a, b) => a - b)) {
    const rows = rng.fork(code).shuffle(Int32Array.from(byClass.get(code) ?? []));
    for (const row of rows.subarray(0, Math.round(share * rows.length))) {
      out[row] = 1;
      count++;
    }
  }
  if (count === 0 || count === rowCount) {
    throw numErrors.NUM_TOO_FEW(
      `${rowCount} rows are too few to hold ${share} of them out; set earlyStopping to false.`,
    );
  }
  return { training: rowsWith(out, 0, rowCount - count), validation: rowsWith(out, 1, count) };
}

function rowsWith(marks: Uint8Array, mark: number, count: number): Uint32Array {
  const rows = new Uint32Array(count);
  for (let row = 0, at = 0; row < marks.length; row++) if (marks[row] === mark) rows[at++] = row;
  return rows;
}

/** Parts `rows` into `count` drawn without replacement and the others, both in their order (Knuth, algorithm S). */
export function drawRows(rows: Uint32Array, count: number, rng: Rng): { drawn: Uint32Array; others: Uint32Array } {
  const drawn = new Uint32Array(count);
  const others = new Uint32Array(rows.length - count);
  let taken = 0;
  for (let i = 0; i < rows.length; i++) {
    if (taken < count && rng.next() * (rows.length - i) < count - taken) drawn[taken++] = rows[i];
    else others[i - taken] = rows[i];
  }
  return { drawn, others };
}
