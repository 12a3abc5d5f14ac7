import { createTable, type Table } from '@fairlead/frame';
import { createRng } from '@fairlead/num';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import type { TrainResult } from '../training/index.js';
import { type EvaluationBench, me, openEvaluationBench } from './evaluation-testing.js';
import type { EvaluateRequest } from './evaluation-types.js';
import { classReport } from './index.js';
import { bothClasses } from './score-classes.js';

const FOREST = { trainer: 'random-forest', params: { nEstimators: 300, minSamplesLeaf: 10 } } as const;

let bench: EvaluationBench;
let train: Table;
let logistic: TrainResult;

beforeAll(async () => {
  bench = await openEvaluationBench();
  train = await bench.weather('Seattle', "date < timestamp '2015-01-01'");
  bench.splits.set('seattle', { train, test: await bench.weather('Seattle', "date >= timestamp '2015-01-01'") });
  logistic = await bench.train(train);
});
afterAll(() => bench.dispose());

const request = ({ model, signature }: TrainResult, change: Partial<EvaluateRequest> = {}): EvaluateRequest => ({
  modelDigest: model.digest,
  signature,
  splitId: 'seattle',
  part: 'test',
  trainPart: 'train',
  baselines: [{ kind: 'persistence', column: 'wet' }],
  seed: 7,
  ...change,
});

describe('rain in Seattle tomorrow, trained on 2012–2014 and judged on 2015', () => {
  it('gives logistic regression a skill of about 0.09 over persistence, with an interval above zero', async () => {
    const report = classReport((await bench.evaluation.evaluate(me, request(logistic))).report);
    expect(report.rows).toBe(364);
    // scikit-learn 1.9.1 on the same rows, see packages/num/src/weather.test.ts.
    expect(report.scores.brier).toBeCloseTo(0.187405146, 5);
    expect(report.scores.rocAuc).toBeCloseTo(0.77642045, 4);
    expect(report.scores.logLoss).toBeCloseTo(0.5552187, 5);
    expect(report.baselines.map(({ baseline }) => baseline)).toEqual(['majority', 'persistence']);
    expect(report.strongestBaseline).toBe('persistence');
    const persistence = report.baselines[1];
    expect(persistence?.scores.brier).toBeCloseTo(0.2061743957, 9);
    expect(persistence?.brierSkill.estimate).toBeCloseTo(0.0910358, 4);
    expect(persistence?.brierSkill.lower).toBeGreaterThan(0.02);
    expect(persistence?.brierSkill.upper).toBeLessThan(0.17);
    expect(report.bootstrap).toEqual({ resamples: 2000, blockRows: 7, seed: 7 });
    for (const name of ['accuracy', 'brier', 'rocAuc', 'logLoss'] as const) {
      const { estimate, lower, upper } = report.intervals[name] ?? { estimate: 0, lower: 0, upper: 0 };
      expect(estimate).toBe(report.scores[name]);
      expect(lower).toBeLessThan(estimate);
      expect(upper).toBeGreaterThan(estimate);
    }
    expect(report.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(364);
    expect(report.calibration.reduce((sum, { rows }) => sum + rows, 0)).toBe(364);
  });

  it('judges the same answers of somebody else alike, to the last figure of every interval', async () => {
    const { report } = await bench.evaluation.evaluate(me, request(logistic, { sliceColumns: ['weather'] }));
    const test = bench.splits.get('seattle')?.test as Table;
    const { signature } = logistic;
    const { probability, label } = await bench.evaluation.score(logistic.model.digest, signature, test);
    const answers = {
      task: 'classification' as const,
      probabilities: bothClasses(probability),
      predicted: Int32Array.from(label, (name) => signature.labels.indexOf(name)),
    };
    const again = await bench.evaluation.judgeAnswers({ report, signature, answers });
    const judged = ({ id, baselines, calibration, slices, bootstrap }: ReturnType<typeof classReport>) => ({
      ...{ id, calibration, slices, bootstrap },
      skills: baselines.map(({ brierSkill, accuracyGain }) => [brierSkill, accuracyGain]),
    });
    expect(judged(classReport(again))).toEqual(judged(classReport(report)));
    const { question: _, ...former } = report;
    await expect(bench.evaluation.judgeAnswers({ report: former, signature, answers })).rejects.toMatchObject({
      code: 'EVAL_QUESTION_UNKNOWN',
    });
  });

  it('gives a forest a skill of 0.09 to 0.13, with an interval above zero', async () => {
    const forest = await bench.train(train, { candidates: [FOREST] });
    const report = classReport((await bench.evaluation.evaluate(me, request(forest))).report);
    const skill = report.baselines[1]?.brierSkill;
    expect(skill?.estimate).toBeGreaterThan(0.09);
    expect(skill?.estimate).toBeLessThan(0.13);
    expect(skill?.lower).toBeGreaterThan(0);
  });

  it('does not let a model that learnt from shuffled labels beat the baseline', async () => {
    const order = createRng(3).shuffle(Int32Array.from({ length: train.rowCount }, (_, row) => row));
    const truth = train.columns.get('rain_tomorrow');
    if (truth?.kind !== 'boolean') throw new Error('the label is boolean');
    const values = Uint8Array.from(order, (row) => truth.values[row] as number);
    const shuffled = createTable(
      [...train.columns].map(([name, column]) => [
        name,
        name === 'rain_tomorrow' ? { kind: 'boolean', values } : column,
      ]),
    );
    for (const candidates of [[{ trainer: 'logistic-regression' } as const], [FOREST]]) {
      const report = classReport(
        (await bench.evaluation.evaluate(me, request(await bench.train(shuffled, { candidates })))).report,
      );
      const best = report.baselines.find(({ baseline }) => baseline === report.strongestBaseline);
      expect(best?.brierSkill.lower).toBeLessThan(0);
      expect(best?.brierSkill.estimate).toBeLessThan(0);
    }
  });

  it('names slices in words with a support, their own accuracy and a corrected p-value', async () => {
    const report = classReport((await bench.evaluation.evaluate(me, request(logistic, { minSliceRows: 40 }))).report);
    expect(report.slices.length).toBeGreaterThan(3);
    const excess = report.slices.map(({ excessBrier }) => excessBrier);
    expect(excess).toEqual([...excess].sort((a, b) => b - a));
    for (const { slice, rows, accuracy, brier, excessBrier, pValueAdjusted } of report.slices) {
      expect(slice).toMatch(/^(weather = \w+|\w+ (< |>= |in \[)[^a]+)( and (weather = \w+|\w+ (< |>= |in \[).+))?$/);
      expect(rows).toBeGreaterThanOrEqual(40);
      expect(accuracy.lower).toBeLessThanOrEqual(accuracy.estimate);
      expect(brier - excessBrier).toBeCloseTo(report.scores.brier, 12);
      expect(pValueAdjusted).toBeGreaterThanOrEqual(0);
      expect(pValueAdjusted).toBeLessThanOrEqual(1);
    }
  });

  it('gives equal bytes for an equal question, stores them and attaches them to the run', async () => {
    const run = await bench.tracking.startRun(me, { experiment: 'rain' });
    const asked = request(logistic, { trackingRunId: run.id });
    const first = await bench.evaluation.evaluate(me, asked);
    const again = await bench.evaluation.evaluate(me, request(logistic));
    const other = await bench.evaluation.evaluate(me, request(logistic, { seed: 8 }));
    expect(again.digest).toBe(first.digest);
    expect(other.digest).not.toBe(first.digest);
    expect(await bench.evaluation.report(first.digest)).toEqual(first.report);
    expect(await bench.tracking.artifacts(run.id)).toMatchObject([
      { path: 'evaluation/report.json', digest: first.digest },
    ]);
    const { metrics } = await bench.tracking.run(run.id);
    expect(metrics).toMatchObject({
      test_brier: classReport(first.report).scores.brier,
      test_accuracy: classReport(first.report).scores.accuracy,
    });
    const events = await readLedger(bench.db, { afterSeq: 0, limit: 1000, types: ['evaluation.report-created'] });
    expect(events.at(-1)?.payload).toMatchObject({ part: 'test', strongestBaseline: 'persistence' });
  });

  it('judges five kinds of weather by means over the classes, and refuses a rule that speaks of one', async () => {
    const kinds = await bench.train(train, {
      target: 'weather',
      exclude: ['wet', 'rain_tomorrow', 'location'],
      candidates: [FOREST],
      validation: { kind: 'k-fold', folds: 3 },
    });
    const asked = request(kinds, { baselines: [{ kind: 'persistence', column: 'wet' }] });
    const report = classReport((await bench.evaluation.evaluate(me, asked)).report);
    const { scores, labels, confusion, baselines, intervals } = report;
    expect(labels).toEqual(['drizzle', 'fog', 'rain', 'snow', 'sun']);
    expect(confusion.map((row) => row.length)).toEqual([5, 5, 5, 5, 5]);
    expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(364);
    expect(scores.accuracy).toBeGreaterThan(0.7);
    expect(scores.rocAuc).toBeGreaterThan(0.6);
    expect(scores.brier).toBeCloseTo(intervals.brier?.estimate ?? Number.NaN, 12);
    expect(Object.keys(intervals)).toEqual(['accuracy', 'brier', 'logLoss']);
    expect(baselines.find(({ baseline }) => baseline === 'majority')?.brierSkill.lower).toBeGreaterThan(0);
    expect(baselines.map(({ baseline }) => baseline)).toEqual(['majority', 'persistence']);
    const rule = { kind: 'rule', name: 'wet', sql: 'case when wet then 1 else 0 end' } as const;
    await expect(bench.evaluation.evaluate(me, request(kinds, { baselines: [rule] }))).rejects.toMatchObject({
      code: 'EVAL_BASELINE_INVALID',
    });
  });

  it('compares with the user’s own rule, which cannot see the truth', async () => {
    const rule = { kind: 'rule', name: 'rain stays', sql: 'case when wet then 0.7 else 0.25 end' } as const;
    const report = classReport((await bench.evaluation.evaluate(me, request(logistic, { baselines: [rule] }))).report);
    const { scores } = report.baselines[1] ?? {};
    expect(report.baselines[1]?.baseline).toBe('rain stays');
    expect(scores?.brier).toBeGreaterThan(0.2);
    expect(scores?.brier).toBeLessThan(0.22);
    const cheat = { kind: 'rule', name: 'cheat', sql: 'rain_tomorrow' } as const;
    await expect(bench.evaluation.evaluate(me, request(logistic, { baselines: [cheat] }))).rejects.toMatchObject({
      code: 'DATA_EXPRESSION_INVALID',
    });
  });

  it('keeps what is not defined as null in the bytes and NaN in the report', async () => {
    const dry = await bench.weather('Seattle', "date >= timestamp '2015-01-01' and rain_tomorrow = false");
    bench.splits.set('dry', { train, test: dry });
    const { report: judged, digest } = await bench.evaluation.evaluate(me, request(logistic, { splitId: 'dry' }));
    const report = classReport(judged);
    expect(report.scores.rocAuc).toBeNaN();
    const stored = new TextDecoder().decode(await bench.objects.readBytes(digest));
    expect(stored).toContain('"rocAuc":null');
    expect((await bench.evaluation.report(digest)).intervals.rocAuc?.estimate).toBeNaN();
  });

  it('stops when asked to', async () => {
    const abort = new AbortController();
    const work = bench.evaluation.evaluate(me, request(logistic, { resamples: 100_000 }), {
      signal: abort.signal,
      progress: (ratio) => ratio >= 0.2 && abort.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });
});

describe('evaluation refuses', () => {
  it.each<[string, Partial<EvaluateRequest>]>([
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'persistence', column: 'snow' }] }],
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'persistence', column: 'temp_max' }] }],
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'persistence', column: 'date' }] }],
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'majority' }, { kind: 'majority' }] }],
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'rule', name: 'r', sql: 'weather' }] }],
    ['EVAL_RULE_RANGE', { baselines: [{ kind: 'rule', name: 'r', sql: 'precipitation' }] }],
    ['EVAL_RULE_RANGE', { baselines: [{ kind: 'rule', name: 'r', sql: 'nullif(0.5, 0.5)' }] }],
    ['DATA_EXPRESSION_INVALID', { baselines: [{ kind: 'rule', name: 'r', sql: '(select 1)' }] }],
    ['EVAL_SLICE_COLUMN', { sliceColumns: ['snow'] }],
    ['EVAL_SLICE_COLUMN', { sliceColumns: ['rain_tomorrow'] }],
    ['EVAL_TOO_FEW_ROWS', { splitId: 'few' }],
  ])('%s %j', async (code, change) => {
    bench.splits.set('few', {
      train,
      test: await bench.weather('Seattle', "date between '2015-01-01' and '2015-01-05'"),
    });
    await expect(bench.evaluation.evaluate(me, request(logistic, change))).rejects.toMatchObject({ code });
  });

  it('rows without a target, and digests of other objects', async () => {
    const test = bench.splits.get('seattle')?.test as Table;
    const score = (signature: TrainResult['signature'], table: Table) =>
      bench.evaluation.score(logistic.model.digest, signature, table);
    const blind = createTable([...test.columns].filter(([name]) => name !== 'rain_tomorrow'));
    await expect(score(logistic.signature, blind)).rejects.toMatchObject({ code: 'EVAL_TARGET_NOT_FOUND' });
    for (const digest of [logistic.model.digest, 'f'.repeat(64), '../../etc/passwd']) {
      await expect(bench.evaluation.report(digest)).rejects.toMatchObject({ code: 'EVAL_REPORT_NOT_FOUND' });
    }
  });

  it('scores the same rows as the report', async () => {
    const test = bench.splits.get('seattle')?.test as Table;
    const { truth, probability, label } = await bench.evaluation.score(logistic.model.digest, logistic.signature, test);
    expect([truth.length, probability.length, label.length]).toEqual([364, 364, 364]);
    expect(label.every((name, row) => (name === 'true') === (probability[row] as number) > 0.5)).toBe(true);
  });
});
