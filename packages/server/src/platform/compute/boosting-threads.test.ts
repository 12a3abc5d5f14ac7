import {
  createRng,
  fitGradientBoostingClassifier,
  fitGradientBoostingRegressor,
  matrixFromColumns,
} from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { createThreadPool } from './create-thread-pool.js';

/** Enough for the first splits to be worth waking threads for; 7 features are two triples and one alone. */
const ROWS = 12_000;
const rng = createRng(5);
const x = matrixFromColumns(
  Array.from({ length: 7 }, (_, f) =>
    Float32Array.from({ length: ROWS }, (_, i) => (f === 2 && i % 9 === 0 ? Number.NaN : rng.next() * (f + 1))),
  ),
);
const answer = Float64Array.from(
  { length: ROWS },
  (_, i) => Number(x.values[i]) * Number(x.values[ROWS + i]) + rng.next(),
);
const wet = Int32Array.from(answer, (value) => Number(value > 1));

describe('gradient boosting in a pool of threads', () => {
  it('gives equal bytes for 1, 2 and 3 threads', () => {
    const [one, two, three] = [1, 2, 3].map((size) => {
      const threads = createThreadPool(size);
      try {
        const options = { threads, maxIter: 3, earlyStopping: false, seed: 2 };
        const classifier = fitGradientBoostingClassifier(x, wet, { ...options, subsample: 0.9, colsample: 0.9 });
        const regressor = fitGradientBoostingRegressor(x, answer, options);
        const bytes = [classifier.predictProbabilities(x), regressor.predict(x)].map(({ buffer }) =>
          Buffer.from(buffer),
        );
        return Buffer.concat(bytes);
      } finally {
        threads.close();
      }
    });
    expect(two?.equals(one ?? Buffer.alloc(0))).toBe(true);
    expect(three?.equals(one ?? Buffer.alloc(0))).toBe(true);
  });
});
