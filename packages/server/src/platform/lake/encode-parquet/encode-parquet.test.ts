import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toRows } from '@fairlead/frame';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLake } from '../create-lake.js';
import type { Lake } from '../lake-types.js';
import { encodeParquet } from './encode-parquet.js';
import type { ParquetColumn } from './parquet-types.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-parquet-'));
let lake: Lake;
let files = 0;
beforeAll(async () => {
  lake = await createLake({ tempFolder: join(folder, 'temp'), allowedFolders: [folder], threads: 1 });
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true, force: true });
});

const doubles = (values: readonly (number | null)[], kind: 'double' | 'boolean' = 'double'): ParquetColumn => ({
  kind,
  values: Float64Array.from(values, (value) => value ?? Number.NaN),
});

function texts(values: readonly (string | null)[]): ParquetColumn {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  return {
    kind: 'text',
    dictionary,
    codes: Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value))),
  };
}

async function readBack(columns: Record<string, ParquetColumn>) {
  // The engine remembers files by their path.
  files += 1;
  const path = join(folder, `${files}.parquet`);
  writeFileSync(path, Buffer.concat(encodeParquet(new Map(Object.entries(columns)))));
  return toRows(await lake.readParquet([path]));
}

describe('a Parquet file made without the engine', () => {
  it('is read by the engine as it was given, nulls, signs and odd texts included', async () => {
    const numbers = [1.5, null, -0, 5e-324, 1.7976931348623157e308, Number.POSITIVE_INFINITY, 0];
    const words = ['a', null, '', 'x"\'☔', 'a', '\u0000', 'é'];
    const flags = [1, 0, null, 1, 1, 0, 0];
    const rows = await readBack({
      n: doubles(numbers),
      t: texts(words),
      f: doubles(flags, 'boolean'),
      none: doubles(numbers.map(() => null)),
    });
    expect(rows.map(({ n }) => n)).toEqual(numbers);
    expect(rows.map(({ t }) => t)).toEqual(words);
    expect(rows.map(({ f }) => f)).toEqual(flags.map((flag) => (flag === null ? null : flag === 1)));
    expect(rows.map(({ none }) => none)).toEqual(numbers.map(() => null));
  });

  it('holds columns whose values repeat in a few bytes', async () => {
    const rows = 5000;
    const numbers = Array.from({ length: rows }, (_, i) => (i % 7 === 0 ? null : (i % 300) / 8));
    const words = Array.from({ length: rows }, (_, i) => `word ${i % 3}`);
    const back = await readBack({ n: doubles(numbers), t: texts(words), one: texts(words.map(() => 'same')) });
    expect(back.map(({ n }) => n)).toEqual(numbers);
    expect(back.map(({ t, one }) => [t, one])).toEqual(words.map((word) => [word, 'same']));
    const bytes = (column: ParquetColumn) => Buffer.concat(encodeParquet(new Map([['c', column]]))).length;
    expect(bytes(doubles(numbers))).toBeLessThan(rows * 2);
    expect(bytes(texts(words.map(() => 'same')))).toBeLessThan(250);
  });

  it('gives any columns back', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.option(fc.double({ noNaN: true })), fc.option(fc.string({ unit: 'grapheme' }))), {
          minLength: 1,
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 40 }),
        async (some, times) => {
          const all = Array.from({ length: times }, () => some).flat();
          const back = await readBack({ n: doubles(all.map(([n]) => n)), t: texts(all.map(([, t]) => t)) });
          expect(back.map(({ n, t }) => [n, t])).toEqual(all);
        },
      ),
      { numRuns: 40 },
    );
  });
});
