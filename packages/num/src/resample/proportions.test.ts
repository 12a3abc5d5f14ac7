import { describe, expect, it } from 'vitest';
import { createRng, proportionRatio } from '../index.js';

describe('the ratio of two proportions', () => {
  it('is near to the interval of its logarithm where both are far from the ends', () => {
    const { estimate, lower, upper } = proportionRatio({ successes: 24, trials: 73 }, { successes: 53, trials: 65 });
    // Katz 1978: 0.2848 to 0.5708.
    expect([estimate, lower, upper].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([0.4032, 0.2816, 0.5625]);
  });

  it('turns over with its terms, and is defined at the ends', () => {
    const [a, b] = [
      { successes: 29, trials: 55 },
      { successes: 11, trials: 25 },
    ];
    const [there, back] = [proportionRatio(a, b), proportionRatio(b, a)];
    expect(there.lower * back.upper).toBeCloseTo(1, 12);
    const none = { successes: 0, trials: 40 };
    expect(proportionRatio(none, a)).toMatchObject({ estimate: 0, lower: 0 });
    expect(proportionRatio(a, none)).toMatchObject({ estimate: Infinity, upper: Infinity });
    expect(proportionRatio(a, none).lower).toBeGreaterThan(1);
    expect(proportionRatio(none, none)).toMatchObject({ estimate: Number.NaN, lower: 0, upper: Infinity });
    expect(proportionRatio({ successes: 40, trials: 40 }, none).lower).toBeLessThan(Infinity);
  });

  it.each([
    [0.5, 0.4, 60],
    [0.1, 0.12, 80],
    [0.9, 0.95, 40],
    [0.3, 0.05, 200],
  ])('holds its confidence: %d over %d of %d', (p, q, trials) => {
    const rng = createRng(7).fork(`${p}/${q}`);
    const draw = (share: number) => Array.from({ length: trials }, () => rng.next() < share).filter(Boolean).length;
    let covered = 0;
    for (let i = 0; i < 2_000; i++) {
      const { lower, upper } = proportionRatio({ successes: draw(p), trials }, { successes: draw(q), trials });
      covered += Number(lower <= p / q && upper >= p / q);
    }
    // 95 % with twice the error of 2,000 draws, and what Wilson intervals lose near the ends.
    expect(covered / 2_000).toBeGreaterThan(0.935);
  });
});
