import { readFileSync } from 'node:fs';
import { PREPROCESS_RULES, type PreprocessSpec, parsePreprocessSpec } from '@fairlead/num';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTrainStep } from './index.js';
import { me, openTrainingBench, rainRequest, type TrainingBench } from './training-testing.js';
import type { TrainRequest } from './training-types.js';
import { seattle } from './weather.fixture.js';

let bench: TrainingBench;
beforeAll(async () => {
  bench = await openTrainingBench();
});
afterAll(() => bench.dispose());

const train = (change: Partial<TrainRequest>) =>
  bench.training.train(me, {
    ...{ table: seattle(), request: rainRequest(change), experiment: 'rain', parentRunId: null, time: 'date' },
    entity: ['location'],
  });

const GIVEN: PreprocessSpec = {
  columns: [
    { name: 'date', kind: 'date', parts: ['month'], cyclical: true },
    { name: 'wind', kind: 'numeric', bins: 4, binEncoding: 'one-hot' },
    { name: 'temp_max', kind: 'numeric', clipUpper: 0.99, impute: 'mean' },
    { name: 'weather', kind: 'category', encoding: 'target' },
  ],
  steps: [
    { step: 'polynomial', degree: 2, interactionOnly: true },
    { step: 'select', method: 'f-test', k: 12 },
    { step: 'scale' },
  ],
};

describe('preprocessing that the request gives', () => {
  it('is used as it stands by every candidate, reads the columns it names, and is in the package', async () => {
    const candidates = [
      { trainer: 'logistic-regression', params: { c: [0.1, 1] } },
      { trainer: 'gradient-boosting', params: { maxIter: 10 } },
    ];
    const result = await train({ preprocess: GIVEN, candidates });
    expect(result.leaderboard.every(({ failure }) => failure === undefined)).toBe(true);
    expect(result.signature.inputs.map(({ name }) => name)).toEqual(['date', 'wind', 'temp_max', 'weather']);
    expect(result.parity).toMatchObject({ verdict: 'pass', labelsEqual: true });
    expect(result.decisions?.slice(0, 4).map(({ column, choice }) => `${column}: ${choice}`)).toEqual([
      'date: date',
      'wind: numeric',
      'temp_max: numeric',
      'weather: category',
    ]);
    const path = await bench.objects.localPath(result.model.digest);
    const { metadata } = await bench.inference.load({ path, digest: result.model.digest });
    expect(JSON.parse(metadata['fairlead.features'] ?? '')).toHaveLength(12);
    await bench.inference.unload(result.model.digest);
  });

  it.each<[string, unknown, Partial<TrainRequest>]>([
    ['preprocess.columns.0.kind: "number" is not one of', { columns: [{ name: 'wind', kind: 'number' }] }, {}],
    [
      'preprocess.columns.0.impute: "zero" is not',
      { columns: [{ name: 'wind', kind: 'numeric', impute: 'zero' }] },
      {},
    ],
    ['preprocess.columns.0.name: there is no column gust', { columns: [{ name: 'gust', kind: 'numeric' }] }, {}],
    [
      'preprocess.columns.0.kind: weather is string, but numeric reads float64',
      { columns: [{ name: 'weather', kind: 'numeric' }] },
      {},
    ],
    [
      'preprocess.columns: the feature weather has no block',
      { columns: [{ name: 'wind', kind: 'numeric' }] },
      { features: ['wind', 'weather'] },
    ],
    [
      'preprocess.columns.0.impute: logistic-regression cannot read a missing value',
      { columns: [{ name: 'wind', kind: 'numeric', impute: 'none' }] },
      {},
    ],
  ])('is refused with what is wrong: %s', async (words, preprocess, change) => {
    const work = train({ ...change, preprocess: preprocess as PreprocessSpec });
    await expect(work).rejects.toMatchObject({
      code: 'TRN_PREPROCESS_INVALID',
      message: expect.stringContaining(words),
    });
  });

  it('is checked when a pipeline is declared', () => {
    const { training, tracking, objects } = bench;
    const step = createTrainStep({ training, tracking, objects, data: {} as never });
    const params = {
      part: 'train',
      validation: { kind: 'k-fold', folds: 3 },
      metric: 'brier',
      candidates: [{ trainer: 'logistic-regression' }],
    };
    const check = (preprocess: unknown) => step.check({ ...params, preprocess: preprocess as never });
    expect(check(GIVEN)).toEqual([]);
    expect(check({ columns: [{ name: 'wind', kind: 'numeric', bins: 1 }] })).toEqual([
      'preprocess.columns.0.bins: 1 is not an integer from 2 to 1000',
    ]);
    expect(check({ columns: [] })).not.toEqual([]);
    expect(check([])).not.toEqual([]);
  });
});

describe('the guide', () => {
  const text = readFileSync(new URL('../../../../../docs/guide/preprocessing.md', import.meta.url), 'utf8');
  const samples = [...text.matchAll(/```yaml preprocess\n([\s\S]*?)```/g)].map(([, yaml]) => parse(yaml as string));

  it('shows every kind of block and step in examples that can be fitted', () => {
    const specs = samples.map((sample) => parsePreprocessSpec(sample));
    const shown = specs.flatMap(({ columns, steps = [] }) => [
      ...columns.map(({ kind }) => kind as string),
      ...steps.map(({ step }) => step as string),
    ]);
    const known = [...Object.keys(PREPROCESS_RULES.columns), ...Object.keys(PREPROCESS_RULES.steps)];
    expect(known.filter((name) => !shown.includes(name))).toEqual([]);
  });
});
