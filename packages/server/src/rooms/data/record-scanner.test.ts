import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitRecord } from './csv-dialect-rules.js';
import { scanRecords } from './record-scanner.js';

interface Seen {
  line: number;
  raw: string;
  fault: string | null;
}

async function scan(text: string | Buffer, options: { columns?: number; chunkBytes?: number } = {}): Promise<Seen[]> {
  const bytes = Buffer.from(text as string);
  const { chunkBytes = bytes.length || 1, columns } = options;
  const chunks = (async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  })();
  const seen: Seen[] = [];
  const csv = columns === undefined ? {} : { csv: { delimiter: ',', columns } };
  await scanRecords(chunks, csv, ({ bytes: raw, line, fault }) => seen.push({ raw: raw.toString(), line, fault }));
  return seen;
}

describe('the record scanner', () => {
  it('counts lines through quoted line breaks, empty lines and both line ends', async () => {
    const text = 'a,b\r\n1,"x\r\ny"\r\n\r\n2,"say ""hi"""\n3\n4,5,6\n7,8';
    expect(await scan(text, { columns: 2 })).toEqual([
      { line: 1, raw: 'a,b', fault: null },
      { line: 2, raw: '1,"x\r\ny"', fault: null },
      { line: 5, raw: '2,"say ""hi"""', fault: null },
      { line: 6, raw: '3', fault: 'TOO_FEW_COLUMNS' },
      { line: 7, raw: '4,5,6', fault: 'TOO_MANY_COLUMNS' },
      { line: 8, raw: '7,8', fault: null },
    ]);
  });

  it('loses one line to a broken quote, not the rest of the file', async () => {
    const text = 'a,b\n1,"open\n2,ok\n3,"x"y\n4,ok\n5,"never closed\n6,ok';
    const faults = await scan(text, { columns: 2 });
    expect(faults.filter((row) => row.fault !== null)).toEqual([
      { line: 2, raw: '1,"open', fault: 'MALFORMED_QUOTES' },
      { line: 4, raw: '3,"x"y', fault: 'MALFORMED_QUOTES' },
      { line: 6, raw: '5,"never closed', fault: 'MALFORMED_QUOTES' },
    ]);
    expect(faults.filter((row) => row.fault === null).map((row) => row.line)).toEqual([1, 3, 5, 7]);
  });

  it('drops a byte order mark and names bytes that are not UTF-8', async () => {
    const text = Buffer.concat([Buffer.from('\ufeffa,b\n1,'), Buffer.from([0xff]), Buffer.from('\n2,é\n')]);
    expect((await scan(text, { columns: 2 })).map((row) => [row.raw, row.fault])).toEqual([
      ['a,b', null],
      ['1,\ufffd', 'INVALID_ENCODING'],
      ['2,é', null],
    ]);
  });

  it('finds the same records however the bytes are cut', async () => {
    const cell = fc.constantFrom('', 'x', '1.5', '"q"', '"a,b"', '"two\nlines"', '"d""q"', 'é', '"', 'a"b');
    const row = fc.array(cell, { minLength: 1, maxLength: 4 }).map((cells) => cells.join(','));
    const file = fc.tuple(fc.array(row, { maxLength: 8 }), fc.constantFrom('\n', '\r\n'));
    await fc.assert(
      fc.asyncProperty(file, fc.integer({ min: 1, max: 7 }), async ([rows, end], chunkBytes) => {
        const text = rows.join(end);
        expect(await scan(text, { columns: 2, chunkBytes })).toEqual(await scan(text, { columns: 2 }));
      }),
      { numRuns: 300 },
    );
  });

  it('splits a record into the fields that were written', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ') });
    const write = (value: string) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
        expect(splitRecord(fields.map(write).join(','), ',')).toEqual(fields);
      }),
    );
  });
});
