import { describe, expect, it } from 'vitest';
import {
  mayChooseVersion,
  modelNameOf,
  newestFirst,
  parseModelName,
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
