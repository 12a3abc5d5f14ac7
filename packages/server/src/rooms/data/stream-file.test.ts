import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cell, type Table, toRows } from '@fairlead/frame';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { streamFile } from './stream-file.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-stream-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const columns = { n: { type: 'number' }, t: { type: 'string' } } as const;

async function readAll(path: string, batchRows = 3000) {
  const rows: Record<string, Cell>[] = [];
  const sizes: number[] = [];
  const onBatch = async (table: Table, texts: Table) => {
    sizes.push(table.rowCount);
    const kept = toRows(texts);
    rows.push(...toRows(table).map((row, i) => ({ ...row, kept: kept[i]?.n ?? null })));
  };
  const verdict = await streamFile(path, { columns, texts: ['n'], batchRows, onBatch });
  return { verdict, rows, sizes };
}

describe('streaming a file', () => {
  it('hands every row on once, in order, part by part', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i},"a\n${i}"`);
    const { verdict, rows, sizes } = await readAll(write('many.csv', `n,t\n${lines.join('\n')}\n`));
    expect(verdict).toEqual({ outcome: 'streamed', rows: 20_000, gaps: [] });
    expect(rows.every((row, i) => row.n === i && row.t === `a\n${i}` && row.kept === String(i))).toBe(true);
    expect(sizes.length).toBeGreaterThan(4);
  });

  it('reads the files of a folder one after another', async () => {
    mkdirSync(join(folder, 'parts'));
    write('parts/1.jsonl', '{"n":1,"t":"a"}\n{"n":2}\n');
    write('parts/2.jsonl', '{"n":"Infinity","t":"c"}\n');
    const { verdict, rows } = await readAll(join(folder, 'parts'));
    expect(verdict).toEqual({ outcome: 'streamed', rows: 3, gaps: [{ column: 'n', cells: 1 }] });
    expect(rows.map(({ n, t, kept }) => [n, t, kept])).toEqual([
      [1, 'a', '1'],
      [2, null, '2'],
      [null, 'c', 'Infinity'],
    ]);
  });

  it('takes infinite numbers and words for nothing as missing, and counts them', async () => {
    const cells = ['inf', '-Infinity', 'NaN', 'NA', '1e999', ' n/a ', '', '2'];
    const { verdict, rows } = await readAll(write('gaps.csv', `n,t\n${cells.map((cell) => `${cell},x`).join('\n')}\n`));
    expect(verdict).toEqual({ outcome: 'streamed', rows: 8, gaps: [{ column: 'n', cells: 6 }] });
    expect(rows.map(({ n }) => n)).toEqual([null, null, null, null, null, null, null, 2]);
  });

  it('says which cells do not fit, by line and column, and which columns are absent', async () => {
    const { verdict } = await readAll(write('odd.csv', 'n,t\n1,"x\ny"\nmuch,z\n3\n'));
    expect(verdict).toMatchObject({ outcome: 'faulty', rows: 3, faultyRows: 2 });
    const lines = (verdict.outcome === 'faulty' ? verdict.sample : []).map(({ line, reasons }) => [
      line,
      reasons[0]?.message,
    ]);
    expect(lines.sort()).toEqual([
      [4, 'n "much" is not a number'],
      [5, 'the row has 1 fields'],
    ]);
    expect((await readAll(write('less.csv', 'n,u\n1,2\n'))).verdict).toEqual({
      outcome: 'columns-missing',
      columns: ['t'],
    });
  });

  it('leaves nothing behind, also when it is stopped half-way', async () => {
    vi.stubEnv('TMPDIR', mkdtempSync(join(folder, 'tmp-')));
    const stop = new AbortController();
    const path = write('stop.csv', `n,t\n${'1,a\n'.repeat(20_000)}`);
    const onBatch = async () => stop.abort(new Error('enough'));
    const stopped = streamFile(path, { columns, batchRows: 2048, onBatch, signal: stop.signal });
    await expect(stopped).rejects.toThrow('enough');
    expect(readdirSync(tmpdir())).toEqual([]);
    vi.unstubAllEnvs();
  });
});
