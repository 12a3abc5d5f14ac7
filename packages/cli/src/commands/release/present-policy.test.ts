import { describe, expect, it } from 'vitest';
import { gateInWords } from './gate-words.js';
import { presentRollout } from './rollout-words.js';

describe('gates in words', () => {
  it.each([
    [
      { kind: 'beats-baseline', margin: 0.02 },
      'skill over the strongest baseline above 0.02, by its whole 95 % interval',
    ],
    [
      { kind: 'slices', maxRmseRatio: 1.5, minRows: 30 },
      'no slice of at least 30 rows has more than 1.5 times the RMSE of all rows',
    ],
    [{ kind: 'calibration', maxBias: 0.5 }, 'mean error at most 0.5 either way'],
    [
      { kind: 'fairness', columns: ['sex', 'age'], label: 'granted', minSelectionRatio: 0.8, maxTprDifference: 0.1 },
      'the smaller share selected at least 0.8 of the larger, true positive rates at most 10 % apart between groups of sex, age with 30 rows or more (selected: granted)',
    ],
    [
      { kind: 'robustness', noise: { share: 0.05, maxLoss: 0.01 }, outOfRange: {}, rows: 100 },
      'noise of 5 % of a standard deviation: answered or refused, at most 0.01 lost (accuracy; of numbers growth of the mean error); an input far outside: answered or refused (100 rows)',
    ],
    [
      {
        kind: 'load-trial',
        requests: 2_000,
        concurrency: 16,
        ratePerSecond: 200,
        maxP99Ms: 50,
        maxMemoryGrowthMb: 200,
      },
      '2,000 requests, 16 at a time, due at 200 per second: no errors, p99 at most 50 ms, at most 200 MB more memory',
    ],
    [
      { kind: 'reproduction', level: 'same-bytes', timeoutMs: 1_800_000 },
      'done again from its record with same bytes, by the gate itself within 30 min where nobody has',
    ],
    [{ kind: 'command', name: 'check' }, 'the operator’s command check ends with 0 within 5 min'],
    [{ kind: 'of-tomorrow', most: 3, of: { a: 1 } }, 'most 3, of {"a":1}'],
  ])('%o', ({ kind, ...parameters }, words) => {
    expect(gateInWords({ kind, parameters })).toBe(words);
  });
});

describe('a rollout in words', () => {
  const wait = { maxWaitMs: 86_400_000, onMaxWait: 'rollback' };
  const guardrails = { maxErrorRatio: 0.01, maxP99Ms: 100, maxNonFiniteRatio: 0, maxRewardDrop: 0.5 };
  it.each([
    [{ kind: 'shadow' }, /shadow: a copy of every request/],
    [
      { kind: 'blue-green', holdMs: 600_000, minRequests: 100, guardrails, ...wait },
      /released after 10 min and 100 requests with all guardrails held\nlongest wait +1 d without a judgement, then it goes back/,
    ],
    [
      {
        kind: 'ab-test',
        weight: 0.5,
        metric: 'accuracy',
        effect: 0.02,
        alpha: 0.05,
        power: 0.8,
        onNoDifference: 'promote',
      },
      /A\/B test: 50 % of the requests, by accuracy by ground truth\nends +once.*an improvement of 0.02 is found with probability 0.8.*the candidate takes over/,
    ],
    [
      {
        ...{ kind: 'bandit', algorithm: 'thompson', metric: 'reward', redrawMs: 60_000, floor: 0.05 },
        ...{ endAt: 0.99, minRewards: 100, guardrails },
      },
      /drawn anew every 1 min, at least 5 % for each version\n/,
    ],
    [
      {
        ...{ kind: 'bandit', algorithm: 'thompson', metric: 'reward', redrawMs: 60_000, floor: 0.05 },
        ...{ endAt: 0.99, minRewards: 100, arms: [3, 'challenger'], guardrails },
      },
      /arms beside the candidate and the live version: version 3, “challenger”[\s\S]*mean reward/,
    ],
    [
      {
        ...{ kind: 'bandit', algorithm: 'thompson', metric: 'reward', redrawMs: 60_000, floor: 0.05 },
        ...{ endAt: 0.99, minRewards: 100, guardrails },
      },
      /drawn anew every 1 min, at least 5 % for each version[\s\S]*mean reward +at most 0.5 below the live version’s/,
    ],
  ])('%o', (spec, words) => {
    expect(presentRollout(spec).join('\n')).toMatch(words);
  });
});
