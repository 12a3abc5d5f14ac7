import {
  createRng,
  fitGradientBoostingClassifier,
  fitKMeans,
  fitLogisticRegression,
  fitRandomForest,
  fitRandomForestRegressor,
  matrixFromColumns,
} from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { createThreadPool } from './create-thread-pool.js';
import { workerEntry } from './worker-entry.js';

describe('a pool of threads', () => {
  const rng = createRng(1);
  const rows = 3000;
  const columns = Array.from({ length: 5 }, () => Array.from({ length: rows }, () => rng.normal()));
  const x = matrixFromColumns(columns);
  const z = Float64Array.from({ length: rows }, (_, i) => Number(columns[0]?.[i]) + 0.5 * rng.normal());
  const y = Int32Array.from(z, (value) => Number(value > 0));

  it('gives the same bytes with one, two and three threads', () => {
    const fits = [1, 2, 3].map((size) => {
      const pool = createThreadPool(size);
      const classes = fitRandomForest(x, y, { seed: 5, nEstimators: 13, threads: pool });
      const values = fitRandomForestRegressor(x, z, { seed: 5, nEstimators: 5, maxDepth: 6, threads: pool });
      pool.close();
      return { classes: classes.forest, values: values.forest, importances: classes.importances };
    });
    expect(fits[1]).toEqual(fits[0]);
    expect(fits[2]).toEqual(fits[0]);
  });

  it('gives them for sums over rows too: chunks are added in order, whoever made them', () => {
    const wide = matrixFromColumns(columns.map(() => Array.from({ length: 50_000 }, () => rng.normal())));
    const side = Int32Array.from({ length: 50_000 }, (_, i) => Number(Number(wide.values[i]) + rng.normal() > 0));
    const [one, two, three] = [1, 2, 3].map((size) => {
      const pool = createThreadPool(size);
      const { coefficients, intercepts, iterations } = fitLogisticRegression(wide, side, { threads: pool });
      const { centres, labels, inertia } = fitKMeans(wide, { seed: 2, maxIter: 8, threads: pool });
      pool.close();
      return { coefficients, intercepts, iterations, centres, labels, inertia };
    });
    expect(two).toEqual(one);
    expect(three).toEqual(one);
  });

  it('hands on the coded error of a member, and serves the next region', () => {
    const pool = createThreadPool(2);
    expect(() => pool.open('no-such-kernel', {})).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
    const model = fitRandomForest(x, y, { seed: 5, nEstimators: 2, threads: pool });
    expect(model.forest.treeStarts.length).toBe(3);
    pool.close();
  });

  /** A thread of the pool that first runs this code, in which it may change what the real one stands on. */
  const threadThat = (code: string) => {
    const real = workerEntry(import.meta.url, 'thread-pool-worker.js').href;
    return new URL(`data:text/javascript,${encodeURIComponent(`${code}; await import('${real}');`)}`);
  };
  /** Its `count`-th answer to an order is what this code does: an order is answered by lowering `pending`. */
  const answers = (count: number, code: string) => `
    let left = ${count};
    const { sub } = Atomics;
    Atomics.sub = (...all) => { left -= 1; if (left === 0) { ${code} } return sub(...all); };`;
  const lost = expect.objectContaining({ code: 'CMP_THREAD_LOST' });

  it.each([
    ['before its first order', 'process.exit(3)', 'exit code 3'],
    ['while it opens a region', answers(1, 'process.exit(4)'), 'exit code 4'],
    ['in the middle of its work', answers(3, 'process.exit(5)'), 'exit code 5'],
    ['by an error of its own', answers(3, `throw new Error('no more')`), 'no more'],
  ])('says so when a thread ends %s, and again when asked again', (_, code, told) => {
    for (const size of [2, 4]) {
      const pool = createThreadPool(size, threadThat(code));
      const fit = () => fitRandomForest(x, y, { seed: 5, nEstimators: 9, threads: pool });
      expect(fit).toThrow(expect.objectContaining({ code: 'CMP_THREAD_LOST', message: expect.stringContaining(told) }));
      expect(fit).toThrow(lost);
      pool.close();
    }
  });

  /** Of the three members one waits for the others while another is made to do this; boosting meets within an order. */
  const inMeeting = (code: string) => `
    import { workerData } from 'node:worker_threads';
    let left = 3;
    const { add } = Atomics;
    Atomics.add = (cells, at, by) => {
      if (workerData.member === 1 && cells.length === 2 && (left -= 1) === 0) { ${code} }
      return add(cells, at, by);
    };`;

  it('wakes the members that wait for a thread that ends or fails', () => {
    // Enough for boosting to wake its threads.
    const many = 12_000;
    const wide = matrixFromColumns(columns.map((_, f) => Array.from({ length: many }, (_, i) => (i * (f + 3)) % 97)));
    const odd = Int32Array.from({ length: many }, (_, i) => i % 2);
    const boost = (code: string) => {
      const pool = createThreadPool(3, threadThat(inMeeting(code)));
      try {
        fitGradientBoostingClassifier(wide, odd, { threads: pool, maxIter: 5, subsample: 0.9, seed: 1 });
      } finally {
        pool.close();
      }
    };
    expect(() => boost('process.exit(6)')).toThrow(lost);
    const failed = expect.objectContaining({ code: 'CMP_THREAD_FAILED', message: 'too large' });
    expect(() => boost(`throw new RangeError('too large')`)).toThrow(failed);
  });
});
