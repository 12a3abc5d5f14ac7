// Golden numbers: scikit-learn 1.9.1 (ensembles.golden.json names all versions) on NOAA's weather of Seattle, vega-datasets 3.
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../../linalg/matrix.js';
import { runFeatureGraph, worstDifference } from '../../onnx/graph-run.fixture.js';
import { fitCalibrated } from '../calibration/calibrated.js';
import { fitIsotonic, predictIsotonic } from '../calibration/isotonic.js';
import { fitSigmoid } from '../calibration/platt-sigmoid.js';
import { linearRegression } from '../linear/linear-regression-definition.js';
import { logisticRegression } from '../linear/logistic-regression-definition.js';
import { ridge } from '../linear/ridge-definition.js';
import { paramProblems, writtenValues } from '../param-rules.js';
import type { WrittenParam } from '../param-types.js';
import { fitSelfTraining } from '../semi-supervised/self-training.js';
import { svmWeather } from '../svm/weather-svm.fixture.js';
import { findTrainer, TRAINERS } from '../trainer-catalogue.js';
import type { FittedModel } from '../trainer-types.js';
import { baseTrainers } from './base-trainers.js';
import golden from './ensembles.golden.json' with { type: 'json' };
import { fitStackingClassifier, fitStackingRegressor } from './stacking.js';
import { fitVotingClassifier } from './voting.js';

const { x, wet, level, high, weights: sampleWeight } = svmWeather();
const two = { seed: 0, classCount: 2 };
const three = { seed: 0, classCount: 3 };
const strong = { definition: logisticRegression, params: {} };
const weak = { definition: logisticRegression, params: { c: 0.001 } };
const forest = {
  definition: findTrainer('random-forest') as (typeof TRAINERS)[number],
  params: { nEstimators: 10, maxDepth: 4 },
};
const steps = (from: number, to: number) => Float64Array.from({ length: 26 }, (_, i) => from + ((to - from) * i) / 25);
const feature = (f: number) => Float64Array.from(x.values.subarray(f * x.rowCount, (f + 1) * x.rowCount));

function kept(values: Float64Array): number[] {
  const width = values.length / x.rowCount;
  return Array.from(values).filter((_, at) => Math.floor(at / width) % 73 === 0);
}

function answers(model: FittedModel, rows: FeatureMatrix): Float64Array {
  if (model.task === 'classification') return model.predictProbabilities(rows);
  return model.task === 'regression' ? model.predict(rows) : new Float64Array(0);
}

async function expectParity(model: FittedModel, tolerance = 1e-6): Promise<void> {
  const own = answers(model, x);
  expect(worstDifference(own, await runFeatureGraph(x, own.length / x.rowCount, model.writeOnnx))).toBeLessThan(
    tolerance,
  );
}

describe('isotonic regression', () => {
  it('pools as scikit-learn does, with weights and repeated values', () => {
    const model = fitIsotonic(feature(2), high, { sampleWeight });
    expect(model.x.length).toBe(golden.isotonic.count);
    expect(model.x.reduce((sum, value) => sum + value, 0)).toBeCloseTo(golden.isotonic.sumX, 3);
    expect(worstDifference(golden.isotonic.at, predictIsotonic(model, steps(-2, 3)))).toBeLessThan(1e-6);
  });

  it('falls when told to, within bounds', () => {
    const model = fitIsotonic(feature(1), Float64Array.from(wet), { increasing: false, yMin: 0, yMax: 0.6 });
    expect(worstDifference(golden.isotonicFalling, predictIsotonic(model, steps(-1, 4)))).toBeLessThan(1e-6);
  });

  it('takes one point and constants, and refuses nothing and NaN', () => {
    expect(predictIsotonic(fitIsotonic(Float64Array.of(1), Float64Array.of(5)), Float64Array.of(0, 1, 2))).toEqual(
      Float64Array.of(5, 5, 5),
    );
    expect(() => fitIsotonic(new Float64Array(0), new Float64Array(0))).toThrow(/no rows of weight/);
    expect(() => fitIsotonic(Float64Array.of(Number.NaN), Float64Array.of(1))).toThrow(/NaN/);
  });
});

describe('sigmoid', () => {
  it('stays finite on parted, equal, huge and one-sided decisions', () => {
    const signs = Uint8Array.of(0, 0, 1, 1);
    for (const decisions of [
      [-1, -1, 1, 1],
      [2, 2, 2, 2],
      [-1e9, -2e9, 1e9, 3e9],
      [0, 0, 0, 0],
    ]) {
      const { slope, intercept } = fitSigmoid(Float64Array.from(decisions), signs);
      expect(Number.isFinite(slope) && Number.isFinite(intercept)).toBe(true);
      expect(Number.isFinite(fitSigmoid(Float64Array.from(decisions), new Uint8Array(4)).intercept)).toBe(true);
    }
  });
});

describe('calibration', () => {
  it('by sigmoids has scikit-learn’s probabilities', () => {
    const ensemble = fitCalibrated(x, wet, { base: strong }, two);
    expect(worstDifference(golden.sigmoid, kept(ensemble.predictProbabilities(x)))).toBeLessThan(1e-4);
    const weighted = fitCalibrated(x, level, { base: strong }, { ...three, sampleWeight });
    expect(worstDifference(golden.sigmoidThree, kept(weighted.predictProbabilities(x)))).toBeLessThan(1e-4);
    const one = fitCalibrated(x, wet, { base: strong, ensemble: false }, two);
    expect(worstDifference(golden.sigmoidOne, kept(one.predictProbabilities(x)))).toBeLessThan(1e-4);
  });

  it('by isotonic regression has scikit-learn’s probabilities', () => {
    const model = fitCalibrated(x, level, { base: strong, method: 'isotonic' }, three);
    expect(worstDifference(golden.isotonicThree, kept(model.predictProbabilities(x)))).toBeLessThan(1e-3);
  });

  it('answers in the runtime as here', async () => {
    await expectParity(fitCalibrated(x, level, { base: strong }, three), 1e-5);
    await expectParity(fitCalibrated(x, wet, { base: forest, method: 'isotonic' }, two));
    await expectParity(fitCalibrated(x, level, { base: forest, method: 'isotonic', ensemble: false }, three));
  });
});

describe('ensembles', () => {
  const bases = [strong, weak];

  it('vote as scikit-learn’s do', async () => {
    const model = fitVotingClassifier(x, level, { bases, weights: [2, 1] }, { ...three, sampleWeight });
    expect(worstDifference(golden.voting, kept(model.predictProbabilities(x)))).toBeLessThan(1e-5);
    await expectParity(fitVotingClassifier(x, level, { bases: [strong, forest] }, three));
  });

  it('stack as scikit-learn’s do', async () => {
    const model = fitStackingClassifier(x, wet, { bases }, two);
    expect(worstDifference(golden.stacking, kept(model.predictProbabilities(x)))).toBeLessThan(1e-5);
    const through = fitStackingClassifier(x, level, { bases, passthrough: true }, three);
    expect(worstDifference(golden.stackingThree, kept(through.predictProbabilities(x)))).toBeLessThan(1e-5);
    const lines = [ridge, linearRegression].map((definition) => ({ definition, params: {} }));
    const values = fitStackingRegressor(x, high, { bases: lines }, { seed: 0 });
    expect(worstDifference(golden.stackingValues, kept(values.predict(x)))).toBeLessThan(1e-5);
    for (const fitted of [model, through, values]) await expectParity(fitted, 1e-5);
  });

  it('learn from rows without a class as scikit-learn does', () => {
    const partly = wet.map((code, row) => (row % 4 === 0 ? code : -1));
    const plain = fitSelfTraining(x, partly, { base: strong }, two);
    const best = fitSelfTraining(x, partly, { base: strong, criterion: 'k_best', kBest: 50, maxIter: 5 }, two);
    for (const [model, expected] of [
      [plain, golden.selfTraining],
      [best, golden.selfTrainingBest],
    ] as const) {
      expect(model.transduction.filter((code) => code >= 0).length).toBe(expected.labelled);
      expect(model.iterations).toBe(expected.iterations);
      expect(model.ended.replace('-', '_').replace('labelled', 'labeled')).toBe(expected.ended);
      expect(worstDifference(expected.answers, kept(model.predictProbabilities(x)))).toBeLessThan(1e-5);
    }
    expect(() => fitSelfTraining(x, new Int32Array(x.rowCount).fill(-1), { base: strong }, two)).toThrow(/No row/);
  });

  it('refuse unknown trainers, tasks and parameters', () => {
    const ask = (names: string, params: string | null) => () =>
      baseTrainers(findTrainer, { estimators: names, params }, 'classify');
    expect(ask('random-forest, oracle', null)).toThrow(/no trainer oracle/);
    expect(ask('ridge', null)).toThrow(/no trainer ridge that can classify/);
    expect(ask('random-forest', '{"random-forest":{"depth":3}}')).toThrow(/has no such parameter/);
    expect(ask('random-forest', '{"svc":{}}')).toThrow(/parameters for svc/);
  });

  it('name the path of what is wrong within them before anything is fitted', () => {
    const problems = (trainer: string, params: Record<string, WrittenParam>) => {
      const definition = findTrainer(trainer);
      if (definition === undefined) throw new Error(`no ${trainer}`);
      const values = Object.entries(params).map(([name, value]) => [
        name,
        writtenValues(definition.params[name], value)[0],
      ]);
      return paramProblems(definition, Object.fromEntries(values));
    };
    expect(problems('voting', { estimators: { svc: { C: 'x' }, oracle: {} } })).toEqual([
      expect.stringMatching(/^estimators\.svc\.c: "x" is not a number above 0/),
      "estimators.oracle: there is no trainer 'oracle'",
    ]);
    expect(problems('stacking', { estimatorParams: { svc: { depth: 3 } } })).toEqual([
      expect.stringMatching(/^estimatorParams\.svc\.depth: svc has no such parameter/),
    ]);
    expect(problems('calibrated', { estimator: { voting: { estimators: { svc: { C: 0 } } } } })).toEqual([
      expect.stringMatching(/^estimator\.voting\.estimators\.svc\.c: 0 is not/),
    ]);
    expect(problems('self-training', { estimator: 'svc' })).toEqual([]);
  });

  it('may hold a trainer twice, each under a name of its own', () => {
    const estimators = JSON.stringify({
      low: { trainer: 'random-forest', max_depth: 2 },
      deep: { trainer: 'random-forest', max_depth: 9 },
      ridge: {},
    });
    const params = JSON.stringify({ low: { n_estimators: 5 } });
    const bases = baseTrainers(findTrainer, { estimators, params }, 'regress');
    expect(bases.map(({ definition, params: own }) => [definition.name, own])).toEqual([
      ['random-forest', { maxDepth: 2, nEstimators: 5 }],
      ['random-forest', { maxDepth: 9 }],
      ['ridge', {}],
    ]);
    expect(TRAINERS.every(({ params: own }) => !Object.hasOwn(own, 'trainer'))).toBe(true);
  });

  it('are written as lists and objects, in scikit-learn’s spelling too', () => {
    const rule = (trainer: string, name: string) => findTrainer(trainer)?.params[name];
    const estimators = {
      'random-forest': { n_estimators: 20 },
      'multi-layer-perceptron': { hidden_layer_sizes: [8, 4] },
    };
    const [text] = writtenValues(rule('voting', 'estimators'), estimators);
    const bases = baseTrainers(findTrainer, { estimators: String(text), params: null }, 'classify');
    expect(bases.map(({ definition, params }) => [definition.name, params])).toEqual([
      ['random-forest', { nEstimators: 20 }],
      ['multi-layer-perceptron', { hiddenLayerSizes: '8,4' }],
    ]);
    expect(writtenValues(rule('voting', 'weights'), [2, 1])).toEqual(['2,1']);
    expect(writtenValues(rule('voting', 'estimators'), ['ridge', 'svr'])).toEqual(['ridge,svr']);
    expect(writtenValues(rule('voting', 'estimators'), ['ridge,svr', 'ridge,lasso'])).toHaveLength(2);
    expect(writtenValues(rule('calibrated', 'estimator'), ['svc', { svc: { C: 2 } }])).toEqual([
      'svc',
      '{"svc":{"C":2}}',
    ]);
  });

  it('tell a list that is one value from a grid', () => {
    const layers = findTrainer('multi-layer-perceptron')?.params.hiddenLayerSizes;
    expect(writtenValues(layers, [8])).toEqual(['8']);
    expect(writtenValues(layers, [[8], [16, 8]])).toEqual(['8', '16,8']);
    expect(writtenValues(layers, ['32', '64,32'])).toEqual(['32', '64,32']);
    expect(writtenValues(findTrainer('ridge')?.params.alpha, [0.1, 1])).toEqual([0.1, 1]);
  });
});
