// Golden numbers: scikit-learn 1.9.1 (svm.golden.json names all versions) on NOAA's weather of Seattle in vega-datasets 3.
import { describe, expect, it } from 'vitest';
import { type FeatureMatrix, matrixFromColumns } from '../../linalg/matrix.js';
import { runFeatureGraph, worstDifference } from '../../onnx/graph-run.fixture.js';
import { mostProbable } from '../trainer-types.js';
import { fitSvc, type SvcOptions } from './svc.js';
import golden from './svm.golden.json' with { type: 'json' };
import { fitSvr } from './svr.js';
import { svmWeather } from './weather-svm.fixture.js';

const { x, wet, level, high, weights } = svmWeather();

interface Golden {
  readonly support: number;
  readonly rho: readonly number[];
  readonly iterations: number;
  readonly decisions: readonly number[];
}

function everySeventyThird(values: Float64Array, width: number): number[] {
  const kept: number[] = [];
  for (let row = 0; row < values.length / width; row += 73) {
    for (let k = 0; k < width; k++) kept.push(values[row * width + k]);
  }
  return kept;
}

function expectSvc(y: Int32Array, options: SvcOptions, expected: Golden): void {
  const model = fitSvc(x, y, { ...options, probability: false });
  expect(model.converged).toBe(true);
  expect(Math.abs(model.supportRows.length - expected.support)).toBeLessThanOrEqual(1);
  expect(worstDifference(expected.rho, model.rho)).toBeLessThan(1e-3);
  expect(worstDifference(expected.decisions, everySeventyThird(model.decisions(x), model.rho.length))).toBeLessThan(
    1e-3,
  );
}

describe('support vector classification', () => {
  it('finds scikit-learn’s support vectors and decision values, with every kernel', () => {
    expectSvc(wet, {}, golden.rbf);
    expectSvc(wet, { c: 10 }, golden.rbfC10);
    expectSvc(wet, { kernel: 'linear' }, golden.linear);
    expectSvc(wet, { kernel: 'poly', coef0: 1, degree: 2, c: 0.5 }, golden.poly);
    expectSvc(wet, { kernel: 'sigmoid', gamma: 0.01 }, golden.sigmoid);
  });

  it('finds them with weights, and for each pair of three classes', () => {
    expectSvc(wet, { gamma: 0.5, classWeight: [1, 3], sampleWeight: weights }, golden.weighted);
    expectSvc(level, { c: 2 }, golden.three);
  });

  it('finds the same without shrinking and with room for two kernel rows only', () => {
    expectSvc(wet, { shrinking: false }, golden.rbf);
    expectSvc(wet, { cacheSizeMb: 0 }, golden.rbf);
  });

  it('is not touched by what an earlier fit left in the memory', () => {
    const few = {
      ...x,
      rowCount: 900,
      values: Float32Array.from({ length: 4 * 900 }, (_, i) => x.values[Math.floor(i / 900) * x.rowCount + (i % 900)]),
    };
    const fit = () => fitSvc(few, wet.slice(0, 900), { probability: false, cacheSizeMb: 3 }).decisions(few);
    const alone = fit();
    fitSvc(x, wet, { c: 10, gamma: 2, probability: false, cacheSizeMb: 3 });
    expect(fit()).toEqual(alone);
    fitSvc(few, wet.slice(100, 1000), { kernel: 'linear', probability: false, cacheSizeMb: 3 });
    expect(fit()).toEqual(alone);
  });

  it('follows sign and votes when the probabilities come from the training rows', () => {
    const three = fitSvc(x, level, { c: 2, probability: false });
    const labels = mostProbable(three.predictProbabilities(x), 3).join('');
    expect(labels).toBe(golden.threeLabels);
    const two = fitSvc(x, wet, { probability: false });
    const decisions = two.decisions(x);
    const p = two.predictProbabilities(x);
    for (let i = 0; i < decisions.length; i++) expect(p[2 * i] > 0.5).toBe(decisions[i] > 0);
  });

  it('calibrates by folds that follow the seed', () => {
    const model = fitSvc(x, wet, { seed: 1 });
    const p = model.predictProbabilities(x);
    expect(fitSvc(x, wet, { seed: 1 }).predictProbabilities(x)).toEqual(p);
    expect(fitSvc(x, wet, { seed: 2 }).sigmoids).not.toEqual(model.sigmoids);
    const share = wet.reduce((sum, y) => sum + y, 0) / wet.length;
    const mean = p.reduce((sum, value, i) => sum + (i % 2 ? value : 0), 0) / wet.length;
    expect(Math.abs(mean - share)).toBeLessThan(0.02);
  });

  it('gives a class without rows no probability, and refuses to part one class', () => {
    const model = fitSvc(
      x,
      wet.map((y) => 2 * y),
      { classCount: 4, probability: false },
    );
    const p = model.predictProbabilities(x);
    for (let i = 0; i < wet.length; i++) expect(p[4 * i + 1] + p[4 * i + 3]).toBe(0);
    expect(() => fitSvc(x, new Int32Array(x.rowCount), { classCount: 2 })).toThrow(/Only 1 of 2 classes/);
  });

  it('stops at maxIter and says so', () => {
    const model = fitSvc(x, wet, { maxIter: 20, probability: false });
    expect(model).toMatchObject({ converged: false, iterations: 20 });
  });

  it('refuses options outside of their range', () => {
    for (const bad of [{ c: 0 }, { gamma: -1 }, { degree: 1.5 }, { tol: 0 }, { kernel: 'cubic' as 'rbf' }]) {
      expect(() => fitSvc(x, wet, bad)).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
    }
  });
});

describe('support vector regression', () => {
  it('finds scikit-learn’s predictions', () => {
    const rbf = fitSvr(x, high, { epsilon: 0.5, c: 5 });
    expect(worstDifference(golden.svr.decisions, everySeventyThird(rbf.predict(x), 1))).toBeLessThan(1e-3);
    expect(Math.abs(rbf.supportRows.length - golden.svr.support)).toBeLessThanOrEqual(1);
    const linear = fitSvr(x, high, { kernel: 'linear', epsilon: 1, sampleWeight: weights });
    expect(worstDifference(golden.svrLinear.decisions, everySeventyThird(linear.predict(x), 1))).toBeLessThan(1e-3);
  });

  it('answers a constant target with the constant and needs no support vector for it', () => {
    const model = fitSvr(x, new Float64Array(x.rowCount).fill(-3));
    expect(model.predict(x)[5]).toBeCloseTo(-3, 9);
    expect(model.supportRows.length).toBe(0);
  });
});

describe('exported support vectors', () => {
  const kernels = ['linear', 'rbf', 'poly', 'sigmoid'] as const;
  it.each(kernels)('answer as here: %s', async (kernel) => {
    const options = { kernel, gamma: 0.05, c: 10, coef0: 1 };
    for (const [y, probability] of [
      [wet, false],
      [level, kernel === 'rbf'],
      [level, false],
    ] as const) {
      const model = fitSvc(x, y, { ...options, probability });
      const far = matrixFromColumns([0, 1, 2, 3].map((f) => withFar(x, f)));
      const ours = model.predictProbabilities(far);
      const theirs = await runFeatureGraph(far, model.classCount, model.writeOnnx);
      expect(worstDifference(ours, theirs)).toBeLessThan(1e-6);
    }
    const values = fitSvr(x, high, options);
    expect(worstDifference(values.predict(x), await runFeatureGraph(x, 1, values.writeOnnx))).toBeLessThan(1e-6);
  });
});

function withFar(matrix: FeatureMatrix, f: number): number[] {
  const own = Array.from(matrix.values.subarray(f * matrix.rowCount, (f + 1) * matrix.rowCount));
  return [...own, 1e6, -1e6, 0, 1e-30, f];
}
