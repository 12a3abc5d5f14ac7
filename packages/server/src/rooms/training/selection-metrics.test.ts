import { createTable, type Row, type Table, tableFromRows } from '@fairlead/frame';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { me, openTrainingBench, type TrainingBench } from './training-testing.js';
import type { TrainRequest } from './training-types.js';
import { seattle } from './weather.fixture.js';

let bench: TrainingBench;
beforeAll(async () => {
  bench = await openTrainingBench();
});
afterAll(() => bench.dispose());

const train = (table: Table, change: Pick<TrainRequest, 'candidates'> & Partial<TrainRequest>) =>
  bench.training.train(me, {
    table,
    request: { target: '', validation: { kind: 'k-fold', folds: 3 }, seed: 1, ...change },
    ...{ experiment: 'metrics', parentRunId: null, time: null, entity: [] },
  });

/** Counts whose spread grows with x: the quantiles of y fan out. */
function counts(): Table {
  const rows = Array.from({ length: 600 }, (_, i): Row => {
    const x = (i % 60) / 10;
    return { x, y: Math.floor(x * ((i * 7919) % 100) * 0.02) };
  });
  return tableFromRows(rows, [
    { name: 'x', kind: 'float64' },
    { name: 'y', kind: 'float64' },
  ]);
}

describe('what a model is chosen by', () => {
  it('pinball takes the trainer of the quantile that alpha names', async () => {
    const quantiles = (alpha: number) =>
      train(counts(), {
        ...{ target: 'y', metric: 'pinball', alpha },
        candidates: [{ trainer: 'gradient-boosting', params: { loss: 'quantile', quantile: [0.1, 0.9], maxIter: 30 } }],
      });
    expect((await quantiles(0.9)).best.params.quantile).toBe(0.9);
    expect((await quantiles(0.1)).best.params.quantile).toBe(0.1);
  });

  it('Poisson deviance fails a trial whose forecasts are not above zero, visibly, and takes one whose are', async () => {
    const { leaderboard } = await train(counts(), {
      ...{ target: 'y', metric: 'poisson-deviance' },
      candidates: [
        { trainer: 'gradient-boosting', params: { loss: 'poisson', maxIter: 30 } },
        { trainer: 'linear-regression' },
      ],
    });
    expect(leaderboard.map(({ trainer, state }) => `${trainer} ${state}`)).toEqual([
      'gradient-boosting completed',
      'linear-regression failed',
    ]);
    expect(leaderboard[1]?.failure).toMatchObject({ code: 'NUM_RANGE' });
  });

  it('silhouette finds how many clusters there are', async () => {
    const rows = Array.from(
      { length: 120 },
      (_, i): Row => ({
        x: (i % 3) * 10 + ((i * 37) % 11) / 10,
        y: (i % 3) * -5 + ((i * 53) % 13) / 10,
      }),
    );
    const table = tableFromRows(rows, [
      { name: 'x', kind: 'float64' },
      { name: 'y', kind: 'float64' },
    ]);
    const result = await train(table, {
      ...{ task: 'clustering', metric: 'silhouette' },
      candidates: [{ trainer: 'k-means', params: { nClusters: [2, 3, 6] } }],
    });
    expect(result.best.params.nClusters).toBe(3);
    expect(result.best.score).toBeGreaterThan(0.8);
  });

  it.each(['roc-auc-ovr', 'roc-auc-ovo'] as const)('%s ranks models of five classes', async (metric) => {
    const { columns } = seattle();
    const table = createTable([...columns].filter(([name]) => name !== 'location' && name !== 'rain_tomorrow'));
    const result = await train(table, {
      ...{ target: 'weather', metric, exclude: ['wet'] },
      candidates: [{ trainer: 'gradient-boosting', params: { maxIter: [1, 20] } }],
    });
    expect(result.best.params.maxIter).toBe(20);
    expect(result.best.score).toBeGreaterThan(0.8);
    await expect(
      train(table, { target: 'weather', metric: 'roc-auc', candidates: [{ trainer: 'decision-tree' }] }),
    ).rejects.toMatchObject({ code: 'TRN_METRIC_TWO_CLASSES' });
  });
});
