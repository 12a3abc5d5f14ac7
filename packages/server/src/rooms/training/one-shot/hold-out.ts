import { type Column, columnLength, columnOf, isPresent, type Table } from '@fairlead/frame';
import { createRng, range } from '@fairlead/num';
import { trainingErrors } from '../training-errors.js';

export interface HoldOut {
  readonly by: 'time' | 'random' | 'none';
  readonly train: Int32Array;
  readonly test: Int32Array;
  /** Where the test rows begin, when they were parted by time. */
  readonly testFromMs: number | null;
}

export interface HoldOutWishes {
  readonly rows: Int32Array;
  readonly time: string | null;
  readonly testFrom?: string | undefined;
  readonly testRatio?: number | undefined;
  /** Equal values keep their shares in both parts, as far as rows allow. */
  readonly strata?: Column | undefined;
  readonly seed: number;
}

const DEFAULT_RATIO = 0.2;

/**
 * Puts rows aside that nothing learns from and nothing is chosen by: the last ones where there is a time, random ones
 * otherwise.
 *
 * @throws TRN_TIME_REQUIRED, TRN_TOO_FEW_ROWS, TRN_TEST_EMPTY
 */
export function holdOut(table: Table, wishes: HoldOutWishes): HoldOut {
  const { rows, time, testFrom, testRatio = DEFAULT_RATIO, strata, seed } = wishes;
  if (testRatio === 0) return { by: 'none', train: rows, test: new Int32Array(0), testFromMs: null };
  if (rows.length < 3) {
    throw trainingErrors.TRN_TOO_FEW_ROWS(
      `${rows.length} rows cannot be parted into rows to learn from and to test on.`,
      {
        data: { rows: rows.length },
      },
    );
  }
  if (time === null) return random(rows, { ratio: testRatio, strata, seed });
  const column = columnOf(table, time);
  if (column.kind !== 'timestamp') {
    throw trainingErrors.TRN_TIME_REQUIRED(`The time column ${time} is ${column.kind}, not a time.`, {
      data: { time },
    });
  }
  const at = (row: number) => column.values[row] as number;
  const sorted = rows.slice().sort((a, b) => at(a) - at(b) || a - b);
  const boundary = testFrom === undefined ? undefined : Date.parse(testFrom);
  const cut =
    boundary === undefined
      ? rows.length - Math.max(1, Math.round(rows.length * testRatio))
      : firstFrom(sorted, at, boundary);
  const [train, test] = [sorted.slice(0, cut), sorted.slice(cut)];
  if (train.length === 0 || test.length === 0) {
    const [first, last] = [sorted[0], sorted.at(-1)].map((row) => new Date(at(row as number)).toISOString());
    throw trainingErrors.TRN_TEST_EMPTY(
      `From ${testFrom} on there are ${test.length} of ${rows.length} rows; ${time} runs from ${first} to ${last}.`,
      { data: { testFrom, first, last } },
    );
  }
  return { by: 'time', train, test, testFromMs: at(test[0] as number) };
}

function firstFrom(sorted: Int32Array, at: (row: number) => number, boundaryMs: number): number {
  const found = sorted.findIndex((row) => at(row) >= boundaryMs);
  return found < 0 ? sorted.length : found;
}

function random(
  rows: Int32Array,
  { ratio, strata, seed }: { ratio: number; strata: Column | undefined; seed: number },
): HoldOut {
  const order = createRng(seed).fork('test rows').shuffle(rows.slice());
  const key = strata === undefined ? () => 0 : stratumOf(strata);
  const left = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const row of order) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  for (const [stratum, count] of counts) left.set(stratum, Math.round(count * ratio));
  const isTest = new Set<number>();
  for (const row of order) {
    const more = left.get(key(row)) ?? 0;
    if (more === 0) continue;
    isTest.add(row);
    left.set(key(row), more - 1);
  }
  if (isTest.size === 0) isTest.add(order[0] as number);
  return {
    by: 'random',
    train: rows.filter((row) => !isTest.has(row)),
    test: rows.filter((row) => isTest.has(row)),
    testFromMs: null,
  };
}

function stratumOf(column: Column): (row: number) => number {
  return column.kind === 'string' ? (row) => column.codes[row] as number : (row) => column.values[row] as number;
}

/** Rows with a target, and how many have none. */
export function rowsWith(column: Column): { rows: Int32Array; without: number } {
  const all = range(columnLength(column));
  const rows = all.filter(
    (row) => isPresent(column.validity, row) && !(column.kind === 'float64' && Number.isNaN(column.values[row])),
  );
  return { rows, without: all.length - rows.length };
}
