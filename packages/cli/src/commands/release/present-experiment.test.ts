import { expect, it } from 'vitest';
import { presentExperiment } from './present-experiment.js';

const sizes = (candidate: number, stable: number) => ({ candidate, stable });

it('says in one line what a rollout has seen', () => {
  expect(presentExperiment(undefined)).toBeNull();
  expect(presentExperiment({ plan: sizes(62, 62), observed: sizes(3, 5), result: null })).toBe(
    '3 and 5 observations of 62 and 62 planned; no result before both have them',
  );
  const difference = { estimate: 0.25, lower: 0.125, upper: 0.375, confidence: 0.95 };
  expect(
    presentExperiment({ plan: sizes(62, 62), observed: sizes(74, 90), result: { pValue: 0.0005, difference } }),
  ).toBe('74 and 90 observations of 62 and 62 planned; difference 0.25, 95 % interval 0.125 to 0.375, p 0.0005');
  expect(presentExperiment({ observed: sizes(120, 97), candidateBest: 0.75, weight: 0.7 })).toBe(
    '120 and 97 observations; the candidate is the better one with probability 0.75',
  );
  const arm = { observed: 3, best: 0.25, weight: 0.25 };
  const arms = [
    { ...arm, role: 'candidate' as const },
    { ...arm, role: 'stable' as const },
    { ...arm, role: 'other' as const },
  ];
  expect(presentExperiment({ observed: sizes(3, 3), candidateBest: 0.25, weight: 0.25, arms })).toBeNull();
  expect(presentExperiment({ pairs: 1, agreeing: 1, meanProbabilityDifference: null })).toBe(
    '1 row answered by both, 1 with the same label',
  );
  expect(presentExperiment({ pairs: 300, agreeing: 298, meanProbabilityDifference: 0.0125 })).toBe(
    '300 rows answered by both, 298 with the same label, probabilities 0.0125 apart on average',
  );
});
