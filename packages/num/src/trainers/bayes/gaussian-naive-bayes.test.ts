// Golden numbers: scikit-learn 1.9.1 GaussianNB (neighbours.golden.json).
import { describe, expect, it } from 'vitest';
import { lcgMatrix } from '../../linalg/lcg.fixture.js';
import { matrixFromColumns } from '../../linalg/matrix.js';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import { graphDifference, queries, sampleWeight, three, x } from '../neighbours.fixture.js';
import golden from '../neighbours.golden.json' with { type: 'json' };
import { fitGaussianNaiveBayes } from './gaussian-naive-bayes.js';

describe('Gaussian naive Bayes', () => {
  it('gives scikit-learn’s probabilities, with weights, priors and smoothing', () => {
    const plain = fitGaussianNaiveBayes(x, three);
    expect(worstDifference(golden.bayes, plain.predictProbabilities(queries))).toBeLessThan(1e-10);
    const weighted = fitGaussianNaiveBayes(x, three, { varSmoothing: 1e-2, priors: [0.2, 0.3, 0.5], sampleWeight });
    expect(worstDifference(golden.bayesWeighted, weighted.predictProbabilities(queries))).toBeLessThan(1e-10);
  });

  it('says the same in ONNX, also of a class that it never saw', async () => {
    const rows = lcgMatrix(1000, 4, 5);
    const wild = { ...rows, values: rows.values.map((value) => 1e4 * (value - 0.5)) };
    for (const classCount of [3, 4]) {
      const model = fitGaussianNaiveBayes(x, three, { classCount });
      for (const own of [rows, wild]) {
        expect(await graphDifference(own, model.predictProbabilities(own), model)).toBeLessThan(1e-6);
      }
    }
  });

  it('answers features without spread by the priors, one class with certainty, and never NaN', () => {
    const flat = matrixFromColumns([[3, 3, 3, 3]]);
    const model = fitGaussianNaiveBayes(flat, Int32Array.of(0, 1, 1, 1));
    expect(worstDifference([0.25, 0.75], model.predictProbabilities(flat).slice(0, 2))).toBeLessThan(1e-12);
    const one = fitGaussianNaiveBayes(flat, Int32Array.of(1, 1, 1, 1));
    expect([...one.predictProbabilities(flat)].slice(0, 2)).toEqual([0, 1]);
    const sharp = fitGaussianNaiveBayes(matrixFromColumns([[0, 0, 1, 1]]), Int32Array.of(0, 0, 1, 1), {
      varSmoothing: 0,
    });
    expect(sharp.predictProbabilities(matrixFromColumns([[-3e38, 3e38, 0.5]])).every(Number.isFinite)).toBe(true);
    expect(() => fitGaussianNaiveBayes(x, three, { priors: [0.5, 0.5, 0.5] })).toThrow(/the sum of priors is 1.5/);
  });
});
