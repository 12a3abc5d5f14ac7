// Golden numbers: SciPy 1.17.1 (ttest_ind with equal_var=False, chisquare, nct, beta with quad).
import { describe, expect, it } from 'vitest';
import {
  addToSample,
  bestBernoulliArm,
  bestNormalArm,
  chooseArm,
  createRng,
  emptySample,
  epsilonGreedy,
  mergeSamples,
  offPolicyValue,
  powerOfMeans,
  powerOfProportions,
  type Rng,
  type Sample,
  sampleRatioTest,
  sampleSizeOfMeans,
  sampleSizeOfProportions,
  sequentialMeanDifference,
  sequentialProportion,
  sequentialProportionDifference,
  welchTest,
  withFloor,
} from '../index.js';

const sampleOf = (values: readonly number[]): Sample => values.reduce(addToSample, emptySample);
const hit = (rng: Rng, p: number) => Number(rng.next() < p);

describe('planning an experiment', () => {
  it('needs as many trials as the formula of two proportions says', () => {
    expect(sampleSizeOfProportions({ baseline: 0.5, effect: 0.25, power: 0.9 })).toBe(77);
    expect(sampleSizeOfProportions({ baseline: 0.1, effect: 0.02 })).toBe(3841);
    expect(sampleSizeOfProportions({ baseline: 0.02, effect: 0.005, alpha: 0.01 })).toBe(20548);
    expect(powerOfProportions({ baseline: 0.1, effect: 0.02, trials: 3841 })).toBeCloseTo(0.8, 4);
  });

  it('needs as many observations as the exact test of two means, to one', () => {
    // Exact power of the t test at these sizes: 0.8997, 0.8006, 0.9023.
    expect(sampleSizeOfMeans({ standardDeviation: 1, effect: 1, power: 0.9 })).toBe(22);
    expect(sampleSizeOfMeans({ standardDeviation: 1, effect: 0.2 })).toBe(394);
    expect(sampleSizeOfMeans({ standardDeviation: 1, effect: 0.5, alpha: 0.01, power: 0.9, ratio: 2 })).toBe(91);
    expect(powerOfMeans({ standardDeviation: 1, effect: 0.2, trials: 300 })).toBeCloseTo(0.6863711772742157, 3);
  });

  it('refuses shares outside of 0 to 1 and an effect of nothing', () => {
    expect(() => sampleSizeOfProportions({ baseline: 0.9, effect: 0.1 })).toThrow(/between 0 and 1/);
    expect(() => sampleSizeOfMeans({ standardDeviation: 1, effect: 0 })).toThrow(/other than 0/);
    expect(() => sampleSizeOfMeans({ standardDeviation: 0, effect: 1 })).toThrow(/above 0/);
  });
});

describe('tests at a fixed end', () => {
  it('compares two means as SciPy does', () => {
    const test = welchTest(sampleOf([5.1, 4.9, 6.2, 5.7, 5.5, 6.1]), sampleOf([4.2, 5, 4.4, 4.9]));
    expect(test.statistic).toBeCloseTo(3.3283734809183416, 12);
    expect(test.freedom).toBeCloseTo(7.813358016925503, 12);
    expect(test.pValue).toBeCloseTo(0.010766139084044196, 12);
    expect(test.difference.lower).toBeCloseTo(0.29159830836314526, 10);
    expect(test.difference.upper).toBeCloseTo(1.6250683583035208, 10);
  });

  it('tells constant samples apart without dividing by nothing', () => {
    expect(welchTest(sampleOf([1, 1]), sampleOf([1, 1, 1])).pValue).toBe(1);
    expect(welchTest(sampleOf([1, 1]), sampleOf([2, 2])).pValue).toBe(0);
  });

  it('checks the shares of the arms as SciPy does', () => {
    const test = sampleRatioTest([5021, 4880, 99], [0.5, 0.49, 0.01]);
    expect(test.statistic).toBeCloseTo(0.17983265306122448, 12);
    expect(test.pValue).toBeCloseTo(0.9140076602637008, 12);
    expect(sampleRatioTest([5200, 4800], [1, 1]).pValue).toBeLessThan(0.001);
    expect(sampleRatioTest([10, 1], [1, 0]).pValue).toBe(0);
    expect(sampleRatioTest([10, 0], [1, 0]).pValue).toBe(1);
    expect(sampleRatioTest([0, 0], [1, 1]).pValue).toBe(1);
  });

  it('adds up samples that were taken apart', () => {
    const rng = createRng(4);
    const values = Array.from({ length: 50 }, () => 1e6 + rng.normal());
    const whole = sampleOf(values);
    const merged = mergeSamples(sampleOf(values.slice(0, 13)), sampleOf(values.slice(13)));
    expect(merged.count).toBe(50);
    expect(merged.mean).toBeCloseTo(whole.mean, 8);
    expect(merged.squares).toBeCloseTo(whole.squares, 6);
  });
});

describe('intervals that may be looked at at any time', () => {
  /** Share of runs in which the interval ever leaves the truth out, looking after every pair of observations. */
  function everWrong(runs: number, steps: number, look: (rng: Rng) => () => boolean): number {
    let wrong = 0;
    for (let run = 0; run < runs; run++) {
      const step = look(createRng(run));
      for (let i = 0; i < steps; i++) {
        if (!step()) continue;
        wrong++;
        break;
      }
    }
    return wrong / runs;
  }

  it.each([0.01, 0.3])('of a proportion of %d are wrong in at most 5 % of 2,000 runs', (p) => {
    const share = everWrong(2000, 200, (rng) => {
      let successes = 0;
      let trials = 0;
      return () => {
        successes += hit(rng, p);
        trials += 1;
        const { lower, upper } = sequentialProportion({ successes, trials });
        return p < lower || p > upper;
      };
    });
    expect(share).toBeLessThanOrEqual(0.05);
  });

  it('call a difference between equal arms in at most 5 % of 2,000 A/A runs, where a fixed test looked at does in many', () => {
    const run = (
      wrong: (a: { successes: number; trials: number }, b: { successes: number; trials: number }) => boolean,
    ) =>
      everWrong(2000, 100, (rng) => {
        const a = { successes: 0, trials: 0 };
        const b = { successes: 0, trials: 0 };
        return () => {
          for (const arm of [a, b]) {
            for (let i = 0; i < 10; i++) arm.successes += hit(rng, 0.2);
            arm.trials += 10;
          }
          return wrong(a, b);
        };
      });
    const sequential = run((a, b) => {
      const { lower, upper } = sequentialProportionDifference(a, b);
      return lower > 0 || upper < 0;
    });
    const peeking = run((a, b) => {
      const error = Math.sqrt((2 * 0.16) / a.trials);
      return Math.abs(a.successes - b.successes) / a.trials > 1.96 * error;
    });
    expect(sequential).toBeLessThanOrEqual(0.05);
    expect(peeking).toBeGreaterThan(0.2);
  });

  it('of a difference of means are wrong in at most 5 % of 2,000 runs, also of skewed ones', () => {
    const draws: ((rng: Rng) => number)[] = [(rng) => rng.normal(), (rng) => -Math.log(1 - rng.next())];
    for (const draw of draws) {
      const share = everWrong(2000, 300, (rng) => {
        let a = emptySample;
        let b = emptySample;
        return () => {
          a = addToSample(a, draw(rng));
          b = addToSample(b, draw(rng));
          const { lower, upper } = sequentialMeanDifference(a, b, { tightAt: 300 });
          return lower > 0 || upper < 0;
        };
      });
      expect(share).toBeLessThanOrEqual(0.05);
    }
  });

  it('find a difference that is there, and claim nothing before they can', () => {
    const rng = createRng(9);
    const a = { successes: 0, trials: 4000 };
    const b = { successes: 0, trials: 4000 };
    for (let i = 0; i < 4000; i++) {
      a.successes += hit(rng, 0.1);
      b.successes += hit(rng, 0.02);
    }
    expect(sequentialProportionDifference(a, b).lower).toBeGreaterThan(0.04);
    expect(sequentialProportion({ successes: 0, trials: 0 })).toMatchObject({ lower: 0, upper: 1 });
    expect(sequentialProportion({ successes: 50, trials: 50 })).toMatchObject({ upper: 1 });
    expect(sequentialMeanDifference(sampleOf([1, 2]), sampleOf([1, 2]))).toMatchObject({ lower: -Infinity });
  });

  it('hold for a hundred million trials', () => {
    const { lower, upper } = sequentialProportion({ successes: 1e6, trials: 1e8 });
    expect(lower).toBeGreaterThan(0.00995);
    expect(upper).toBeLessThan(0.01005);
  });
});

describe('bandits', () => {
  it('know the chance of each arm to be the best, as integration by SciPy gives it', () => {
    const cases: [number, number][][] = [
      [
        [3, 7],
        [5, 5],
      ],
      [
        [30, 970],
        [40, 960],
        [2, 10],
      ],
      [
        [0, 0],
        [1, 3],
        [500, 500],
      ],
    ];
    const expected = [
      [0.19349845201238386, 0.8065015479876159],
      [0.0013754464149638278, 0.014086571317817253, 0.984537982267219],
      [0.47901088416855275, 0.11473865173218581, 0.4062504640992618],
    ];
    cases.forEach((arms, i) => {
      const got = bestBernoulliArm(arms.map(([successes, failures]) => ({ successes, failures })));
      got.forEach((p, arm) => {
        expect(Math.abs(p - (expected[i]?.[arm] ?? Number.NaN))).toBeLessThan(2e-4);
      });
      expect(got.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    });
  });

  it('tell a clear winner from a narrow race of a million rewards each', () => {
    const clear = bestBernoulliArm([
      { successes: 20_000, failures: 980_000 },
      { successes: 21_000, failures: 979_000 },
    ]);
    expect(clear[1]).toBeGreaterThan(0.999);
    const equal = bestNormalArm([sampleOf([1, 2, 3]), sampleOf([1, 2, 3])]);
    expect(equal[0]).toBeCloseTo(0.5, 12);
  });

  it('try an arm that nobody tried, and mix in a floor', () => {
    expect(bestNormalArm([sampleOf([1, 2, 3, 2, 1, 2]), emptySample])[1]).toBeGreaterThan(0.3);
    expect([...epsilonGreedy([0.2, null, 0.9], 0.3)]).toEqual([
      expect.closeTo(0.1, 12),
      expect.closeTo(0.8, 12),
      expect.closeTo(0.1, 12),
    ]);
    expect([...withFloor(Float64Array.of(1, 0), 0.1)]).toEqual([0.9, 0.1]);
    expect(chooseArm(Float64Array.of(0.9, 0.1, 0), 0.9999999)).toBe(1);
  });

  it('lose less by Thompson sampling than by ε-greedy', () => {
    const shares = [0.3, 0.35, 0.5];
    const regretOf = (propensities: (arms: { successes: number; failures: number }[]) => Float64Array): number => {
      let regret = 0;
      for (let seed = 0; seed < 30; seed++) {
        const rng = createRng(seed);
        const arms = shares.map(() => ({ successes: 0, failures: 0 }));
        for (let round = 0; round < 40; round++) {
          // Rewards come late: the shares are drawn anew once in fifty choices.
          const chances = propensities(arms);
          for (let i = 0; i < 50; i++) {
            const arm = chooseArm(chances, rng.next());
            const chosen = arms[arm] ?? { successes: 0, failures: 0 };
            if (rng.next() < (shares[arm] ?? 0)) chosen.successes++;
            else chosen.failures++;
            regret += 0.5 - (shares[arm] ?? 0);
          }
        }
      }
      return regret;
    };
    const thompson = regretOf(bestBernoulliArm);
    const greedy = regretOf((arms) =>
      epsilonGreedy(
        arms.map(({ successes, failures }) => (successes + failures === 0 ? null : successes / (successes + failures))),
        0.1,
      ),
    );
    expect(thompson).toBeLessThan(greedy);
  });

  it('choose each arm as often as its propensity says, by χ²', () => {
    const rng = createRng(1);
    const shares = Float64Array.of(0.05, 0.25, 0.7);
    const counts = [0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[chooseArm(shares, rng.next())]++;
    expect(sampleRatioTest(counts, [...shares]).pValue).toBeGreaterThan(0.001);
  });

  it('say from logged propensities what another policy would have earned', () => {
    const rng = createRng(3);
    const n = 20_000;
    const logged = Float64Array.of(0.8, 0.2);
    const rewards = new Float64Array(n);
    const had = new Float64Array(n);
    const wanted = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const arm = chooseArm(logged, rng.next());
      rewards[i] = hit(rng, arm === 0 ? 0.2 : 0.6);
      had[i] = logged[arm];
      wanted[i] = arm === 0 ? 0.1 : 0.9;
    }
    const { value, standardError } = offPolicyValue(rewards, had, wanted);
    expect(Math.abs(value - 0.56)).toBeLessThan(4 * standardError);
    expect(standardError).toBeLessThan(0.02);
    expect(() => offPolicyValue(rewards, had, new Float64Array(n))).toThrow(/none of these choices/);
  });
});
