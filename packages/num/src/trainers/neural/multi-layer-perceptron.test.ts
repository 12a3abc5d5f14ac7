// Golden numbers: scikit-learn 1.9.1 MLPClassifier and MLPRegressor from given weights, shuffle=False, six epochs in
// batches of 40: every weight and the loss of every epoch (multi-layer-perceptron.golden.json).
import { describe, expect, it } from 'vitest';
import { lcg, lcgMatrix } from '../../linalg/lcg.fixture.js';
import { matrixFromColumns } from '../../linalg/matrix.js';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import { createRng } from '../../random/rng.js';
import { graphDifference, sampleWeight, score, three, x } from '../neighbours.fixture.js';
import golden from './multi-layer-perceptron.golden.json' with { type: 'json' };
import { fitPerceptronClassifier, fitPerceptronRegressor } from './multi-layer-perceptron.js';
import { type Activation, emptyNetwork } from './network.js';
import { adam, momentumDescent, type Optimiser } from './optimisers.js';
import { trainNetwork } from './train-network.js';

interface GoldenCase {
  readonly widths: readonly number[];
  readonly activation: Activation;
  readonly target: Float64Array;
  readonly weights?: Float64Array;
  readonly classify: boolean;
  readonly alpha?: number;
  readonly optimiser: (size: number) => Optimiser;
}

/** Weights after six epochs from the golden start, and the losses. */
function trainGolden(of: GoldenCase): number[] {
  const network = emptyNetwork(of.widths, of.activation);
  for (let l = 0; l + 1 < of.widths.length; l++) {
    const start = lcg(of.widths[l] * of.widths[l + 1], 100 + l).map((value) => value - 0.5);
    network.values.set(start, network.weightStarts[l]);
    network.values.set(
      lcg(of.widths[l + 1], 200 + l).map((value) => value - 0.5),
      network.biasStarts[l],
    );
  }
  const weights = of.weights ?? new Float64Array(300).fill(1);
  const settings = {
    alpha: of.alpha ?? 1e-4,
    batchSize: 40,
    maxIter: 6,
    tol: 1e-4,
    nIterNoChange: 10,
    shuffle: false,
    heldBack: new Int32Array(0),
    onIteration: () => undefined,
  };
  const means = { optimiser: of.optimiser(network.values.length), rng: createRng(0) };
  const data = { x, target: of.target, weights, classify: of.classify };
  const { losses } = trainNetwork(network, data, settings, means);
  return [...network.values, ...losses];
}

describe('a multi-layer perceptron', () => {
  it('takes scikit-learn’s steps from equal weights', () => {
    const hot = new Float64Array(900);
    three.forEach((code, i) => {
      hot[3 * i + code] = 1;
    });
    const softmax = trainGolden({
      widths: [4, 5, 3, 3],
      activation: 'relu',
      target: hot,
      classify: true,
      alpha: 0.1,
      optimiser: (size) => adam(size, 0.001),
    });
    expect(worstDifference(golden.three, softmax)).toBeLessThan(1e-10);
    const logistic = trainGolden({
      widths: [4, 4, 1],
      activation: 'tanh',
      target: score.map((value) => Number(value > 0.9)),
      weights: sampleWeight,
      classify: true,
      optimiser: (size) => momentumDescent(size, 0.05, 0.9),
    });
    expect(worstDifference(golden.two, logistic)).toBeLessThan(1e-10);
    const line = trainGolden({
      widths: [4, 4, 3, 1],
      activation: 'logistic',
      target: score,
      classify: false,
      optimiser: (size) => adam(size, 0.01),
    });
    expect(worstDifference(golden.line, line)).toBeLessThan(1e-7);
  });

  it('learns what no line can part', () => {
    const flat = lcg(800, 3);
    const square = matrixFromColumns([flat.slice(0, 400), flat.slice(400)].map((c) => c.map((v) => 4 * v - 2)));
    const y = Int32Array.from({ length: 400 }, (_, i) => Number(square.values[i] * square.values[400 + i] > 0));
    const model = fitPerceptronClassifier(square, y, { hiddenLayerSizes: '16,8', learningRateInit: 0.01 });
    const p = model.predictProbabilities(square);
    const right = y.filter((code, i) => code === Number(p[2 * i + 1] > 0.5)).length;
    expect(right).toBeGreaterThan(380);
    const another = fitPerceptronClassifier(square, y, { hiddenLayerSizes: '16,8', learningRateInit: 0.01, seed: 1 });
    expect(another.network.values).not.toEqual(model.network.values);
  });

  it('answers in the unit of the target, and a constant target with the constant', () => {
    const large = score.map((value) => 1e6 * value + 5e7);
    const predicted = fitPerceptronRegressor(x, large, { maxIter: 400, learningRateInit: 0.01 }).predict(x);
    const off = predicted.reduce((sum, value, i) => sum + Math.abs(value - large[i]), 0) / 300;
    expect(off).toBeLessThan(0.12e6);
    const same = fitPerceptronRegressor(x, new Float64Array(300).fill(7), { maxIter: 3 }).predict(x);
    expect([...same].every((value) => value === 7)).toBe(true);
  });

  it('stops early on rows held back and keeps the best epoch', () => {
    const model = fitPerceptronClassifier(x, three, { earlyStopping: true, learningRateInit: 0.02, maxIter: 300 });
    expect(model.converged).toBe(true);
    expect(model.iterations).toBeLessThan(300);
    const few = matrixFromColumns([[1, 2, 3]]);
    expect(() => fitPerceptronClassifier(few, Int32Array.of(0, 1, 0), { earlyStopping: true })).toThrow(
      expect.objectContaining({ code: 'NUM_TOO_FEW' }),
    );
  });

  it('says the same in ONNX for every activation', async () => {
    const rows = lcgMatrix(1000, 4, 5);
    const y = score.map((value) => 100 * value);
    for (const activation of ['relu', 'tanh', 'logistic', 'identity'] as const) {
      const options = { activation, hiddenLayerSizes: '7,5', maxIter: 5 };
      const many = fitPerceptronClassifier(x, three, options);
      expect(await graphDifference(rows, many.predictProbabilities(rows), many)).toBeLessThan(1e-6);
      const two = fitPerceptronClassifier(
        x,
        Int32Array.from(three, (code) => Number(code > 0)),
        options,
      );
      expect(await graphDifference(rows, two.predictProbabilities(rows), two)).toBeLessThan(1e-6);
      const line = fitPerceptronRegressor(x, y, options);
      expect(await graphDifference(rows, line.predict(rows), line)).toBeLessThan(1e-6);
    }
  });

  it('refuses layers that are none, and says when it diverged', () => {
    expect(() => fitPerceptronClassifier(x, three, { hiddenLayerSizes: '10,' })).toThrow(/hiddenLayerSizes is 0/);
    const wild = { solver: 'sgd', learningRateInit: 1e9, activation: 'identity' } as const;
    expect(() => fitPerceptronRegressor(x, score, wild)).toThrow(expect.objectContaining({ code: 'NUM_NOT_FINITE' }));
  });
});
