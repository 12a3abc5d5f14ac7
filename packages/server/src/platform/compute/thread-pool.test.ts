import { createRng, fitRandomForest, fitRandomForestRegressor, matrixFromColumns } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { createThreadPool } from './create-thread-pool.js';

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

  it('hands on the coded error of a member, and serves the next region', () => {
    const pool = createThreadPool(2);
    expect(() => pool.open('no-such-kernel', {})).toThrow(expect.objectContaining({ code: 'NUM_RANGE' }));
    const model = fitRandomForest(x, y, { seed: 5, nEstimators: 2, threads: pool });
    expect(model.forest.treeStarts.length).toBe(3);
    pool.close();
  });
});
