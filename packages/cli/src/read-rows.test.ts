import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCsv, readRows } from './read-rows.js';

const fileWith = (name: string, text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'fairlead-rows-')), name);
  writeFileSync(path, text);
  return path;
};

describe('reading rows', () => {
  it('reads CSV by RFC 4180', () => {
    expect(parseCsv('a,b\r\n"x, ""y""\nz",\r\n')).toEqual([
      ['a', 'b'],
      ['x, "y"\nz', ''],
    ]);
    expect(parseCsv('\ufeffa,b\n1,')).toEqual([
      ['a', 'b'],
      ['1', ''],
    ]);
    expect(() => parseCsv('a\n"open')).toThrow(/quote/);
  });

  it('tells numbers, truth values, missing cells and codes apart', async () => {
    const rows = await readRows(fileWith('x.csv', 'n,e,b,m,code,text\n-1.5,2e3,true,,007,1 2\n'), '/');
    expect(rows).toEqual([{ n: -1.5, e: 2000, b: true, m: null, code: '007', text: '1 2' }]);
  });

  it('reads JSON lines and JSON, one row or many', async () => {
    expect(await readRows(fileWith('x.jsonl', '{"a":1}\n\n{"a":2}\n'), '/')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(await readRows(fileWith('x.json', '[{"a":1}]'), '/')).toEqual([{ a: 1 }]);
    expect(await readRows(fileWith('y.json', '{"a":1}'), '/')).toEqual([{ a: 1 }]);
  });

  it('refuses ragged records, things that are no rows, and files that are not there', async () => {
    await expect(readRows(fileWith('x.csv', 'a,b\n1\n'), '/')).rejects.toMatchObject({ code: 'CLI_USAGE' });
    await expect(readRows(fileWith('x.json', '[1]'), '/')).rejects.toMatchObject({ code: 'CLI_USAGE' });
    await expect(readRows('/nowhere/x.csv', '/')).rejects.toMatchObject({ code: 'CLI_FILE_UNREADABLE' });
  });
});
