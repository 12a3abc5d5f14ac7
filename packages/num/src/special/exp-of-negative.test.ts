import { expect, it } from 'vitest';
import { createRng } from '../random/rng.js';
import { expOfNegative } from './exp-of-negative.js';

it('is within a unit or two in the last place of Math.exp, from −708 to 0', () => {
  const rng = createRng(1);
  let worst = 0;
  for (let i = 0; i < 200_000; i++) {
    const x = i % 2 === 0 ? -708 * rng.next() : -(2 ** (-40 * rng.next()));
    worst = Math.max(worst, Math.abs(expOfNegative(x) / Math.exp(x) - 1));
  }
  expect(worst).toBeLessThan(2 * Number.EPSILON);
});

it('is exact at 0 and never 0, subnormal or NaN below −708', () => {
  expect(expOfNegative(0)).toBe(1);
  expect(expOfNegative(-0)).toBe(1);
  expect(expOfNegative(-1e308)).toBeCloseTo(Math.exp(-708), 320);
  expect(expOfNegative(Number.NEGATIVE_INFINITY)).toBeGreaterThan(3e-308);
});
