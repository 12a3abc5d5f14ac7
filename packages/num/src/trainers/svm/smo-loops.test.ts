import { describe, expect, it } from 'vitest';
import { createRng } from '../../random/rng.js';
import { createBlockMemory } from './block-memory.js';
import { expNegative } from './fast-exp.js';
import { createSmoMemory } from './smo-memory.js';
import { type PairProblem, solvePair } from './svc-pair.js';
import type { SvmKernel } from './svm-kernel.js';
import { svmWeather } from './weather-svm.fixture.js';

const { x, wet } = svmWeather();

function pairProblem(kernel: SvmKernel, useWasm: boolean): PairProblem {
  const rows = Int32Array.from([...wet.keys()].sort((a, b) => wet[a] - wet[b] || a - b)).subarray(0, 901);
  const settings = { c: 2, kernel, tolerance: 1e-3, shrinking: true, cacheSizeMb: 1, maxIterations: -1 };
  return {
    x,
    rows,
    signs: Int8Array.from(rows, (row) => (wet[row] === 0 ? 1 : -1)),
    weights: Float64Array.from(rows, (row) => 1 + (row % 3)),
    settings,
    onIteration: () => undefined,
    memory: createSmoMemory({ rows: rows.length, width: x.featureCount, variablesPerRow: 1, cacheSizeMb: 1 }, useWasm),
  };
}

/** Every function over `count` variables; values from a coarse grid, so that ties abound. */
function runLoops(count: number, useWasm: boolean) {
  const rng = createRng(count);
  const memory = createSmoMemory({ rows: count, width: 3, variablesPerRow: 1, cacheSizeMb: 1 }, useWasm);
  const { loops, state, values, squares, stride, own } = memory;
  const coarse = () => Math.floor(rng.next() * 9) / 4 - 1;
  for (let i = 0; i < count; i++) {
    state.low[i] = i % 3 === 0 ? Number.NEGATIVE_INFINITY : coarse();
    state.up[i] = i % 3 === 1 ? Number.POSITIVE_INFINITY : coarse();
    state.diagonal[i] = 1;
    for (let f = 0; f < 3; f++) values[f * stride + i] = 40 * rng.next();
    squares[i] = [0, 1, 2].reduce((sum, f) => sum + values[f * stride + i] ** 2, 0);
  }
  state.active = count;
  own.set([values[0], values[stride], values[2 * stride]]);
  const columns = { values, squares, stride, width: 3 };
  const row = { columns, own: { values: own, square: squares[0] }, from: 0, to: count };
  const [first, second] = [memory.slot(0), memory.slot(1)];
  loops.fillSingle({ ...row, gamma: 0.1 }, first);
  loops.fillSingle({ ...row, gamma: undefined }, second);
  const filled = [first.slice(0, count), second.slice(0, count)];
  for (let i = 0; i < count; i++) first[i] = second[i] = Math.fround(coarse());
  const chosen = loops.secondOfPair(state, first, { best: 0.25, own: 1 });
  const worst = state.found[0];
  const moved = loops.movePair(state, { first, second, moveFirst: 0.5, moveSecond: -0.25 });
  loops.addRow(state.low, first, 0.3, { from: count >> 1, to: count });
  return { filled, chosen, worst, moved, least: state.found[0], low: state.low.slice(0, count) };
}

describe('the loops of support vectors', () => {
  it('choose and compute the same in WebAssembly and in TypeScript, for every length and with ties', () => {
    for (let count = 1; count < 40; count++) expect(runLoops(count, true)).toEqual(runLoops(count, false));
    const { chosen, moved } = runLoops(39, true);
    expect(chosen).toBeGreaterThanOrEqual(0);
    expect(moved).toBeGreaterThanOrEqual(0);
  });

  it('say −1 when no variable may be moved', () => {
    for (const useWasm of [true, false]) {
      const { loops, state, slot } = createSmoMemory(
        { rows: 6, width: 1, variablesPerRow: 1, cacheSizeMb: 1 },
        useWasm,
      );
      state.low.fill(Number.NEGATIVE_INFINITY);
      state.up.fill(Number.POSITIVE_INFINITY);
      state.active = 6;
      const row = slot(0);
      expect(loops.secondOfPair(state, row, { best: 1, own: 1 })).toBe(-1);
      expect(loops.movePair(state, { first: row, second: slot(1), moveFirst: 1, moveSecond: 1 })).toBe(-1);
    }
  });

  it('fit the same machine', () => {
    for (const name of ['rbf', 'linear', 'poly', 'sigmoid'] as const) {
      const kernel = { name, gamma: 0.1, coef0: 0.5, degree: 2 };
      expect(solvePair(pairProblem(kernel, true))).toEqual(solvePair(pairProblem(kernel, false)));
    }
  });

  it('answer the same', () => {
    const answer = (useWasm: boolean) => {
      const { loops, columns, own, inner, sums } = createBlockMemory(2, 1, useWasm);
      for (let i = 0; i < columns.values.length; i++) columns.values[i] = Math.sin(i);
      own.set([0.3, -0.2]);
      for (const gamma of [0.5, undefined, 1e300]) {
        loops.fillDouble({ columns, own: { values: own, square: 0.13 }, from: 0, to: 1001, gamma }, inner);
        loops.addScaled(sums[0], inner, 0.7, 1001);
      }
      return sums[0].slice(0, 1001);
    };
    expect(answer(true)).toEqual(answer(false));
  });

  it('know the exponential function to 2e-12 and nothing below e^−110', () => {
    for (let x = 0; x > -109; x -= 0.0137) expect(Math.abs(expNegative(x) / Math.exp(x) - 1)).toBeLessThan(2e-12);
    expect(expNegative(0)).toBe(1);
    expect([expNegative(-110), expNegative(-1e9), expNegative(Number.NEGATIVE_INFINITY)]).toEqual([0, 0, 0]);
  });
});
