import { columnOf, type Table } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrainResult } from '../training/index.js';
import { type EvaluationBench, me, openEvaluationBench } from './evaluation-testing.js';
import type { EvaluateRequest, RegressionReport } from './evaluation-types.js';
import { skillOf } from './index.js';

let bench: EvaluationBench;
let test: Table;
let model: TrainResult;
beforeAll(async () => {
  bench = await openEvaluationBench();
  const train = await bench.weather('Seattle', `date < '2015-01-01'`);
  test = await bench.weather('Seattle', `date >= '2015-01-01'`);
  bench.splits.set('days', { train, test });
  model = await bench.train(train, {
    target: 'temp_max',
    features: ['temp_min', 'wind', 'weather', 'precipitation'],
    exclude: [],
    metric: 'rmse',
    candidates: [{ trainer: 'ridge' }],
  });
}, 60_000);
afterAll(() => bench.dispose());

const request = (change: Partial<EvaluateRequest> = {}): EvaluateRequest => ({
  ...{ modelDigest: model.model.digest, signature: model.signature, splitId: 'days', part: 'test', trainPart: 'train' },
  ...{ baselines: [], seed: 7, resamples: 1000, ...change },
});

async function judge(change: Partial<EvaluateRequest> = {}): Promise<RegressionReport & { readonly digest: string }> {
  const { report, digest } = await bench.evaluation.evaluate(me, request(change));
  if (report.task !== 'regression') throw new Error('the report is about classes');
  return { ...report, digest };
}

function column(name: string): Float64Array {
  const found = columnOf(test, name);
  if (found.kind !== 'float64') throw new Error(`${name} is no number`);
  return found.values;
}
const meanOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('a report of a model of numbers', () => {
  it('has scores with intervals that hold them, and the spread of the errors', async () => {
    const { scores, intervals, residuals, rows, target } = await judge();
    expect([rows, target]).toEqual([test.rowCount, 'temp_max']);
    for (const name of ['rmse', 'mae', 'bias', 'r2'] as const) {
      expect(intervals[name]?.lower).toBeLessThan(scores[name]);
      expect(intervals[name]?.upper).toBeGreaterThan(scores[name]);
      expect(intervals[name]?.estimate).toBeCloseTo(scores[name], 9);
    }
    expect(residuals.mean).toBeCloseTo(scores.bias, 12);
    expect(residuals.standardDeviation ** 2 + residuals.mean ** 2).toBeCloseTo(scores.rmse ** 2, 9);
    const truth = column('temp_max');
    const variance = meanOf(truth.map((value) => (value - meanOf(truth)) ** 2));
    expect(scores.r2).toBeCloseTo(1 - scores.rmse ** 2 / variance, 9);
    expect(Object.keys(residuals.quantiles)).toEqual(['0.05', '0.25', '0.5', '0.75', '0.95']);
  });

  it('compares with the mean always, and with the median, persistence and rules when asked, on the same rows', async () => {
    const report = await judge({
      baselines: [
        { kind: 'median' },
        { kind: 'persistence', column: 'temp_min' },
        { kind: 'rule', name: 'eight more', sql: 'temp_min + 8' },
      ],
    });
    const { baselines, scores, strongestBaseline } = report;
    expect(baselines.map(({ baseline }) => baseline)).toEqual(['mean', 'median', 'persistence', 'eight more']);
    const rmseOf = (guess: (row: number) => number) =>
      Math.sqrt(meanOf(column('temp_max').map((value, row) => (value - guess(row)) ** 2)));
    const low = (row: number) => column('temp_min')[row] as number;
    const [, , persistence, rule] = baselines;
    expect(persistence?.scores.rmse).toBeCloseTo(rmseOf(low), 9);
    expect(rule?.scores.rmse).toBeCloseTo(
      rmseOf((row) => low(row) + 8),
      9,
    );
    expect(strongestBaseline).toBe('eight more');
    for (const { mseSkill, maeGain, scores: other } of baselines) {
      expect(mseSkill.estimate).toBeCloseTo(1 - scores.rmse ** 2 / other.rmse ** 2, 9);
      expect(maeGain.estimate).toBeCloseTo(other.mae - scores.mae, 9);
    }
    const skill = skillOf(report);
    expect(skill).toMatchObject({ baseline: 'eight more', name: 'MSE skill' });
    expect(skill?.skill.lower).toBeGreaterThan(0);
  });

  it('learns persistence of what is no number as the mean per value, and unseen values as the mean of all', async () => {
    const { baselines } = await judge({ baselines: [{ kind: 'persistence', column: 'weather' }] });
    const [overall, byWeather] = baselines;
    expect(byWeather?.scores.rmse).toBeLessThan(Number(overall?.scores.rmse));
  });

  it('finds where the errors are largest', async () => {
    const { slices, scores } = await judge({ minSliceRows: 20 });
    expect(slices.length).toBeGreaterThan(0);
    for (const { rmse, excessMse, rows } of slices) {
      expect(rows).toBeGreaterThanOrEqual(20);
      expect(rmse ** 2 - scores.rmse ** 2).toBeCloseTo(excessMse, 9);
    }
    const excesses = slices.map(({ excessMse }) => excessMse);
    expect(excesses).toEqual([...excesses].sort((a, b) => b - a));
  });

  it('is stored, read back as it was, and logged to its run', async () => {
    const run = await bench.tracking.startRun(me, { experiment: 'warmth' });
    const { digest, ...report } = await judge({ trackingRunId: run.id });
    expect(await bench.evaluation.report(digest)).toEqual(report);
    const { metrics } = await bench.tracking.run(run.id);
    expect(metrics).toMatchObject({ test_rmse: report.scores.rmse, test_r2: report.scores.r2 });
    expect(metrics.test_mseSkill).toBe(report.baselines[0]?.mseSkill.estimate);
    expect((await judge()).digest).toBe(digest);
  });

  it.each<[string, Partial<EvaluateRequest>]>([
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'majority' }] }],
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'persistence', column: 'date' }] }],
    ['EVAL_BASELINE_INVALID', { baselines: [{ kind: 'rule', name: 'sky', sql: 'weather' }] }],
    ['EVAL_RULE_RANGE', { baselines: [{ kind: 'rule', name: 'gap', sql: 'nullif(temp_min, temp_min)' }] }],
    ['DATA_EXPRESSION_INVALID', { baselines: [{ kind: 'rule', name: 'cheat', sql: 'temp_max' }] }],
    ['EVAL_SLICE_COLUMN', { sliceColumns: ['temp_max'] }],
  ])('refuses with %s: %o', async (code, change) => {
    await expect(judge(change)).rejects.toMatchObject({ code });
  });

  it('refuses a mean of classes and a model of another task', async () => {
    const signature = { ...model.signature, task: 'anomaly' as const };
    await expect(judge({ signature })).rejects.toMatchObject({ code: 'EVAL_TASK_INVALID' });
    const classes = { ...model.signature, task: 'classification' as const, target: 'weather' };
    await expect(judge({ signature: classes, baselines: [{ kind: 'mean' }] })).rejects.toMatchObject({
      code: 'EVAL_BASELINE_INVALID',
    });
  });
});
