import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { run } from '../../testing-io.fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of n rows; each column is made from the number of the row. */
function write(name: string, n: number, columns: Record<string, (i: number) => unknown>): string {
  const names = Object.keys(columns);
  const lines = Array.from({ length: n }, (_, i) => names.map((column) => columns[column]?.(i) ?? '').join(','));
  writeFileSync(join(folder, name), `${names.join(',')}\n${lines.join('\n')}\n`);
  return name;
}

const noise = (i: number) => (((i * 7919) % 1009) / 1009) * 0.98 + 0.01;
const wet = (i: number) => noise(i) > ((i * 104_729) % 997) / 997;

async function judge(...args: string[]) {
  const { stdout, stderr, exitCode } = await run(['evaluate', ...args, '--json'], { cwd: folder });
  return { exitCode, stderr, report: stdout === '' ? undefined : JSON.parse(stdout) };
}

const metricOf = (report: { metrics: { name: string; value: number | null }[] }, name: string) =>
  report.metrics.find((metric) => metric.name === name)?.value;

describe('fairlead evaluate', () => {
  const rain = write('rain.csv', 600, {
    at: (i) => new Date(Date.UTC(2026, 0, 1, i)).toISOString(),
    harbour: (i) => ['east', 'west', 'north'][i % 3],
    rain: (i) => (i === 5 ? '' : wet(i) ? 'wet' : 'dry'),
    forecast: (i) => (noise(i) > 0.5 ? 'wet' : 'dry'),
    p: (i) => noise(i).toFixed(4),
    q: (i) => (0.7 * noise(i) + 0.15).toFixed(4),
    level: (i) => (10 * noise(i)).toFixed(3),
    guess: (i) => (10 * noise(i) + Math.sin(i)).toFixed(3),
  });

  it('judges labels and probabilities, says what it inferred and left out, and whether it beats the baseline', async () => {
    const args = [rain, '--truth', 'rain', '--prediction', 'forecast', '--score', 'p', '--compare', 'q'];
    const { report, exitCode } = await judge(...args, '--by', 'harbour', '--slices', 'harbour,level', '--time', 'at');
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({
      task: 'classification',
      taskInferred: 'probabilities are given',
      rows: { read: 600, judged: 599, leftOut: { 'truth rain is missing': 1 } },
      labels: ['dry', 'wet'],
      blocks: 'auto',
      verdict: { beatsBaseline: true },
    });
    expect(report.baselines.map(({ baseline }: { baseline: string }) => baseline)).toEqual(['majority', 'persistence']);
    expect(report.groups).toHaveLength(3);
    expect(report.slices.tested).toBeGreaterThan(3);
    expect(report.comparison).toHaveLength(3);
    expect(report.confusion.flat().reduce((a: number, b: number) => a + b, 0)).toBe(599);
    expect(JSON.stringify(report)).not.toContain('NaN');
    const { stdout } = await run(['evaluate', ...args], { cwd: folder });
    expect(stdout).toContain('The model beats the strongest naive baseline');
    expect(stdout).toContain('task inferred');
    expect(stdout).toMatch(/rocAuc +0\.\d+ +0\.\d+ … 0\.\d+ +DeLong/);
  });

  it('judges numbers, and says plainly that a model is worse than the mean', async () => {
    const good = await judge(rain, '--truth', 'level', '--prediction', 'guess');
    expect(good.report).toMatchObject({ task: 'regression', verdict: { beatsBaseline: true } });
    const { report } = await judge(rain, '--truth', 'level', '--prediction', 'guess', '--baseline', 'level');
    expect(report.verdict).toMatchObject({ beatsBaseline: false });
    expect(report.verdict.text).toContain('never errs');
  });

  it('judges every other task', async () => {
    const lists = await judge(rain, '--truth', 'level', '--score', 'p', '--group', 'harbour', '--k', '5');
    expect(lists.report.task).toBe('ranking');
    expect(metricOf(lists.report, 'ndcg')).toBeCloseTo(1, 3);
    const clusters = await judge(rain, '--truth', 'harbour', '--prediction', 'harbour', '--task', 'clustering');
    expect(metricOf(clusters.report, 'adjustedRand')).toBe(1);
    const policy = await judge(
      rain,
      '--prediction',
      'level',
      '--truth',
      'guess',
      '--task',
      'policy',
      '--group',
      'harbour',
    );
    expect(metricOf(policy.report, 'episodes')).toBe(3);
    const team = write('team.csv', 90, {
      human: (i) => (i % 2 ? 'yes' : 'no'),
      machine: (i) => (i % 3 === 0 ? '' : i % 10 === 1 ? 'no' : i % 2 ? 'yes' : 'no'),
    });
    const hybrid = await judge(team, '--truth', 'human', '--prediction', 'machine', '--task', 'human-machine');
    expect(metricOf(hybrid.report, 'automationRate')).toBeCloseTo(2 / 3, 12);
    const texts = write('texts.csv', 40, { a: (i) => `the cat ${i} sat`, b: (i) => `the cat ${i} sat down` });
    const text = await judge(texts, '--truth', 'a', '--prediction', 'b');
    expect(text.report.task).toBe('text');
    expect(metricOf(text.report, 'rougeL')).toBeCloseTo(8 / 9, 10);
  });

  it('takes a probability per label by its name, labels that are never true, and one true label', async () => {
    const file = write('many.csv', 300, {
      truth: (i) => ['a', 'b'][i % 2],
      said: (i) => ['a', 'b', 'c'][i % 3],
      p_c: () => 0.2,
      p_a: (i) => (i % 2 ? 0.1 : 0.7),
      p_b: (i) => (i % 2 ? 0.7 : 0.1),
      one: () => 'yes',
    });
    const args = ['--truth', 'truth', '--prediction', 'said', '--score', 'p_c,p_a,p_b'];
    const { report } = await judge(file, ...args);
    expect(report.notes).toContain('Predicted, but never true: c.');
    expect(metricOf(report, 'logLoss')).toBeCloseTo(-Math.log(0.7), 10);
    const one = await judge(file, '--truth', 'one', '--score', 'p_a');
    expect(one.exitCode).toBe(0);
    expect(one.report.labels).toEqual(['no', 'yes']);
    expect(metricOf(one.report, 'rocAuc')).toBeNull();
  });

  it('refuses with a code and exit code 2 what it cannot judge', async () => {
    const bad = write('bad.csv', 30, {
      y: (i) => (i % 2 ? 'a' : 'b'),
      z: (i) => (i % 3 ? 'a' : 'c'),
      none: () => 'NaN',
      p: (i) => i / 10,
      s1: () => 0.5,
      s2: () => 0.9,
      s3: () => 0.9,
    });
    const codes: [string[], string][] = [
      [['--truth', 'nope', '--prediction', 'z'], 'EVAL_COLUMN_NOT_FOUND'],
      [['--truth', 'nope', '--prediction', 'z'], '--keep COLUMN'],
      [['--truth', 'p', '--prediction', 'z', '--task', 'regression'], 'EVAL_COLUMN_KIND'],
      [['--truth', 'y', '--score', 'p'], 'EVAL_PROBABILITY_RANGE'],
      [['--truth', 'y', '--score', 's1,s2'], 'EVAL_PROBABILITY_SUM'],
      [['--truth', 'y', '--score', 's1,s2,s3'], 'EVAL_OPTION_INVALID'],
      [['--truth', 'y', '--score', 's1', '--positive', 'q'], 'EVAL_OPTION_INVALID'],
      [['--truth', 'y'], 'EVAL_OPTION_INVALID'],
      [['--truth', 'y', '--prediction', 'z', '--task', 'guessing'], 'CLI_USAGE'],
      [['--truth', 'p', '--prediction', 's1', '--task', 'ranking'], 'EVAL_OPTION_INVALID'],
      [[], 'CLI_USAGE'],
    ];
    for (const [args, code] of codes) {
      const { exitCode, stderr } = await judge(bad, ...args);
      expect(stderr).toContain(code);
      expect(exitCode).toBe(2);
    }
    const empty = write('empty.csv', 20, { y: () => '', z: (i) => i });
    const { stderr, exitCode } = await judge(empty, '--truth', 'y', '--prediction', 'z', '--task', 'regression');
    expect(stderr).toMatch(/EVAL_NO_ROWS|EVAL_COLUMN_KIND/);
    expect(exitCode).toBe(2);
  });
});
