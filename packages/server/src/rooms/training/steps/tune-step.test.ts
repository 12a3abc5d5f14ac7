import { type StudyEvent, type StudySpec, verifyStudy } from '@fairlead/num';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArtifactRef, Json } from '../../pipelines/index.js';
import { openStepBench, type StepBench } from '../steps-testing.js';
import { readTrainingRecord, readTuningRecord } from '../training-record.js';
import type { TuningRecord } from '../training-types.js';
import { weatherRows } from '../weather.fixture.js';

let bench: StepBench;
let split: ArtifactRef;
beforeAll(async () => {
  const rows = weatherRows('Seattle', { from: '2012-01-01', until: '2013-01-01' });
  const names = ['precipitation', 'temp_max', 'temp_min', 'wind', 'weather', 'rain_tomorrow'];
  const csv = [names.join(','), ...rows.map((row) => names.map((name) => String(row[name])).join(','))].join('\n');
  bench = await openStepBench({ weather: { csv, spec: { source: { path: 'weather.csv' } } } });
  split = await bench.split('weather', { train: 0.8, test: 0.2 });
}, 60_000);
afterAll(() => bench.dispose());

const VALUES = {
  part: 'train',
  target: 'rain_tomorrow',
  metric: 'log-loss',
  validation: { kind: 'k-fold', folds: 4 },
  candidates: [{ trainer: 'gradient-boosting', params: { maxIter: 15 } }],
  search: {
    sampler: { kind: 'tpe', startupTrials: 4, candidates: 8 },
    pruner: { kind: 'median', startupTrials: 3, warmupSteps: 1 },
    trials: 14,
    parallel: 3,
    space: { learningRate: { low: 0.005, high: 1.5, log: true }, maxLeafNodes: { low: 2, high: 24 } },
    enqueue: [{ learningRate: 0.1, maxLeafNodes: 8 }, { learningRate: 0.2 }],
  },
} as const satisfies Json;

const tune = async (change: Readonly<Record<string, Json>> = {}) => {
  const params: Record<string, Json> = { ...VALUES, ...change };
  expect(bench.handler('tune').check(params)).toEqual([]);
  const done = await bench.run('tune', params, { split });
  const tuning = done.outputs.tuning as ArtifactRef;
  return { ...done, tuning, record: await readTuningRecord(bench.objects, tuning.digest) };
};

/** The log as whoever opens the artifact would read it. */
async function verdictsOf({ digest }: ArtifactRef): Promise<string[]> {
  const read = JSON.parse(new TextDecoder().decode(await bench.objects.readBytes(digest))) as TuningRecord;
  return read.studies.map(({ spec, events }) => verifyStudy(spec, events).verdict);
}

describe('the step tune', () => {
  let tuned: Awaited<ReturnType<typeof tune>>;
  beforeAll(async () => {
    tuned = await tune();
  }, 60_000);

  it('gives up some trials before their last fold, and says so in the leader board and in tracking', async () => {
    const { record, trackingRunId, summary } = tuned;
    const pruned = record.leaderboard.filter(({ state }) => state === 'pruned');
    expect(record.leaderboard).toHaveLength(14);
    expect(pruned.length).toBeGreaterThan(0);
    // The first three complete before anything may be pruned.
    expect(pruned.length).toBeLessThanOrEqual(11);
    for (const trial of pruned) {
      expect(trial.score).toBeNull();
      expect(trial.foldScores.length).toBeLessThan(4);
      const run = await bench.tracking.run(trial.trackingRunId ?? '');
      expect(run).toMatchObject({ status: 'killed', parentRunId: trackingRunId, tags: { 'fairlead.pruned': 'true' } });
      const points = await bench.tracking.metricHistory(run.id, 'log-loss');
      expect(points.map(({ value }) => value)).toEqual(trial.foldScores);
    }
    const { items: runs } = await bench.tracking.searchRuns({
      where: [{ field: 'parent', comparison: '=', value: trackingRunId }],
      limit: 50,
    });
    expect(runs).toHaveLength(14);
    const complete = record.leaderboard.filter(({ state }) => state === 'completed');
    expect(record.best).toEqual(complete[0]);
    expect(complete.every(({ foldScores }) => foldScores.length === 4)).toBe(true);
    expect(summary).toMatchObject({ trials: 14, pruned: pruned.length, failed: 0, score: record.best.score });
  });

  it('keeps a log from which every suggestion and every pruning decision of the parallel study can be derived', async () => {
    const [study] = tuned.record.studies;
    const { spec, events } = study as { spec: StudySpec; events: readonly StudyEvent[] };
    const decisions = events.filter(({ type }) => type === 'reported').length;
    expect(verifyStudy(spec, events)).toEqual({ verdict: 'pass', suggestions: 14, pruningDecisions: decisions });
    expect(await verdictsOf(tuned.tuning)).toEqual(['pass']);
    const touched = events.map((event) =>
      event.type === 'suggested' && event.trial === 9
        ? { ...event, params: { ...event.params, maxLeafNodes: 3 } }
        : event,
    );
    expect(verifyStudy(spec, touched)).toMatchObject({ verdict: 'fail', trial: 9 });
  });

  it('tries what was enqueued first', () => {
    const byNumber = [...tuned.record.leaderboard].sort((a, b) => a.number - b.number);
    expect(byNumber[0]?.params).toEqual({ maxIter: 15, learningRate: 0.1, maxLeafNodes: 8 });
    expect(byNumber[1]?.params).toMatchObject({ learningRate: 0.2 });
  });

  it('is what train fits by, which then searches nothing', async () => {
    const { tuning, record } = tuned;
    expect(bench.handler('train').check({ part: 'train' }, ['split', 'tuning'])).toEqual([]);
    expect(bench.handler('train').check(VALUES, ['tuning'])).toContain('metric: the tuning decides it');
    const { outputs, summary, trackingRunId } = await bench.run('train', { part: 'train' }, { split, tuning });
    const { result, request } = await readTrainingRecord(bench.objects, outputs.training?.digest ?? '');
    expect(result.best).toEqual(record.best);
    expect(result.tuning).toEqual({ digest: tuning.digest });
    expect(request.candidates).toEqual([{ trainer: 'gradient-boosting', params: record.best.params }]);
    expect(result.parity.verdict).toBe('pass');
    expect(summary).toMatchObject({ metric: 'log-loss', score: record.best.score, trials: 14 });
    const children = [{ field: 'parent', comparison: '=', value: trackingRunId }] as const;
    expect((await bench.tracking.searchRuns({ where: children, limit: 5 })).items).toEqual([]);
    await expect(bench.run('train', { part: 'train', metric: 'brier' }, { split, tuning })).rejects.toMatchObject({
      code: 'TRN_TUNING_CONFLICT',
    });
    await expect(bench.run('train', { part: 'train' }, { split })).rejects.toMatchObject({ code: 'TRN_INPUT_MISSING' });
    const other = { kind: 'file', id: 'x', digest: outputs.training?.digest ?? '' };
    await expect(bench.run('train', { part: 'train' }, { split, tuning: other })).rejects.toMatchObject({
      code: 'TRN_RECORD_INVALID',
    });
  });

  it('stops by patience and by target', async () => {
    const search = { sampler: { kind: 'random' }, trials: 30, parallel: 1 };
    const candidates = [{ trainer: 'logistic-regression', params: {} }];
    const patient = await tune({ candidates, search: { ...search, stop: { patience: 2 } } });
    expect(patient.record.leaderboard.length).toBeLessThan(30);
    const content = await tune({ candidates, search: { ...search, stop: { target: 5 } } });
    expect(content.record.leaderboard).toHaveLength(1);
  });

  it('searches several trainers, each in a space of its own', async () => {
    const { record, tuning } = await tune({
      candidates: [{ trainer: 'decision-tree' }, { trainer: 'logistic-regression' }],
      search: {
        ...{ sampler: { kind: 'sobol' }, trials: 3 },
        spaces: {
          'decision-tree': { maxDepth: [1, 2, 3] },
          'logistic-regression': { c: { low: 0.1, high: 10, log: true } },
        },
      },
    });
    expect(record.leaderboard.map(({ trainer }) => trainer).sort()).toEqual([
      ...Array(3).fill('decision-tree'),
      ...Array(3).fill('logistic-regression'),
    ]);
    expect(record.studies.map(({ spec }) => Object.keys(spec.space))).toEqual([['maxDepth'], ['c']]);
    expect(await verdictsOf(tuning)).toEqual(['pass', 'pass']);
  });

  it('finds the Pareto front of several objectives and takes the best by the metric from it', async () => {
    const { record, tuning } = await tune({
      search: { sampler: { kind: 'tpe', startupTrials: 3 }, trials: 8, objectives: ['log-loss', 'roc-auc'] },
      candidates: [{ trainer: 'decision-tree' }],
    });
    expect(record.studies[0]?.spec.directions).toEqual(['minimise', 'maximise']);
    expect(await verdictsOf(tuning)).toEqual(['pass']);
    expect(record.best.paretoOptimal).toBe(true);
    const front = record.leaderboard.filter(({ paretoOptimal }) => paretoOptimal);
    for (const { objectives } of front) {
      const better = record.leaderboard.filter(
        (other) =>
          Number(other.objectives?.['log-loss']) < Number(objectives?.['log-loss']) &&
          Number(other.objectives?.['roc-auc']) > Number(objectives?.['roc-auc']),
      );
      expect(better).toEqual([]);
    }
    const run = await bench.tracking.run(record.best.trackingRunId ?? '');
    expect(run.metrics['mean_roc-auc']).toBe(record.best.objectives?.['roc-auc']);
    expect(run.metrics['mean_log-loss']).toBe(record.best.score);
  });

  it('judges the search itself by nested validation, and hands that on to the trained model', async () => {
    const flat = { kind: 'k-fold', folds: 3 };
    const { record, tuning, summary } = await tune({
      validation: { kind: 'nested', outer: { kind: 'k-fold', folds: 4 }, inner: flat },
      candidates: [{ trainer: 'decision-tree' }],
      search: { sampler: { kind: 'random' }, trials: 6 },
    });
    const alone = await tune({
      validation: flat,
      candidates: [{ trainer: 'decision-tree' }],
      search: { sampler: { kind: 'random' }, trials: 6 },
    });
    expect(record.best.score).toBe(alone.record.best.score);
    const { nested } = record;
    expect(nested?.folds).toHaveLength(4);
    const scores = nested?.folds.map(({ outerScore }) => outerScore) ?? [];
    const mean = scores.reduce((sum, score) => sum + score, 0) / 4;
    expect(nested?.score).toBeCloseTo(mean, 12);
    expect(nested?.standardDeviation).toBeCloseTo(
      Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / 3),
      12,
    );
    expect(nested?.folds.reduce((sum, { testRows }) => sum + testRows, 0)).toBe(record.comparedRows);
    expect(record.studies.map(({ outerFold }) => outerFold)).toEqual([undefined, 0, 1, 2, 3]);
    expect(await verdictsOf(tuning)).toEqual(Array(5).fill('pass'));
    expect(summary).toMatchObject({ nested: { score: nested?.score } });
    const { outputs } = await bench.run('train', { part: 'train' }, { split, tuning });
    expect((await readTrainingRecord(bench.objects, outputs.training?.digest ?? '')).result.nested).toEqual(nested);
  });

  it('gives the same record when it is done again', async () => {
    const again = await tune();
    const plain = ({ leaderboard, studies }: TuningRecord) => ({
      studies,
      leaderboard: leaderboard.map(({ fitMs: _f, trackingRunId: _r, ...trial }) => trial),
    });
    expect(plain(again.record)).toEqual(plain(tuned.record));
  });
});

describe('the step tune refuses, naming the member', () => {
  const search = VALUES.search;
  it.each<[string, Readonly<Record<string, Json>>]>([
    ['search.sampler: ', { search: { ...search, sampler: { kind: 'annealing' } } }],
    ['search.sampler.startupTrials: ', { search: { ...search, sampler: { kind: 'tpe', startupTrials: -1 } } }],
    ["search.sampler: unknown key 'candidates'", { search: { ...search, sampler: { kind: 'random', candidates: 3 } } }],
    ['search.pruner.percentile: ', { search: { ...search, pruner: { kind: 'percentile', percentile: 101 } } }],
    ['search.trials: ', { search: { ...search, trials: 0 } }],
    ['search.stop.patience: ', { search: { ...search, stop: { patience: 0 } } }],
    ['search.space: ', { search: { ...search, space: { learningRate: { low: 1, high: 0.1 } } } }],
    ['search.space.speed', { search: { ...search, space: { speed: [1, 2] }, enqueue: [{ speed: 1 }] } }],
    [
      'search.space.maxLeafNodes',
      { search: { ...search, space: { maxLeafNodes: [1, 8] }, enqueue: [{ maxLeafNodes: 8 }] } },
    ],
    ['search.space.maxIter: the candidate fixes it', { search: { ...search, space: { maxIter: [5, 10] } } }],
    [
      'search.enqueue: Enqueued trial 0: learningRate cannot be 9',
      { search: { ...search, enqueue: [{ learningRate: 9 }] } },
    ],
    [
      'search.spaces.svc: it is no trainer among',
      { search: { sampler: { kind: 'tpe' }, trials: 2, spaces: { svc: { c: [1] } } } },
    ],
    [
      'search.spaces.gradient-boosting.maxLeafNodes',
      { search: { sampler: { kind: 'tpe' }, trials: 2, spaces: { 'gradient-boosting': { maxLeafNodes: [1] } } } },
    ],
    ['search.space: it belongs to one trainer', { candidates: [...VALUES.candidates, { trainer: 'svc' }] }],
    ['search.space: The search space cannot be used', { search: { sampler: { kind: 'grid' }, trials: 5 } }],
    [
      'search.objectives: the metric log-loss is not among',
      { search: { ...search, objectives: ['brier', 'roc-auc'] } },
    ],
    ['search.stop: ', { search: { ...search, objectives: ['log-loss', 'brier'], stop: { patience: 3 } } }],
    ['validation: ', { validation: { kind: 'nested', outer: { kind: 'k-fold', folds: 3 } } }],
    ['metric: ', { metric: 'auc' }],
    ['alpha: ', { alpha: 1 }],
  ])('%s', (words, change) => {
    const problems = bench.handler('tune').check({ ...VALUES, ...change });
    expect(problems.join('\n')).toContain(words);
  });

  it.each<[string, string, Readonly<Record<string, Json>>]>([
    [
      'TRN_SEARCH_INVALID',
      'search.objectives: rmse does not judge classification',
      {
        search: { sampler: { kind: 'random' }, trials: 2, objectives: ['log-loss', 'rmse'] },
      },
    ],
    ['TRN_SEARCH_INVALID', 'alpha: it belongs to the metric pinball', { alpha: 0.9 }],
    [
      'TRN_SEARCH_INVALID',
      'timeBudgetMs: ',
      {
        validation: { kind: 'nested', outer: { kind: 'k-fold', folds: 2 }, inner: { kind: 'k-fold', folds: 2 } },
        timeBudgetMs: 5000,
      },
    ],
    ['TRN_TASK_INVALID', 'rmse does not judge classification', { metric: 'rmse' }],
    [
      'TRN_TOO_FEW_ROWS',
      'too few',
      {
        validation: { kind: 'nested', outer: { kind: 'hold-out', ratio: 0.99 }, inner: { kind: 'k-fold', folds: 90 } },
      },
    ],
  ])('%s: %s', async (code, words, change) => {
    const work = bench.run('tune', { ...VALUES, ...change }, { split });
    await expect(work).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
