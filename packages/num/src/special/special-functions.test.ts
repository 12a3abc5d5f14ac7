// Golden numbers: SciPy 1.17.1 (special, stats).
import { expect, it } from 'vitest';
import {
  benjaminiHochberg,
  chiSquareSurvival,
  gammaQ,
  kolmogorovSurvival,
  logGamma,
  normalCdf,
  normalQuantile,
  proportionDifference,
  proportionTest,
  wilsonInterval,
} from '../index.js';

const close = (observed: number, expected: number, relative = 1e-9) =>
  expect(Math.abs(observed - expected)).toBeLessThanOrEqual(relative * Math.abs(expected));

it('gives SciPy’s special functions', () => {
  close(logGamma(0.1), 2.252712651734206);
  close(logGamma(150.5), 602.5139548705853);
  close(gammaQ(0.5, 0.2), 0.5270892568655381);
  close(gammaQ(3, 2.5), 0.5438131158833297);
  close(gammaQ(50, 80), 0.0001307839765914092);
  close(gammaQ(500, 480), 0.8137180268096754);
  close(chiSquareSurvival(3.84, 1), 0.05004352124870519);
  close(chiSquareSurvival(100, 50), 3.454931382984871e-5);
  close(normalCdf(-8), 6.22096057427174e-16);
  close(normalCdf(-1.96), 0.024997895148220435);
  close(normalCdf(3), 0.9986501019683699);
  close(normalQuantile(1e-300), -37.0470962993612);
  close(normalQuantile(1e-100), -21.273453560965322);
  close(normalQuantile(1e-10), -6.361340902404056);
  close(normalQuantile(0.3), -0.5244005127080409);
  close(normalQuantile(0.999), 3.090232306167813);
  close(kolmogorovSurvival(0.3), 0.9999906941986655);
  close(kolmogorovSurvival(1.1), 0.1777181926064012);
  close(kolmogorovSurvival(1.2), 0.11224966667072497);
  close(kolmogorovSurvival(2.5), 7.453306344157342e-6);
});

it('adjusts p-values as scipy.stats.false_discovery_control does, and passes over NaN', () => {
  const adjusted = benjaminiHochberg(Float64Array.of(0.01, 0.04, Number.NaN, 0.03, 0.005, 0.5));
  expect([...adjusted].map((p) => Number(p.toFixed(12)))).toEqual([0.025, 0.05, Number.NaN, 0.05, 0.025, 0.5]);
});

it('gives Wilson’s interval, also with no success at all', () => {
  const some = wilsonInterval(7, 20);
  close(some.lower, 0.1811918241010821);
  close(some.upper, 0.5671457233147637);
  const none = wilsonInterval(0, 10);
  expect(none.lower).toBe(0);
  close(none.upper, 0.27753279986288926);
  expect(() => wilsonInterval(11, 10)).toThrow(/successes is 11/);
});

it('gives Newcombe’s interval of a difference (his 1998 example: 56/70 against 48/80)', () => {
  const { estimate, lower, upper } = proportionDifference({ successes: 56, trials: 70 }, { successes: 48, trials: 80 });
  expect(estimate).toBeCloseTo(0.2, 12);
  expect(lower).toBeCloseTo(0.0524, 4);
  expect(upper).toBeCloseTo(0.3339, 4);
  expect(proportionTest({ successes: 0, trials: 5 }, { successes: 0, trials: 9 })).toBe(1);
});
