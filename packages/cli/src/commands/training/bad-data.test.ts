import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../testing-io.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-bad-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Rows of a number `a`, a number `b` and a target that follows both. */
function table(
  rows: number,
  cells: (i: number, a: number, b: number, y: string) => readonly unknown[],
  { head = ['a', 'b', 'y'], delimiter = ',', end = '\n' } = {},
): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const [a, b] = [i % 17, (i * 7) % 23];
    return cells(i, a, b, a + b > 18 ? 'yes' : 'no').join(delimiter);
  });
  return [head.join(delimiter), ...lines, ''].join(end);
}

const fit = async (text: string, options: readonly string[] = []) => {
  writeFileSync(join(folder, 'data.csv'), text);
  return run(['fit', 'data.csv', '--target', 'y', '--model', 'decision-tree', '--threads', '1', ...options, '--json'], {
    cwd: folder,
  });
};

/** What the file is like; the text of it; what the output must say; further options. */
type Case = readonly [string, string, readonly string[], (readonly string[])?];

const plain = (_i: number, a: number, b: number, y: string) => [a, b, y];
const ERRORS: readonly Case[] = [
  ['a constant target', table(50, (_i, a, b) => [a, b, 'yes']), ['TRN_ONE_CLASS', '--target']],
  ['a constant number', table(50, (_i, a, b) => [a, b, 2.5]), ['TRN_TARGET_CONSTANT'], ['--task', 'regression']],
  ['one row', table(1, plain), ['TRN_TOO_FEW_ROWS', '--test-ratio']],
  ['no row', 'a,b,y\n', ['TRN_TOO_FEW_ROWS', 'holds no rows']],
  ['no byte', '', ['DATA_SOURCE_UNREADABLE', 'no header line']],
  ['a name twice', table(50, plain, { head: ['a', 'a', 'y'] }), ['DATA_SCHEMA_SUSPICIOUS', 'names a column twice']],
  [
    '1e308',
    table(50, (i, a, b, y) => [i === 30 ? '1e308' : a, b, y]),
    ['TRN_NOT_FINITE', 'a is 1e+308 in row 31', '--exclude'],
  ],
  [
    'a target of 1e308',
    table(50, (i, a, b) => [a, b, i === 30 ? 1e308 : i / 7]),
    ['TRN_NOT_FINITE', 'y is 1e+308 in row 31'],
  ],
  [
    'one class in a fold',
    table(40, (i, a, b) => [`2020-01-${String((i % 28) + 1).padStart(2, '0')}`, a, b, i % 28 > 12], {
      head: ['t', 'a', 'b', 'y'],
    }),
    ['TRN_FOLD_ONE_CLASS', 'have no true', '--folds'],
    ['--time-column', 't', '--folds', '3'],
  ],
  ['10,001 keys', table(10_001, (i, _a, b, y) => [`key ${i}`, b, y]), ['TRN_TOO_MANY_CATEGORIES'], ['--features', 'a']],
  [
    'times of several kinds',
    table(50, (i, a, b, y) => [i % 2 ? '2020-01-05' : '05.01.2020', a, b, y], { head: ['t', 'a', 'b', 'y'] }),
    ['TRN_TIME_REQUIRED'],
    ['--time-column', 't'],
  ],
];

/** What a file is like, and what the output must say of it; several at once, since a fit costs more than reading a cell. */
type Read = readonly [readonly string[], string, readonly string[]];

const READS: readonly Read[] = [
  [
    ['a byte-order mark and CRLF', 'quotes with newlines', 'infinite cells', 'rows without a target'],
    `\uFEFF${table(60, (i, a, b, y) => [i % 10 ? a : '-inf', `"line\n""${b % 3}"""`, i % 3 ? y : ''], { end: '\r\n' })}`,
    [
      '"name": "a"',
      '"rows": 60',
      '"treatment": "one-hot"',
      '6 cells of a such as \\"-inf\\" were taken for missing',
      '20 rows without y teach nothing and were left out',
    ],
  ],
  [
    ['semicolons', 'words for nothing', 'text among numbers', 'a name that packages use'],
    table(60, (i, a, b, y) => [i % 4 ? a : 'NA', i === 7 ? 'much' : b, a, y], {
      head: ['a', 'b', 'label', 'y'],
      delimiter: ';',
    }),
    [
      '"name": "b"',
      '15 cells of a such as \\"NA\\" were taken for missing',
      '1 of 60 rows were left out because they do not fit their columns',
      'b \\"much\\" is not an integer',
      '"reason": "a packaged model gives its own answer as label',
    ],
  ],
];

describe('data as it comes', () => {
  for (const [name, text, said, options] of ERRORS) {
    it(`${name} ends with a code and what to do`, async () => {
      const { exitCode, stderr } = await fit(text, options);
      for (const part of said) expect(stderr).toContain(part);
      expect(stderr).not.toContain('contract');
      expect(exitCode).toBe(2);
    });
  }

  for (const [names, text, said] of READS) {
    it(`${names.join(', ')} are read, and what was decided is said`, async () => {
      const { exitCode, stdout, stderr } = await fit(text);
      expect(stderr).not.toContain('error');
      for (const part of said) expect(stdout).toContain(part);
      expect(exitCode).toBe(0);
    });
  }

  it('teaches self-training from rows without a class, also in folds', async () => {
    const text = table(90, (i, a, b, y) => [a, b, i % 3 ? '' : y]);
    const { stdout } = await fit(text, ['--model', 'self-training', '--folds', '3']);
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ chosen: { trainer: 'self-training' }, split: { trainRows: 24, testRows: 6 } });
    expect(result.leaderboard[0].failure).toBeNull();
    expect(result.notes.join(' ')).toContain('60 rows without y are learned from by the surest guesses at their class');
  });

  it('reads a file of preprocessing, and says at which path it is wrong', async () => {
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
    write('own.yaml', 'columns:\n  - { name: a, kind: numeric, bins: 4, binEncoding: one-hot }\n');
    const found = JSON.parse((await fit(table(60, plain), ['--preprocess', 'own.yaml'])).stdout);
    expect(found.columns.map(({ name, role }: { name: string; role: string }) => [name, role])).toEqual([
      ['a', 'feature'],
      ['b', 'left out'],
      ['y', 'target'],
    ]);
    write('wrong.json', '{"columns": [{"name": "a", "kind": "numeric", "bin": 4}]}');
    const { stderr, exitCode } = await fit(table(60, plain), ['--preprocess', 'wrong.json']);
    expect(stderr).toContain('TRN_PREPROCESS_INVALID: preprocess.columns.0.bin');
    expect(exitCode).toBe(2);
  });

  it('predicts none of no rows, and names the cell that is no number', async () => {
    await fit(table(60, plain));
    const predict = (text: string) => {
      writeFileSync(join(folder, 'new.csv'), text);
      return run(['predict', 'model.onnx', 'new.csv', '--out', 'answers.csv', '--json'], { cwd: folder });
    };
    expect(JSON.parse((await predict('a,b\n')).stdout)).toMatchObject({
      rows: 0,
      columns: ['label', 'probability_no', 'probability_yes'],
    });
    const odd = await predict('a,b\n1,2\n3,much\n');
    expect(odd.stderr).toContain('line 3: b "much" is not a number');
    expect(odd.stderr).toContain('fairlead inspect');
    expect(JSON.parse((await predict('a,b\n1,inf\n')).stdout).notes[0]).toContain('1 cell of b');
  });
});
