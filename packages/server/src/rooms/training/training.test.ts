import { createTable, type Row, type Table, tableFromRows } from '@fairlead/frame';
import { fixedClock } from '@fairlead/kernel';
import { verifyStudy } from '@fairlead/num';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { me, openTrainingBench, rainRequest, type TrainingBench } from './training-testing.js';
import type { TrainingService, TrainRequest } from './training-types.js';
import { seattle, weatherRows, weatherTable } from './weather.fixture.js';

let bench: TrainingBench;
beforeAll(async () => {
  bench = await openTrainingBench();
});
afterAll(() => bench.dispose());

const train = (
  table: Table,
  change: Partial<TrainRequest> = {},
  options: Parameters<TrainingService['train']>[2] & { time?: string | null } = {},
) =>
  bench.training.train(
    me,
    {
      table,
      request: rainRequest(change),
      experiment: 'rain',
      parentRunId: null,
      time: options.time === undefined ? 'date' : options.time,
      entity: ['location'],
    },
    options,
  );

const GRID: TrainRequest['candidates'] = [
  { trainer: 'random-forest', params: { nEstimators: 40, minSamplesLeaf: [5, 20] } },
  { trainer: 'logistic-regression', params: { c: [0.1, 1] } },
];

describe('training on the days of Seattle', () => {
  it('tries every candidate, packages the best and finds the package equal on more than a thousand rows', async () => {
    const messages: string[] = [];
    const ratios: number[] = [];
    const result = await train(
      seattle(),
      { candidates: GRID },
      {
        progress: (ratio, message) => {
          ratios.push(ratio);
          messages.push(message);
        },
      },
    );
    expect(result.leaderboard.map(({ number }) => number).sort()).toEqual([1, 2, 3, 4]);
    expect(result.best).toEqual(result.leaderboard[0]);
    const scores = result.leaderboard.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => Number(a) - Number(b)));
    expect(result.best.foldScores).toHaveLength(3);
    expect(result.parity).toMatchObject({ verdict: 'pass', labelsEqual: true, tolerance: 1e-4 });
    expect(result.parity.rows).toBeGreaterThan(1096);
    expect(result.trainedRows).toBe(1096);
    expect(ratios.at(-1)).toBe(1);
    expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
    expect(messages.some((message) => message.includes('trial 4 of 4'))).toBe(true);
    const events = await readLedger(bench.db, { afterSeq: 0, limit: 1000, types: ['training.model-trained'] });
    expect(events.at(-1)?.payload).toMatchObject({ modelDigest: result.model.digest, trials: 4 });
  });

  it('says in the signature what the model reads, in which ranges, and what may be sent along', async () => {
    const { signature, model } = await train(seattle());
    expect(signature.labels).toEqual(['false', 'true']);
    expect(signature.inputs.map(({ name }) => name)).toEqual([
      'precipitation',
      'temp_max',
      'temp_min',
      'wind',
      'weather',
    ]);
    expect(signature.contextColumns).toEqual(['location', 'date', 'wet']);
    expect(signature.inputs[0]).toMatchObject({ type: 'number', min: 0, nullable: true });
    expect(signature.inputs[4]).toEqual({
      name: 'weather',
      type: 'string',
      categories: ['drizzle', 'fog', 'rain', 'snow', 'sun'],
      nullable: false,
    });
    const loaded = await bench.inference.load({
      path: await bench.objects.localPath(model.digest),
      digest: model.digest,
    });
    expect(JSON.parse(loaded.metadata['fairlead.signature'] ?? '')).toEqual(signature);
    await bench.inference.unload(model.digest);
  });

  it('gives the same bytes for the same seed, whatever the order of the rows, and others for another seed', async () => {
    const rows = weatherRows('Seattle', { from: '2012-01-01', until: '2015-01-01' });
    const request = { candidates: [{ trainer: 'random-forest', params: { nEstimators: 20 } }] } as const;
    const first = await train(weatherTable(rows), request);
    const again = await train(weatherTable([...rows].reverse()), request);
    const other = await train(weatherTable(rows), { ...request, seed: 8 });
    expect(again.model).toEqual(first.model);
    expect(other.model.digest).not.toBe(first.model.digest);
  });

  it('writes each trial as a nested run with its parameters and one point per fold', async () => {
    const parent = await bench.tracking.startRun(me, { experiment: 'rain' });
    const { leaderboard } = await bench.training.train(me, {
      table: seattle(),
      request: rainRequest(),
      experiment: 'rain',
      parentRunId: parent.id,
      time: 'date',
      entity: [],
    });
    const { items: runs } = await bench.tracking.searchRuns({
      where: [{ field: 'parent', comparison: '=', value: parent.id }],
      limit: 10,
    });
    expect(runs.map(({ id }) => id).sort()).toEqual(leaderboard.map(({ trackingRunId }) => trackingRunId).sort());
    expect(runs.every(({ status }) => status === 'finished')).toBe(true);
    const best = runs.find(({ id }) => id === leaderboard[0]?.trackingRunId);
    expect(best?.params).toMatchObject({ trainer: 'logistic-regression' });
    expect(best?.metrics.mean_brier).toBe(leaderboard[0]?.score);
    const points = await bench.tracking.metricHistory(leaderboard[0]?.trackingRunId ?? '', 'brier');
    expect(points.map(({ step, value }) => [step, value])).toEqual(
      leaderboard[0]?.foldScores.map((value, step) => [step, value]),
    );
  });

  it('learns three classes of text, with missing cells in every feature', async () => {
    const rows = weatherRows('Seattle', { from: '2012-01-01', until: '2015-01-01' }).map(
      (row, i): Row => ({
        ...row,
        wind: i % 11 === 0 ? null : (row.wind ?? null),
        weather: i % 13 === 0 ? null : (row.weather ?? null),
        wet: i % 7 === 0 ? null : (row.wet ?? null),
        level: Number(row.precipitation) > 5 ? 'pouring' : Number(row.precipitation) > 0 ? 'wet' : 'dry',
      }),
    );
    const { schemaOf } = await import('@fairlead/frame');
    const schema = [...schemaOf(weatherTable(rows)), { name: 'level', kind: 'string' } as const];
    for (const candidates of [GRID.slice(0, 1), GRID.slice(1)]) {
      const result = await train(tableFromRows(rows, schema), {
        target: 'level',
        exclude: ['precipitation', 'rain_tomorrow'],
        candidates,
        validation: { kind: 'k-fold', folds: 3 },
        metric: 'log-loss',
      });
      expect(result.signature.labels).toEqual(['dry', 'pouring', 'wet']);
      expect(result.signature.inputs.find(({ name }) => name === 'weather')?.nullable).toBe(true);
      expect(result.parity.verdict).toBe('pass');
    }
  });

  it('learns from the parts of a time that was named as a feature, and packages it', async () => {
    const result = await train(seattle(), { features: ['date', 'wind'], candidates: GRID.slice(0, 1) });
    expect(result.signature.inputs[0]).toEqual({ name: 'date', type: 'timestamp', nullable: true });
    expect(result.parity).toMatchObject({ verdict: 'pass', labelsEqual: true });
  });

  it('spares trials judged by labels the calibration that only the package needs, and says so', async () => {
    const small = weatherTable(weatherRows('Seattle', { from: '2012-01-01', until: '2012-09-01' }));
    const svc = (params: Record<string, number | boolean | number[]>, metric: NonNullable<TrainRequest['metric']>) =>
      train(small, { candidates: [{ trainer: 'svc', params: { c: [0.5, 2], ...params } }], metric });
    const messages: string[] = [];
    const spared = await train(
      small,
      { candidates: [{ trainer: 'svc', params: { c: [0.5, 2] } }], metric: 'accuracy' },
      { progress: (_, message) => messages.push(message) },
    );
    const never = await svc({ probability: false }, 'accuracy');
    expect(spared.leaderboard.map(({ foldScores }) => foldScores)).toEqual(
      never.leaderboard.map(({ foldScores }) => foldScores),
    );
    expect(spared.model.digest).not.toBe(never.model.digest);
    expect(spared.best.params).not.toHaveProperty('probability');
    expect(spared.notes?.join()).toContain('svc ran with probability=false');
    expect(messages.some((message) => message.includes('probability=false'))).toBe(true);
    const run = await bench.tracking.run(spared.best.trackingRunId ?? '');
    expect(run.tags['fairlead.trial-only-params']).toBe('{"probability":false}');
    expect((await svc({}, 'brier')).notes).toBeUndefined();
  });

  it.each(['gradient-boosting', 'logistic-regression'])(
    'learns 10,000 categories with %s and packages them',
    async (trainer) => {
      const rows = Array.from({ length: 20_000 }, (_, i): Row => {
        const shop = (i * 7919) % 10_000;
        return { shop: `shop ${shop}`, wet: shop % 10 < 5 !== (i % 10 === 0) };
      });
      const table = tableFromRows(rows, [
        { name: 'shop', kind: 'string' },
        { name: 'wet', kind: 'boolean' },
      ]);
      const result = await bench.training.train(me, {
        table,
        request: {
          ...{ target: 'wet', candidates: [{ trainer }], seed: 1, metric: 'brier' },
          validation: { kind: 'k-fold', folds: 2 },
        },
        ...{ experiment: 'shops', parentRunId: null, time: null, entity: [] },
      });
      expect(result.signature.inputs).toEqual([{ name: 'shop', type: 'string', nullable: false }]);
      expect(result.parity).toMatchObject({ verdict: 'pass', labelsEqual: true });
      const words = result.decisions?.filter(({ column }) => column === 'shop').map(({ reason }) => reason);
      expect(words?.join()).toContain('10000 categories are too many for one feature each');
      const { signature, model } = result;
      const scored = await bench.scorer.score({
        ...{ digest: model.digest, path: await bench.objects.localPath(model.digest), signature },
        table: tableFromRows([{ shop: 'shop 3' }, { shop: 'never seen' }], [{ name: 'shop', kind: 'string' }]),
      });
      expect([...scored.probabilities].every(Number.isFinite)).toBe(true);
    },
  );

  it('begins no further trial when the time is over; the study of those it made can still be verified', async () => {
    let nowMs = 0;
    const clock = { ...fixedClock(0), nowMs: () => (nowMs += 20) };
    const { training } = bench.withClock(clock);
    const job = (timeBudgetMs: number) => ({
      ...{ table: seattle(), experiment: 'rain', parentRunId: null, time: 'date', entity: ['location'] },
      request: rainRequest({
        candidates: [{ trainer: 'decision-tree' }],
        search: { sampler: { kind: 'random' }, trials: 200 },
        timeBudgetMs,
      }),
    });
    const { leaderboard, studies } = await training.tune(me, job(1000));
    expect(leaderboard.length).toBeLessThan(200);
    expect(leaderboard.every(({ state }) => state === 'completed')).toBe(true);
    expect(studies.map(({ spec, events }) => verifyStudy(spec, events).verdict)).toEqual(['pass']);
    expect((await training.train(me, job(1000))).parity.verdict).toBe('pass');
    await expect(training.tune(me, job(1))).rejects.toMatchObject({ code: 'TRN_TIME_OVER' });
  });

  it('stops when asked to and marks the trial under way as killed', async () => {
    const parent = await bench.tracking.startRun(me, { experiment: 'rain' });
    const abort = new AbortController();
    const work = bench.training.train(
      me,
      {
        table: seattle(),
        request: rainRequest({ candidates: [{ trainer: 'random-forest', params: { nEstimators: [20, 5000] } }] }),
        experiment: 'rain',
        parentRunId: parent.id,
        time: 'date',
        entity: [],
      },
      { signal: abort.signal, progress: (ratio) => ratio > 0.4 && abort.abort(new Error('enough')) },
    );
    await expect(work).rejects.toThrow('enough');
    const { items: runs } = await bench.tracking.searchRuns({
      where: [{ field: 'parent', comparison: '=', value: parent.id }],
      limit: 10,
    });
    expect(runs.map(({ status }) => status).sort()).toEqual(['finished', 'killed']);
  });
});

describe('training refuses', () => {
  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'nothing was thrown',
      (error: { code?: string }) => error.code,
    );
  const part = (change: (row: Row, i: number) => Row) =>
    weatherTable(weatherRows('Seattle', { from: '2012-01-01', until: '2012-06-01' }).map(change));

  it.each<[string, Partial<TrainRequest>, ((row: Row, i: number) => Row)?]>([
    ['TRN_TARGET_NOT_FOUND', { target: 'snow' }],
    ['TRN_TARGET_KIND', { target: 'date' }],
    ['TRN_CANDIDATE_INVALID', { target: 'wind' }],
    ['TRN_TASK_INVALID', { metric: 'rmse' }],
    ['TRN_TARGET_MISSING', {}, (row, i) => (i === 3 ? { ...row, rain_tomorrow: null } : row)],
    ['TRN_ONE_CLASS', {}, (row) => ({ ...row, rain_tomorrow: true })],
    ['TRN_LABELS_INVALID', { labels: ['dry'] }],
    ['TRN_FEATURE_NOT_FOUND', { features: ['humidity'] }],
    ['TRN_FEATURE_KIND', { features: ['rain_tomorrow'] }],
    ['TRN_NO_FEATURE', { exclude: ['precipitation', 'temp_max', 'temp_min', 'wind', 'weather', 'wet'] }],
    ['TRN_FEATURE_EMPTY', {}, (row) => ({ ...row, wind: null })],
    ['TRN_NOT_FINITE', {}, (row, i) => (i === 9 ? { ...row, wind: Number.POSITIVE_INFINITY } : row)],
    ['TRN_TOO_FINE', {}, (row) => ({ ...row, wind: 1e9 + Number(row.wind) })],
    ['TRN_TIME_MISSING', {}, (row, i) => (i === 9 ? { ...row, date: null } : row)],
    ['TRN_TOO_FEW_ROWS', { validation: { kind: 'time-series', folds: 200 } }],
    ['TRN_FOLD_ONE_CLASS', {}, (row, i) => ({ ...row, rain_tomorrow: i > 100 && i % 2 === 0 })],
    ['TRN_CANDIDATE_INVALID', { candidates: [{ trainer: 'random-forest', params: { depth: 3 } }] }],
    ['TRN_CANDIDATE_INVALID', { candidates: [{ trainer: 'logistic-regression', params: { c: [1, 0] } }] }],
    [
      'TRN_GRID_TOO_LARGE',
      {
        candidates: [
          {
            trainer: 'random-forest',
            params: { minSamplesLeaf: Array.from({ length: 40 }, (_, i) => i + 1), nEstimators: Array(40).fill(3) },
          },
        ],
      },
    ],
  ])('%s', async (expected, change, damage = (row) => row) => {
    expect(await code(train(part(damage), change))).toBe(expected);
  });

  it('a model of nothing but texts that are keys; beside other features a key is left out, visibly', async () => {
    const rows = weatherRows('Seattle', { from: '2012-01-01', until: '2013-01-01' });
    const table = weatherTable(rows.map((row, i) => ({ ...row, weather: `note${i}` })));
    expect(await code(train(table, { features: ['weather'] }))).toBe('TRN_TOO_MANY_CATEGORIES');
    const { signature, decisions } = await train(table);
    expect(signature.inputs.map(({ name }) => name)).not.toContain('weather');
    expect(signature.contextColumns).toContain('weather');
    expect(decisions?.[0]).toMatchObject({
      column: 'weather',
      choice: 'left out',
      reason: expect.stringMatching('key'),
    });
  });

  it('a column with a name that the package uses itself', async () => {
    const { columns } = part((row) => row);
    const renamed = createTable([...columns].map(([name, column]) => [name === 'wind' ? 'label' : name, column]));
    expect(await code(train(renamed))).toBe('TRN_FEATURE_KIND');
  });

  it('time-ordered validation without a time, and an empty table', async () => {
    expect(
      await code(
        train(
          part((row) => row),
          {},
          { time: null },
        ),
      ),
    ).toBe('TRN_TIME_REQUIRED');
    expect(await code(train(createTable([]), {}))).toBe('TRN_TARGET_NOT_FOUND');
    expect(await code(train(weatherTable([]), {}))).toBe('TRN_TOO_FEW_ROWS');
  });
});
