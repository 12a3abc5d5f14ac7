import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  biasVarianceDecomposition,
  clusteringAgreement,
  createRng,
  drawFromPrior,
  fitMedianBaseline,
  orderByScore,
  rankedListMetrics,
  rocAuc,
  scoreHumanMachine,
  scorePolicy,
  seasonalNaiveForecast,
} from '../index.js';

const scoresOf = (maxLength: number) =>
  fc.array(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 1, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1, 0.1 + 1e-17),
      fc.integer({ min: -3, max: 3 }),
    ),
    { minLength: 1, maxLength },
  );

describe('the order of scores', () => {
  it('is the stable falling order for any finite doubles', () => {
    fc.assert(
      fc.property(scoresOf(600), fc.integer({ min: 1, max: 4 }), (values, copies) => {
        const scores = Float64Array.from(Array.from({ length: copies }, () => values).flat());
        const expected = Uint32Array.from(scores.keys()).sort((i, j) => scores[j] - scores[i] || i - j);
        // Number.MAX_VALUE − −Number.MAX_VALUE overflows to Infinity, which still orders rightly.
        expect(orderByScore(scores)).toEqual(expected);
      }),
    );
  });

  it('holds for scores that differ in the last bits over many magnitudes', () => {
    const rng = createRng(4);
    const scores = Float64Array.from({ length: 20_000 }, () => {
      const size = 2 ** (rng.int(1800) - 900);
      return (rng.int(2) ? 1 : -1) * size * (1 + rng.int(4) * Number.EPSILON);
    });
    const order = orderByScore(scores);
    for (let i = 1; i < order.length; i++) {
      const step = scores[order[i - 1]] - scores[order[i]];
      expect(step > 0 || (step === 0 && order[i - 1] < order[i])).toBe(true);
    }
  });

  it('gives an area of pairs: the AUC is the share of pairs in order, ties half', () => {
    fc.assert(
      fc.property(scoresOf(40), fc.integer({ min: 0, max: 2 ** 30 }), (values, seed) => {
        const rng = createRng(seed);
        const scores = Float64Array.from(values);
        const truth = Int32Array.from(values, () => rng.int(2));
        let sum = 0;
        let pairs = 0;
        for (let i = 0; i < truth.length; i++) {
          for (let j = 0; j < truth.length; j++) {
            if (truth[i] !== 1 || truth[j] !== 0) continue;
            pairs++;
            sum += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
          }
        }
        if (pairs === 0) expect(rocAuc(truth, scores)).toBeNaN();
        else expect(rocAuc(truth, scores)).toBeCloseTo(sum / pairs, 12);
      }),
    );
  });
});

describe('agreement of clusters', () => {
  it('does not depend on names, and is whole for a grouping with itself', () => {
    const labels = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(labels, labels, (a, b) => {
        const n = Math.min(a.length, b.length);
        const truth = Int32Array.from(a.slice(0, n));
        const found = Int32Array.from(b.slice(0, n));
        const renamed = clusteringAgreement(
          truth.map((x) => 7 - x),
          found.map((x) => x * 3 - 4),
        );
        for (const [name, value] of Object.entries(clusteringAgreement(truth, found))) {
          expect(renamed[name]).toBeCloseTo(value, 10);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
        for (const value of Object.values(clusteringAgreement(truth, truth))) expect(value).toBeCloseTo(1, 10);
      }),
    );
  });
});

describe('bias and variance', () => {
  const testTruth = Float64Array.of(1, 2, 3);
  const options = () => ({ rng: createRng(0), rounds: 50 });

  it('sum to the expected squared loss; a model that never changes has no variance', () => {
    const drawn = biasVarianceDecomposition(
      { trainRows: 20, testTruth },
      (rows) => testTruth.map((y) => y + 0.5 + rows[0] / 20),
      options(),
    );
    expect(drawn.expectedLoss).toBeCloseTo(drawn.bias + drawn.variance, 12);
    expect(drawn.variance).toBeGreaterThan(0.05);
    const rigid = biasVarianceDecomposition({ trainRows: 20, testTruth }, () => new Float64Array(3), options());
    expect(rigid).toMatchObject({ variance: 0, bias: 14 / 3, expectedLoss: 14 / 3 });
  });

  it('speak of the main vote under 0–1 loss', () => {
    const truth = Float64Array.of(1, 0);
    const vote = biasVarianceDecomposition(
      { trainRows: 10, testTruth: truth },
      (rows) => Float64Array.of(rows[0] < 8 ? 1 : 0, 1),
      { ...options(), loss: '0-1' },
    );
    expect(vote.bias).toBe(0.5);
    expect(vote.variance).toBeCloseTo(vote.expectedLoss - 0.5, 12);
  });
});

describe('lists, policies, people and machines, baselines', () => {
  it('score lists by hand', () => {
    const [list, barren] = rankedListMetrics(
      {
        groups: Int32Array.of(1, 1, 1, 1, 2),
        relevance: Float64Array.of(0, 1, 0, 1, 0),
        scores: Float64Array.of(4, 3, 2, 1, 9),
      },
      3,
    );
    expect(list).toMatchObject({ rows: 4, reciprocalRank: 0.5, averagePrecision: 0.25, hit: 1 });
    expect(barren).toMatchObject({ ndcg: 0, reciprocalRank: 0, averagePrecision: 0, hit: 0 });
  });

  it('discount returns within an episode and sum regret over all', () => {
    const found = scorePolicy({
      rewards: Float64Array.of(1, 5, 1, 1),
      episodes: Int32Array.of(7, 3, 7, 7),
      best: Float64Array.of(1, 6, 2, 1),
      discount: 0.5,
    });
    expect(found).toMatchObject({ episodes: 2, cumulativeReward: 8, rewardPerReturn: 4, meanReturn: 3.375, regret: 2 });
    expect([...found.returns]).toEqual([1.75, 5]);
  });

  it('split what a machine decides from what it hands over', () => {
    const human = Int32Array.of(0, 1, 1, 0, 1, 1, 0, 0);
    const machine = Int32Array.of(0, 1, 0, -1, -1, 1, -1, 0);
    const { automationRate, riskRate, agreement } = scoreHumanMachine({ human, machine });
    expect([automationRate.estimate, riskRate.estimate, agreement?.estimate]).toEqual([5 / 8, 1 / 8, 4 / 5]);
    expect(scoreHumanMachine({ human, machine: human.map(() => -1) }).agreement).toBeUndefined();
  });

  it('guess without skill', () => {
    expect(fitMedianBaseline(Float64Array.of(5, 1, 2, 10)).median).toBe(3.5);
    expect([...seasonalNaiveForecast(Float64Array.of(1, 2, 3), 2)]).toEqual([NaN, NaN, 1]);
    const drawn = drawFromPrior(Float64Array.of(0.2, 0, 0.8), 5000, createRng(1));
    expect(drawn.filter((code) => code === 1).length).toBe(0);
    expect(Math.abs(drawn.filter((code) => code === 0).length / 5000 - 0.2)).toBeLessThan(0.02);
  });
});
