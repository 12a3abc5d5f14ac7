import { describe, expect, it } from 'vitest';
import {
  mayChooseVersion,
  modelNameOf,
  newestFirst,
  parseModelName,
  pickByRendezvous,
  pickEntry,
  routeBucket,
  routingProblem,
} from './serving-rules.js';

const keys = Array.from({ length: 10_000 }, (_, i) => `customer-${i}`);

describe('sticky routing', () => {
  it('puts a key always into the same bucket of one endpoint', () => {
    expect(routeBucket('rain', 'customer-1')).toBe(routeBucket('rain', 'customer-1'));
    expect(routeBucket('rain', 'customer-1')).not.toBe(routeBucket('snow', 'customer-1'));
    expect(routeBucket('ab', 'c')).not.toBe(routeBucket('a', 'bc'));
  });

  it('never sends a key back while the weight of the newest rises', () => {
    const onNewest = (weight: number) =>
      new Set(
        keys.filter((key) => {
          const entries = [
            { deploymentId: 'new', weight },
            { deploymentId: 'mid', weight: (1 - weight) / 3 },
            { deploymentId: 'old', weight: (2 * (1 - weight)) / 3 },
          ];
          return pickEntry(entries, routeBucket('rain', key)) === 0;
        }),
      );
    let before = onNewest(0);
    expect(before.size).toBe(0);
    for (const weight of [0.01, 0.05, 0.2, 0.5, 0.9, 1]) {
      const now = onNewest(weight);
      for (const key of before) expect(now.has(key)).toBe(true);
      expect(now.size).toBeGreaterThan(before.size);
      before = now;
    }
    expect(before.size).toBe(keys.length);
  });

  it('gives each entry its share (chi-square, 3 entries, p > 0.001)', () => {
    const weights = [0.2, 0.3, 0.5];
    const entries = weights.map((weight, i) => ({ deploymentId: `d${i}`, weight }));
    const counts = [0, 0, 0];
    for (const key of keys) counts[pickEntry(entries, routeBucket('rain', key))]! += 1;
    const chi2 = counts.reduce((sum, n, i) => {
      const expected = (weights[i] as number) * keys.length;
      return sum + (n - expected) ** 2 / expected;
    }, 0);
    expect(chi2).toBeLessThan(13.8155); // 0.999 quantile of chi-square, 2 df
  });

  it('spreads uniformly also over keys that differ only at their end (chi-square, 100 bins)', () => {
    const counts = new Array<number>(100).fill(0);
    for (const key of keys) counts[Math.floor(routeBucket('x', key) * 100)]! += 1;
    const chi2 = counts.reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0);
    expect(chi2).toBeLessThan(148.2304); // 0.999 quantile, 99 df
  });

  describe('over many versions', () => {
    const tableOf = (weights: readonly number[]) =>
      weights.map((weight, i) => ({ deploymentId: `01a1fc03b7f04d8d9d7c0b6a4a3e5f0${i}`, weight }));
    const picks = (weights: readonly number[]) => {
      const entries = tableOf(weights);
      return keys.map((routeKey) => pickByRendezvous(entries, { endpoint: 'rain', routeKey }));
    };

    it.each([
      [[0.25, 0.25, 0.25, 0.25], 16.2662],
      [[0.05, 0.05, 0.1, 0.8], 16.2662],
      [[0.05, 0.1, 0.02, 0.08, 0.2, 0.15, 0.1, 0.1, 0.15, 0.05], 27.8772],
    ])('gives each its share %j (chi-square, p > 0.001)', (weights, quantile) => {
      const counts = weights.map(() => 0);
      for (const picked of picks(weights)) counts[picked]! += 1;
      const chi2 = counts.reduce((sum, n, i) => {
        const expected = (weights[i] as number) * keys.length;
        return sum + (n - expected) ** 2 / expected;
      }, 0);
      expect(chi2).toBeLessThan(quantile);
    });

    it('sends a key only to a version whose weight grew more than that of its own', () => {
      const moves = [
        [0.25, 0.25, 0.25, 0.25],
        [0.4, 0.3, 0.2, 0.1],
        [0.7, 0.1, 0.15, 0.05],
        [0.05, 0.1, 0.05, 0.8],
      ];
      for (const [i, after] of moves.slice(1).entries()) {
        const before = moves[i] as number[];
        const [from, to] = [picks(before), picks(after)];
        const grown = (arm: number) => (after[arm] as number) / (before[arm] as number);
        keys.forEach((_, key) => {
          const [a, b] = [from[key] as number, to[key] as number];
          if (a !== b) expect(grown(b)).toBeGreaterThan(grown(a));
        });
      }
    });

    it('moves no key but its own when a version is taken out', () => {
      const [from, to] = [picks([0.25, 0.25, 0.25, 0.25]), picks([1 / 3, 0, 1 / 3, 1 / 3])];
      keys.forEach((_, key) => {
        if (from[key] !== 1) expect(to[key]).toBe(from[key]);
        else expect(to[key]).not.toBe(1);
      });
    });
  });

  it('gives an entry of weight 0 nothing, not even by rounding at the end', () => {
    const entries = [
      { deploymentId: 'a', weight: 1 - 1e-10 },
      { deploymentId: 'b', weight: 0 },
    ];
    expect(pickEntry(entries, 1 - 2 ** -32)).toBe(0);
  });
});

describe('a routing table', () => {
  const a = { deploymentId: 'a', weight: 0.8 };
  it.each([
    ['nobody but shadows', [], ['a'], /nobody answers/],
    ['a doubled entry', [a, { ...a, weight: 0.2 }], [], /a twice/],
    ['a shadow that also answers', [{ ...a, weight: 1 }], ['a'], /a twice/],
    ['a sum below 1', [a], [], /sum to 0.8/],
    ['a negative weight', [a, { deploymentId: 'b', weight: -0.2 }], [], /is -0.2/],
    ['a weight that is no number', [{ deploymentId: 'b', weight: Number.NaN }], [], /NaN/],
  ])('is refused with %s', (_, entries, shadows, message) => {
    expect(routingProblem(entries, shadows)).toMatch(message);
  });

  it('may name nobody: nothing is served then', () => {
    expect(routingProblem([], [])).toBeNull();
  });

  it('may have weights that sum to 1 only up to rounding', () => {
    const thirds = ['a', 'b', 'c'].map((deploymentId) => ({ deploymentId, weight: 1 / 3 }));
    expect(routingProblem(thirds, ['d'])).toBeNull();
  });

  it('stands newest first', () => {
    const deployments = [
      { id: 'a', createdAtMs: 1 },
      { id: 'c', createdAtMs: 2 },
      { id: 'b', createdAtMs: 2 },
    ];
    expect(newestFirst(deployments).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });
});

describe('names and rights', () => {
  it('reads and writes the environment in a model name', () => {
    for (const name of ['rain', 'rain@test']) {
      const { endpoint, environment } = parseModelName(name);
      expect(modelNameOf(endpoint, environment)).toBe(name);
    }
    expect(parseModelName('rain')).toEqual({ endpoint: 'rain', environment: 'production' });
  });

  it('lets everybody choose a version in test, but only engineers elsewhere', () => {
    expect(mayChooseVersion('test', [])).toBe(true);
    expect(mayChooseVersion('production', ['viewer', 'data-scientist'])).toBe(false);
    expect(mayChooseVersion('production', ['ml-engineer'])).toBe(true);
  });
});
