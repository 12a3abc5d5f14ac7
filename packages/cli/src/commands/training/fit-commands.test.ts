import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../testing-io.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-fit-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const weather = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data/weather.csv');

const fairlead = (...args: string[]) => run(args, { cwd: folder });
const json = async (...args: string[]) => {
  const { stdout, stderr } = await fairlead(...args, '--json');
  expect(stderr).not.toContain('error');
  return JSON.parse(stdout);
};
const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return name;
};
/** y is 1 where a and the noise say so; every row another a. */
const table = (rows: number, cells: (i: number) => readonly unknown[], head = 'a,b,y') =>
  `${head}\n${Array.from({ length: rows }, (_, i) => cells(i).join(',')).join('\n')}\n`;

describe('fairlead fit', () => {
  it('judges the selection itself on outer folds that it never saw, beside what it chose by', async () => {
    const rows = write(
      'nested.csv',
      table(240, (i) => [(i * 37) % 101, (i * 53) % 17, (i * 37) % 101 > 50 !== ((i * 7) % 10 === 0) ? 'yes' : 'no']),
    );
    const args = ['fit', rows, '--target', 'y', '--model', 'decision-tree', '--params', '{"max_depth":[1,3,6]}'];
    const { nested, validation, leaderboard } = await json(...args, '--folds', '3', '--nested', '4', '--out', 'n.onnx');
    expect(nested.folds).toHaveLength(4);
    expect(nested.folds.reduce((sum: number, fold: { testRows: number }) => sum + fold.testRows, 0)).toBe(192);
    expect(nested.standardDeviation).toBeGreaterThan(0);
    expect(validation).toContain('3 random folds, the selection judged by 4 random folds');
    const inner = leaderboard.filter((row: { kind: string }) => row.kind === 'model');
    expect(inner).toHaveLength(3);
    const { stdout } = await fairlead(...args, '--folds', '2', '--nested', '2', '--out', 't.onnx');
    expect(stdout).toContain('The selection itself: brier');
    const { exitCode, stderr } = await fairlead(...args, '--nested', '4', '--budget', '10s', '--out', 'b.onnx');
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('TRN_SEARCH_INVALID');
  });

  it('classifies by later days, tests against simple rules and says what it did with each column', async () => {
    const options = ['--target', 'weather', '--time-column', 'date', '--test-from', '2015-01-01'];
    const result = await json('fit', weather, ...options, '--model', 'logistic-regression', '--out', 'weather.onnx');
    expect(result).toMatchObject({
      rows: 2922,
      task: 'classification',
      labels: ['drizzle', 'fog', 'rain', 'snow', 'sun'],
      split: { by: 'time', testRows: 730, testFrom: '2015-01-01T00:00:00.000Z' },
      chosen: { trainer: 'logistic-regression' },
      comparison: { verdict: 'better' },
      parity: { verdict: 'pass' },
    });
    const roles = Object.fromEntries(
      result.columns.map((column: { name: string; role: string }) => [column.name, column.role]),
    );
    expect(roles).toMatchObject({ date: 'time', weather: 'target', wind: 'feature' });
    expect(result.leaderboard.map((row: { name: string }) => row.name)).toEqual([
      'logistic-regression',
      'prior',
      'by location',
      'row before',
    ]);
    const { accuracy } = result.test;
    expect(accuracy.lower).toBeLessThan(accuracy.value);
    const { stdout } = await fairlead('fit', weather, ...options, '--model', 'logistic-regression', '--out', 'w.onnx');
    expect(stdout).toContain('The model beats the best simple rule');
    expect(readFileSync(join(folder, 'w.onnx'))).toEqual(readFileSync(join(folder, 'weather.onnx')));
  });

  it('makes a classifier that can be served as it is', async () => {
    const inspected = await json('inspect', 'weather.onnx');
    expect(inspected).toMatchObject({ signature: { target: 'weather' }, servable: { verdict: 'pass', reasons: [] } });
  });

  it('predicts numbers, and answers a file with the package in three formats', async () => {
    const result = await json(
      'fit',
      weather,
      '--target',
      'temp_max',
      '--model',
      'ridge',
      '--params',
      '{"alpha": 2}',
      '--out',
      'max.onnx',
    );
    expect(result).toMatchObject({ task: 'regression', comparison: { verdict: 'better', metric: 'rmse' } });
    expect(result.test.r2.value).toBeGreaterThan(0.7);
    for (const out of ['max.csv', 'max.jsonl', 'max.parquet']) {
      const answered = await json('predict', 'max.onnx', weather, '--out', out, '--keep', 'date');
      expect(answered).toMatchObject({ rows: 2922, columns: ['date', 'prediction'] });
    }
    const [, first = ''] = readFileSync(join(folder, 'max.csv'), 'utf8').split('\n');
    const line = JSON.parse(readFileSync(join(folder, 'max.jsonl'), 'utf8').split('\n')[0] ?? '');
    expect(first).toBe(`${line.date},${line.prediction}`);
    const inspected = await json('inspect', 'max.onnx');
    expect(inspected).toMatchObject({ signature: { target: 'temp_max' }, servable: { verdict: 'pass' } });
    expect(inspected.metadata['fairlead.parity']).toContain('rows');
  });

  it('compares several trainers by itself and explains its choice', async () => {
    const name = write(
      'auto.csv',
      table(120, (i) => [i % 17, (i * 7) % 23, (i % 17) + ((i * 7) % 23) > 18]),
    );
    const result = await json('fit', name, '--target', 'y', '--budget', '60s');
    expect(result.leaderboard.filter((row: { kind: string }) => row.kind === 'model').length).toBeGreaterThan(1);
    expect(result.chosen.why).toMatch(/validation|standard error/);
    expect(result.comparison.verdict).toBe('better');
  });

  it('judges forecasts of a quantile by that quantile, and teaches it to a quantile loss', async () => {
    const rows = write(
      'quantile.csv',
      table(300, (i) => [i % 60, i % 3, ((i % 60) * ((i * 7919) % 100)) / 100]),
    );
    const options = ['--target', 'y', '--model', 'gradient-boosting', '--metric', 'pinball', '--alpha', '0.9'];
    const params = ['--params', '{"loss": "quantile", "max_iter": 20, "min_samples_leaf": 5}'];
    const result = await json('fit', rows, ...options, ...params, '--out', 'quantile.onnx');
    expect(result.chosen.params).toMatchObject({ loss: 'quantile', quantile: 0.9 });
    expect(Object.keys(result.test)[0]).toBe('pinball');
    expect(result.comparison).toMatchObject({ metric: 'pinball', verdict: 'better' });
    expect(result.leaderboard.map(({ name }: { name: string }) => name)).toEqual([
      'gradient-boosting',
      'quantile 0.9',
      'by b',
    ]);
    for (const wrong of [
      ['--alpha', '1'],
      ['--metric', 'mae'],
    ]) {
      const { stderr, exitCode } = await fairlead('fit', rows, ...options, ...wrong);
      expect(stderr).toContain('CLI_USAGE: --alpha');
      expect(exitCode).toBe(2);
    }
  });

  it('searches the parameters of a trainer, for any number of threads alike, with a log that can be derived anew', async () => {
    const name = write(
      'search.csv',
      table(200, (i) => [i % 17, (i * 7) % 23, (i % 17) + ((i * 7) % 23) > 18]),
    );
    const options = [
      'fit',
      name,
      '--target',
      'y',
      '--model',
      'logistic-regression',
      '--search',
      'tpe',
      '--trials',
      '6',
    ];
    const one = await json(...options, '--threads', '1');
    expect(one.leaderboard.filter((row: { kind: string }) => row.kind === 'model')).toHaveLength(6);
    expect(one.notes.join(' ')).toContain('made 6 trials; deriving it anew from its log: pass');
    const two = await json(...options, '--threads', '2');
    expect(two.file.digest).toBe(one.file.digest);
  });

  it('says what cannot be learned, with a code', async () => {
    const cases: [string, string, ...string[]][] = [
      ['TRN_ONE_CLASS', table(50, (i) => [i, 1, 'yes'])],
      ['TRN_TARGET_CONSTANT', table(50, (i) => [i, 1, 2.5]), '--task', 'regression', '--model', 'ridge'],
      ['TRN_TOO_FEW_ROWS', table(1, (i) => [i, 1, 'yes'])],
      ['TRN_TARGET_NOT_FOUND', table(50, (i) => [i, 1, 'yes'], 'a,b,c')],
      ['TRN_FEATURE_EMPTY', table(50, (i) => [i, '', i % 2 === 0]), '--features', 'a,b'],
      ['TRN_TOO_MANY_CATEGORIES', table(600, (i) => [`key${i}`, 1, i % 2 === 0]), '--features', 'a'],
      ['TRN_NO_FEATURE', table(600, (i) => [`key${i}`, 1, i % 2 === 0])],
      ['TRN_CANDIDATE_INVALID', table(50, (i) => [i, 1, i % 2 === 0]), '--params', '{"n_trees": 3}'],
      ['TRN_TASK_INVALID', table(50, (i) => [i, 1, i % 2 === 0]), '--metric', 'rmse', '--folds', '2'],
      ['CLI_USAGE', table(50, (i) => [i, 1, i % 2 === 0]), '--params', '{"n_trees":'],
      ['TRN_FILE_UNWRITABLE', table(50, (i) => [i, 1, i % 2 === 0]), '--out', 'no/such/folder/m.onnx'],
      ['TRN_FILE_UNWRITABLE', table(50, (i) => [i, 1, i % 2 === 0]), '--out', 'bad.csv'],
      ['TRN_TOO_FEW_ROWS: The file holds no rows', 'a,b,y\n'],
      ['TRN_TASK_INVALID', table(50, (i) => [i, 1, i % 2 === 0]), '--metric', 'accurracy'],
      ['CLI_USAGE', table(50, (i) => [i, 1, i % 2 === 0]), '--features', 'a,'],
      ['TRN_FEATURE_NOT_FOUND', table(50, (i) => [i, 1, i % 2 === 0]), '--exclude', 'aa'],
      ['TRN_TIME_REQUIRED', table(50, (i) => [i, 1, i % 2 === 0]), '--test-from', '2020-01-01'],
      ['TRN_CANDIDATE_INVALID', table(50, (i) => [i, 1, i % 2 === 0]), '--model', 'auto', '--params', '{"c": 1}'],
      [
        'TRN_CANDIDATE_INVALID: estimators.svc.c: "x" is not a number',
        table(50, (i) => [i, 1, i % 2 === 0]),
        ...['--model', 'voting', '--params', '{"estimators": {"svc": {"C": "x"}}}'],
      ],
    ];
    for (const [code, text, ...more] of cases) {
      const outcome = await fairlead(
        'fit',
        write('bad.csv', text),
        '--target',
        'y',
        '--model',
        'random-forest',
        ...more,
      );
      expect(outcome.stderr).toContain(code);
      expect(outcome.exitCode).toBe(2);
    }
  });

  it('judges nothing where no test row can be scored', async () => {
    const name = write(
      'keys.csv',
      table(40, (i) => [i % 7, i % 4 === 0 ? 'much' : i, `k${i}`]),
    );
    const result = await json('fit', name, '--target', 'y', '--model', 'gaussian-naive-bayes', '--out', 'keys.onnx');
    expect(result).toMatchObject({ test: {}, comparison: null });
    expect(result.notes.join(' ')).toContain('b was read as text although 30 of its 31 texts are numbers');
    expect(result.notes.join(' ')).toContain('1 of 1 test rows are of classes that no training row has');
  });

  it('counts test rows of a class that training never saw', async () => {
    const rows = table(
      100,
      (i) => [`2020-01-01T00:${String(i % 60).padStart(2, '0')}:00Z`, i, i > 95 ? 'new' : i % 2 ? 'x' : 'y'],
      'at,a,y',
    );
    const timed = rows.replaceAll(
      /2020-01-01T00:\d\d:00Z,(\d+)/g,
      (_, i) => `${new Date(Number(i) * 3_600_000).toISOString()},${i}`,
    );
    const result = await json(
      'fit',
      write('new.csv', timed),
      '--target',
      'y',
      '--time-column',
      'at',
      '--model',
      'random-forest',
    );
    expect(result.notes.join(' ')).toContain('4 of 20 test rows are of classes that no training row has (new)');
  });
});

describe('fairlead predict and inspect', () => {
  it('answers each row in its place, however many batches there are', async () => {
    const rows = write(
      'many.csv',
      table(9000, (i) => [(i * 7919) % 100, i % 3, Math.floor(((i * 7919) % 100) / 25)]),
    );
    await json('fit', rows, '--target', 'y', '--task', 'regression', '--model', 'decision-tree', '--out', 'many.onnx');
    const args = ['predict', 'many.onnx', rows, '--out', 'many-answers.csv', '--keep', 'y'];
    expect(await json(...args)).toMatchObject({ rows: 9000 });
    const [, ...lines] = readFileSync(join(folder, 'many-answers.csv'), 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(9000);
    for (const line of lines) {
      const [y, answer] = line.split(',');
      expect(Number(answer)).toBeCloseTo(Number(y), 5);
    }
  });

  it('leave what is there untouched when they fail, and never write over what they read', async () => {
    const name = write(
      'whole.csv',
      table(60, (i) => [i % 7, i % 3, i % 7 > 3]),
    );
    await json('fit', name, '--target', 'y', '--model', 'logistic-regression', '--out', 'whole.onnx');
    const before = write('answers.csv', 'precious\n');
    const bad = write('whole-bad.csv', 'a,b\n1,2\nx,y\n');
    expect((await fairlead('predict', 'whole.onnx', bad, '--out', before)).stderr).toContain('TRN_INPUT_KIND');
    expect(readFileSync(join(folder, before), 'utf8')).toBe('precious\n');
    for (const out of [name, 'whole.onnx']) {
      expect((await fairlead('predict', 'whole.onnx', name, '--out', out)).stderr).toContain('TRN_FILE_UNWRITABLE');
    }
    if (existsSync('/dev/full')) {
      const full = await fairlead('predict', 'whole.onnx', name, '--out', '/dev/full');
      expect(full.stderr).toContain('TRN_FILE_UNWRITABLE');
    }
    expect(await json('predict', 'whole.onnx', name, '--out', before)).toMatchObject({ rows: 60 });
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it('refuse data without the columns or with other types, and files that are no package', async () => {
    const lines = readFileSync(weather, 'utf8').split('\n').slice(0, 20);
    const lack = write('lack.csv', lines.map((line) => line.split(',').slice(0, 4).join(',')).join('\n'));
    const lacking = await fairlead('predict', 'w.onnx', lack, '--out', 'x.csv');
    expect(lacking.stderr).toContain('TRN_COLUMNS_MISSING');
    expect(lacking.stderr).toContain('temp_min, wind');
    const odd = write('odd.csv', lines.join('\n').replace(',10.9,', ',much,'));
    expect((await fairlead('predict', 'w.onnx', odd, '--out', 'x.csv')).stderr).toContain('"much" is not a number');
    const cut = readFileSync(join(folder, 'w.onnx')).subarray(0, 700);
    writeFileSync(join(folder, 'cut.onnx'), cut);
    expect((await fairlead('inspect', 'cut.onnx')).stderr).toContain('INF_MODEL_INVALID');
    expect((await fairlead('predict', 'none.onnx', odd, '--out', 'x.csv')).stderr).toContain('CLI_FILE_UNREADABLE');
  });

  it('show a foreign model and why it cannot be served', async () => {
    const foreign = new URL('../../../../server/src/platform/inference/fixtures/zipmap.onnx', import.meta.url).pathname;
    const { stdout, exitCode } = await fairlead('inspect', foreign);
    expect(stdout).toContain('ZipMap ×1');
    expect(stdout).toContain('carries no fairlead.signature');
    expect(exitCode).toBe(1);
  });
});
