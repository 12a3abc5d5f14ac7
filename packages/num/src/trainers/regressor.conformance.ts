import { describe, expect, it } from 'vitest';
import { type FeatureMatrix, matrixFromColumns, selectMatrixRows } from '../linalg/matrix.js';
import { runFeatureGraph, worstDifference } from '../onnx/graph-run.fixture.js';
import { createRng } from '../random/rng.js';
import type { RegressionTargetOptions } from './regression-targets.js';
import type { FitHooks, FittedRegressorBase } from './trainer-types.js';

export interface RegressorUnderTest {
  readonly name: string;
  fit(x: FeatureMatrix, y: Float64Array, options: RegressionTargetOptions & FitHooks): FittedRegressorBase;
  /** R² that it must reach on a noisy plane. Default 0.8. */
  readonly floor?: number;
}

/** A plane over four features, the last of which says nothing, and noise. */
function plane(rows: number): { x: FeatureMatrix; y: Float64Array } {
  const rng = createRng(42);
  const column = () => Float32Array.from({ length: rows }, () => rng.normal());
  const columns = [column(), column(), column(), column()];
  const y = Float64Array.from(
    columns[0],
    (a, i) => 10 + 3 * a - 2 * columns[1][i] + columns[2][i] + 0.3 * rng.normal(),
  );
  return { x: matrixFromColumns(columns), y };
}

function rSquaredOf(y: Float64Array, predicted: Float64Array): number {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const squares = (against: (i: number) => number) => y.reduce((sum, value, i) => sum + (value - against(i)) ** 2, 0);
  return 1 - squares((i) => predicted[i]) / squares(() => mean);
}

/** What every regressor must do; a new one is a line in the list of trainer.test.ts. */
export function describeRegressor({ name, fit, floor = 0.8 }: RegressorUnderTest): void {
  describe(`${name}, a regressor`, () => {
    const { x, y } = plane(400);

    it('learns a plane', () => {
      const model = fit(x, y, {});
      expect(model.task).toBe('regression');
      expect(model.featureCount).toBe(4);
      expect(rSquaredOf(y, model.predict(x))).toBeGreaterThan(floor);
    });

    it('answers a constant target with the constant', () => {
      const predicted = fit(x, new Float64Array(400).fill(-3), {}).predict(x);
      expect(worstDifference(new Float64Array(400).fill(-3), predicted)).toBeLessThan(1e-3);
    });

    it('is the same twice, frozen, and leaves its inputs alone', () => {
      const before = { x: x.values.slice(), y: y.slice() };
      const first = fit(x, y, {});
      expect(fit(x, y, {}).predict(x)).toEqual(first.predict(x));
      expect(Object.isFrozen(first)).toBe(true);
      expect({ x: x.values, y }).toEqual(before);
    });

    it('judges a row by itself: alone or among others', () => {
      const model = fit(x, y, {});
      expect(model.predict(selectMatrixRows(x, Int32Array.of(7)))).toEqual(model.predict(x).slice(7, 8));
      expect(model.predict(selectMatrixRows(x, new Int32Array(0))).length).toBe(0);
    });

    it('listens to sample weights: rows that weigh nothing say nothing', () => {
      const sampleWeight = Float64Array.from(y, (_, i) => Number(i < 300));
      const spoiled = y.map((value, i) => (i < 300 ? value : 1e3));
      const predicted = fit(x, spoiled, { sampleWeight }).predict(x);
      expect(rSquaredOf(y, predicted)).toBeGreaterThan(floor - 0.15);
    });

    it('says the same in ONNX, on 1,200 rows and on none', async () => {
      const model = fit(x, y, {});
      const rows = plane(1200).x;
      const write = (graph: Parameters<typeof model.writeOnnx>[0], features: string) =>
        model.writeOnnx(graph, features);
      expect(worstDifference(model.predict(rows), await runFeatureGraph(rows, 1, write))).toBeLessThan(1e-5);
      expect((await runFeatureGraph(selectMatrixRows(x, new Int32Array(0)), 1, write)).length).toBe(0);
    });

    it('reports progress up to one and stops when told', () => {
      const seen: number[] = [];
      fit(x, y, { onProgress: (ratio) => seen.push(ratio) });
      expect(seen.at(-1)).toBe(1);
      expect([...seen].sort((a, b) => a - b)).toEqual(seen);
      const signal = { aborted: true, reason: new Error('enough') };
      expect(() => fit(x, y, { signal })).toThrow('enough');
    });

    it('refuses wrong shapes, NaN, infinity, negative weights and no rows, with a code', () => {
      const refuses = (run: () => unknown, code: string) =>
        expect(run).toThrow(expect.objectContaining({ code, remedy: expect.any(String) }));
      const model = fit(x, y, {});
      refuses(() => fit(x, y.slice(1), {}), 'NUM_SHAPE');
      refuses(() => fit(matrixFromColumns([[1, Number.NaN]]), Float64Array.of(0, 1), {}), 'NUM_NOT_FINITE');
      refuses(
        () => fit(matrixFromColumns([[1, 2]]), Float64Array.of(0, Number.POSITIVE_INFINITY), {}),
        'NUM_NOT_FINITE',
      );
      refuses(() => fit(matrixFromColumns([[]]), new Float64Array(0), {}), 'NUM_TOO_FEW');
      refuses(() => fit(x, y, { sampleWeight: new Float64Array(400).fill(-1) }), 'NUM_RANGE');
      refuses(() => fit(x, y, { sampleWeight: new Float64Array(400) }), 'NUM_TOO_FEW');
      refuses(() => model.predict(matrixFromColumns([[1, 2]])), 'NUM_SHAPE');
    });
  });
}
