import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { profileFile, validateFile } from './one-shot.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-wild-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const TEXT = 'id,age\n1,20\n2,30\n';

describe('files as they come', () => {
  it.each([
    ['UTF-16 with a mark', 'a.csv', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), /UTF-16; save it as UTF-8/],
    ['UTF-16 without one', 'b.csv', Buffer.from(TEXT, 'utf16le').swap16(), /UTF-16; save it as UTF-8/],
    ['gzip', 'c.csv', gzipSync(TEXT), /compressed with gzip/],
    ['an Excel workbook', 'd.csv', Buffer.from('PK\u0003\u0004 and more'), /Excel workbook/],
    ['Parquet', 'e.csv', Buffer.from('PAR1 and more'), /format: parquet/],
  ])('are called by their name when they are not text: %s', async (_, name, bytes, words) => {
    await expect(profileFile(write(name, bytes))).rejects.toMatchObject({
      code: 'DATA_SOURCE_UNREADABLE',
      message: expect.stringMatching(words),
    });
  });

  it('may be of tabs by their name', async () => {
    const { format, columns } = await profileFile(write('a.tsv', TEXT.replaceAll(',', '\t')));
    expect([format, columns.map(({ name }) => name)]).toEqual(['csv', ['id', 'age']]);
  });

  it('keep whole numbers that no double holds apart, as text', async () => {
    const ids = ['9007199254740993', '9007199254740992', '12'];
    const { columns, profile } = await profileFile(write('ids.csv', `id,n\n${ids.map((id) => `${id},1\n`).join('')}`));
    expect(columns[0]).toEqual({ name: 'id', type: 'string' });
    expect(profile.columns[0]).toMatchObject({
      categories: expect.arrayContaining([
        [ids[0], 1],
        [ids[1], 1],
      ]),
    });
  });

  it('may have hundreds of columns of every type', async () => {
    const kinds = ['1', '1.5', 'x', 'true', '2020-01-01'];
    const names = Array.from({ length: 100 }, (_, i) => `c${i}`);
    const row = names.map((_, i) => kinds[i % kinds.length]).join(',');
    const { columns, receivedRows } = await profileFile(write('wide.csv', `${names.join(',')}\n${row}\n${row}\n`));
    expect(receivedRows).toBe(2);
    const types = ['integer', 'number', 'string', 'boolean', 'timestamp'];
    expect(columns).toEqual(names.map((name, i) => ({ name, type: types[i % types.length] })));
  });

  it('say that their times go back, without being refused for it', async () => {
    const days = ['2015-12-18', '2015-12-19', '2015-12-01', '2015-12-02', '', '2015-01-31'];
    const rows = days.map((day, i) => `${i},${day}\n`).join('');
    const { outcome, checks } = await profileFile(write('swapped.csv', `id,at\n${rows}`));
    expect(outcome).toBe('accepted');
    expect(checks.find(({ name }) => name === 'time-order')).toMatchObject({
      verdict: 'pass',
      failedRows: 2,
      observed: 'at goes back 2 times, first from 2015-12-19 00:00:00 to 2015-12-01 00:00:00',
    });
  });

  it('have their order judged for each entity', async () => {
    const path = write('two.csv', 'city,at\nA,2020-01-01\nA,2020-01-02\nB,2020-01-01\nB,2020-01-02\n');
    const columns = { city: { type: 'string' }, at: { type: 'timestamp' } } as const;
    const order = async (entity: string[]) => {
      const { checks } = await validateFile(path, { source: { columns }, time: 'at', entity });
      return checks.find(({ name }) => name === 'time-order')?.failedRows;
    };
    expect([await order(['city']), await order([])]).toEqual([0, 1]);
  });
});
