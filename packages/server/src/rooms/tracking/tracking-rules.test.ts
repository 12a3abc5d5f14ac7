import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLater, keyProblem, seriesWrites } from './tracking-rules.js';

const points = fc.array(
  fc.record({
    key: fc.constantFrom('a', 'b'),
    value: fc.double().map((value) => value + 0), // -0 and 0 are one number here
    step: fc.integer({ min: 0, max: 3 }),
    timestampMs: fc.integer({ min: 0, max: 3 }),
  }),
);

describe('the latest metric', () => {
  it('does not depend on the order in which points arrive', () => {
    fc.assert(
      fc.property(points, (list) => {
        const sorted = (from: typeof list) =>
          [...seriesWrites(from)].sort(({ latest: a }, { latest: b }) => (a.key < b.key ? -1 : 1));
        expect(sorted(list)).toEqual(sorted([...list].reverse()));
      }),
    );
  });

  it('is never earlier than any other point of its key', () => {
    fc.assert(
      fc.property(points, (list) => {
        const latest = new Map(seriesWrites(list).map((write) => [write.latest.key, write.latest]));
        for (const point of list) expect(isLater(point, latest.get(point.key)!)).toBe(false);
      }),
    );
  });
});

describe('a key', () => {
  it.each(['loss', 'val/loss', 'a b', 'x:y.z-1_'])('accepts %j', (key) => expect(keyProblem(key)).toBeNull());
  it.each(['', 'a//b', '/a', 'a/', '..', './a', 'a%b', 'a\n'])('refuses %j', (key) =>
    expect(keyProblem(key)).not.toBeNull(),
  );
});
