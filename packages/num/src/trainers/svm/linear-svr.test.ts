// Golden numbers: scikit-learn 1.9.1 LinearSVR(tol=1e-10), see linear-svr.golden.json.
import { describe, expect, it } from 'vitest';
import { worstDifference } from '../../onnx/graph-run.fixture.js';
import golden from './linear-svr.golden.json' with { type: 'json' };
import { fitLinearSvr, type LinearSvrOptions } from './linear-svr.js';
import { svmWeather } from './weather-svm.fixture.js';

const { x, high, weights: sampleWeight } = svmWeather();
const exact = { tol: 1e-9, maxIter: 100_000 };

function objectiveOf(line: readonly number[], options: LinearSvrOptions): number {
  const { c = 1, epsilon = 0, interceptScaling = 1, loss } = options;
  const intercept = Number(line[4]);
  let value = (intercept / interceptScaling) ** 2 / 2;
  for (const b of line.slice(0, 4)) value += b ** 2 / 2;
  for (let i = 0; i < x.rowCount; i++) {
    let answer = intercept;
    for (let f = 0; f < 4; f++) answer += Number(line[f]) * Number(x.values[f * x.rowCount + i]);
    const over = Math.max(0, Math.abs(answer - Number(high[i])) - epsilon);
    const weight = options.sampleWeight ? Number(options.sampleWeight[i]) : 1;
    value += c * weight * (loss === 'squared_epsilon_insensitive' ? over * over : over);
  }
  return value;
}

describe('linear support vector regression', () => {
  const squared = 'squared_epsilon_insensitive' as const;
  const cases: [name: 'plain' | 'tube' | 'squared' | 'weighted', options: LinearSvrOptions][] = [
    ['plain', {}],
    ['tube', { c: 0.05, epsilon: 0.5, interceptScaling: 3 }],
    ['squared', { loss: squared, c: 0.01, epsilon: 1 }],
    ['weighted', { loss: squared, c: 0.1, sampleWeight }],
  ];
  it.each(cases)('finds scikit-learn’s line: %s', (name, options) => {
    const model = fitLinearSvr(x, high, { ...exact, ...options });
    const line = [...model.coefficients, model.intercept];
    expect(model.converged).toBe(true);
    expect(worstDifference(golden[name].line, line)).toBeLessThan(1e-4);
    expect(objectiveOf(line, options) / golden[name].objective).toBeLessThan(1 + 1e-7);
  });

  it('says when the rounds ran out, and that no tube is too wide', () => {
    expect(fitLinearSvr(x, high, { maxIter: 1, tol: 1e-9 })).toMatchObject({ converged: false, iterations: 1 });
    const flat = fitLinearSvr(x, high, { epsilon: 1000 });
    expect([...flat.coefficients, flat.intercept]).toEqual([0, 0, 0, 0, 0]);
    expect(flat.converged).toBe(true);
  });
});
