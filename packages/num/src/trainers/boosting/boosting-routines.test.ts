import { describe, expect, it } from 'vitest';
import {
  createRng,
  fitGradientBoostingClassifier,
  fitGradientBoostingRegressor,
  matrixFromColumns,
} from '../../index.js';
import type { BoostingOptions } from './boosting-options.js';

/** More rows than a block has, an odd number, and features of two words, the second not full. */
const ROWS = 20_001;
const rng = createRng(8);
const x = matrixFromColumns(
  Array.from({ length: 11 }, (_, f) =>
    Float32Array.from({ length: ROWS }, (_, i) =>
      f === 9 ? rng.int(12) : f === 3 && i % 7 === 0 ? Number.NaN : Math.round(rng.next() * 10 ** (f % 5)),
    ),
  ),
);
const CATEGORIES = Int32Array.from({ length: 11 }, (_, f) => (f === 9 ? 12 : 0));
const column = (f: number) => x.values.subarray(f * ROWS, (f + 1) * ROWS);
const answer = Float64Array.from({ length: ROWS }, (_, i) => column(2)[i] + column(9)[i] * rng.next());
const weights = Float64Array.from({ length: ROWS }, () => rng.next() + 0.1);

/** The trees of both forms of the inner loops; every array of them must have the same bits. */
function expectTwins(fit: (options: BoostingOptions) => { trees: object; baseline: Float64Array }, options = {}): void {
  const plain = { maxIter: 4, earlyStopping: false, categoryCounts: CATEGORIES, ...options };
  const [wasm, typed] = [true, false].map((useWasm) => fit({ ...plain, useWasm }));
  expect(typed.trees).toEqual(wasm.trees);
  expect(Object.values(wasm.trees)[0].length).toBeGreaterThan(3);
}

describe('boosting by WebAssembly', () => {
  it('gives the trees that TypeScript gives: classes, weights, drawn rows and features', () => {
    const classes = (count: number) => Int32Array.from(answer, (value) => Math.floor(value / 12) % count);
    const classify = (count: number) => (options: BoostingOptions) =>
      fitGradientBoostingClassifier(x, classes(count), { ...options, classCount: count });
    expectTwins(classify(2));
    expectTwins(classify(2), { sampleWeight: weights });
    expectTwins(classify(2), { subsample: 0.7, colsample: 0.5 });
    expectTwins(classify(3), { earlyStopping: true });
  });

  it('gives the trees that TypeScript gives: numbers of every loss', () => {
    for (const loss of ['squared_error', 'absolute_error', 'poisson'] as const) {
      expectTwins((options) => fitGradientBoostingRegressor(x, answer, { ...options, loss }));
    }
    expectTwins((options) => fitGradientBoostingRegressor(x, answer, options), { sampleWeight: weights });
  });
});
