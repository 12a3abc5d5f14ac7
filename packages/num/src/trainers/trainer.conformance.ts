import { describe, expect, it } from 'vitest';
import { type FeatureMatrix, matrixFromColumns, selectMatrixRows } from '../linalg/matrix.js';
import { accuracy } from '../metrics/classification-metrics.js';
import { confusionMatrix } from '../metrics/confusion-matrix.js';
import { mean } from '../metrics/probability-metrics.js';
import { createRng } from '../random/rng.js';
import type { ClassTargetOptions } from './class-targets.js';
import { type FitHooks, type FittedClassifierBase, mostProbable, probabilityOf } from './trainer-types.js';

export interface TrainerUnderTest {
  readonly name: string;
  fit(x: FeatureMatrix, y: Int32Array, options: ClassTargetOptions & FitHooks): FittedClassifierBase;
}

/** Three overlapping clouds in four dimensions, the last of which says nothing. */
function clouds(rows: number, classCount: number): { x: FeatureMatrix; y: Int32Array } {
  const rng = createRng(42);
  const y = Int32Array.from({ length: rows }, () => rng.int(classCount));
  const column = (shift: (k: number) => number) => Float32Array.from(y, (k) => rng.normal() + shift(k));
  const x = matrixFromColumns([
    column((k) => 2 * k),
    column((k) => (k === 1 ? 2 : 0)),
    column((k) => -k),
    column(() => 0),
  ]);
  return { x, y };
}

/** What every classifier must do; a new trainer is one file and one line in the list of trainer.test.ts. */
export function describeTrainer({ name, fit }: TrainerUnderTest): void {
  describe(name, () => {
    for (const classCount of [2, 3]) {
      const { x, y } = clouds(400, classCount);

      it(`learns ${classCount} classes and gives probabilities`, () => {
        const model = fit(x, y, {});
        const p = model.predictProbabilities(x);
        expect(model.classCount).toBe(classCount);
        expect(model.featureCount).toBe(4);
        expect(p.length).toBe(400 * classCount);
        for (let row = 0; row < 400; row++) {
          const own = p.subarray(row * classCount, (row + 1) * classCount);
          expect(own.every((value) => value >= 0 && value <= 1)).toBe(true);
          expect(own.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        }
        const matrix = confusionMatrix(y, mostProbable(p, classCount), { classCount });
        expect(accuracy(matrix)).toBeGreaterThan(0.75);
      });
    }

    const { x, y } = clouds(400, 3);
    const half = selectMatrixRows(
      x,
      Int32Array.from({ length: 200 }, (_, i) => 2 * i),
    );

    it('is the same twice, frozen, and leaves its inputs alone', () => {
      const before = { x: x.values.slice(), y: y.slice() };
      const first = fit(x, y, { classWeight: 'balanced' });
      const second = fit(x, y, { classWeight: 'balanced' });
      expect(second.predictProbabilities(half)).toEqual(first.predictProbabilities(half));
      expect(Object.isFrozen(first)).toBe(true);
      expect({ x: x.values, y }).toEqual(before);
    });

    it('judges a row by itself: alone or among others', () => {
      const model = fit(x, y, {});
      const all = model.predictProbabilities(x);
      expect(model.predictProbabilities(selectMatrixRows(x, Int32Array.of(7)))).toEqual(all.slice(21, 24));
      expect(model.predictProbabilities(selectMatrixRows(x, new Int32Array(0))).length).toBe(0);
    });

    it('listens to class and sample weights: a class that weighs less is less probable', () => {
      const meanOfOne = (options: ClassTargetOptions) =>
        mean(probabilityOf(fit(x, y, options).predictProbabilities(x), 3, 1));
      const plain = meanOfOne({});
      const light = meanOfOne({ classWeight: [1, 0.05, 1] });
      expect(light).toBeLessThan(0.85 * plain);
      expect(meanOfOne({ sampleWeight: Float64Array.from(y, (k) => (k === 1 ? 0.05 : 1)) })).toBeCloseTo(light, 9);
    });

    it('reports progress up to one and stops when told', () => {
      const seen: number[] = [];
      fit(x, y, { onProgress: (ratio) => seen.push(ratio) });
      expect(seen.at(-1)).toBe(1);
      expect([...seen].sort((a, b) => a - b)).toEqual(seen);
      const stop = new AbortController();
      const aborted = () => fit(x, y, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
      expect(aborted).toThrow('enough');
    });

    it('refuses wrong shapes, NaN, negative codes and no rows, with a code', () => {
      const refuses = (run: () => unknown, code: string) =>
        expect(run).toThrow(expect.objectContaining({ code, remedy: expect.any(String) }));
      const model = fit(x, y, {});
      const narrow = matrixFromColumns([[1, 2]]);
      refuses(() => fit(x, y.slice(1), {}), 'NUM_SHAPE');
      refuses(() => fit(matrixFromColumns([[1, Number.NaN]]), Int32Array.of(0, 1), {}), 'NUM_NOT_FINITE');
      refuses(() => fit(narrow, Int32Array.of(-1, 1), {}), 'NUM_RANGE');
      refuses(() => fit(matrixFromColumns([[]]), new Int32Array(0), {}), 'NUM_TOO_FEW');
      refuses(() => fit(x, y, { classWeight: [1, 1] }), 'NUM_SHAPE');
      refuses(() => model.predictProbabilities(narrow), 'NUM_SHAPE');
    });
  });
}
