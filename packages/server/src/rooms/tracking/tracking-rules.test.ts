import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artifactPathProblem, foldersAbove } from './artifact-path-rules.js';
import { isLater, keyProblem, latestPoints } from './tracking-rules.js';

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
        const sorted = (from: typeof list) => [...latestPoints(from)].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(list)).toEqual(sorted([...list].reverse()));
      }),
    );
  });

  it('is never earlier than any other point of its key', () => {
    fc.assert(
      fc.property(points, (list) => {
        const latest = latestPoints(list);
        for (const point of list) expect(isLater(point, latest.get(point.key)!)).toBe(false);
      }),
    );
  });
});

describe('a path of an artifact', () => {
  it.each(['a', 'a/b.txt', 'metrics/été.json', '.hidden', 'a..b', '...x'])('accepts %j', (path) => {
    expect(artifactPathProblem(path)).toBeNull();
  });

  it.each(['', '/a', '../a', 'a/../b', 'a/./b', 'a//b', 'a/', 'a\\b', 'C:a', 'a\0', 'a\nb', '...', ' a', 'a /b'])(
    'refuses %j',
    (path) => {
      expect(artifactPathProblem(path)).not.toBeNull();
    },
  );

  it('never leaves the folder it is joined to, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', ':', '\0', ' ') }), (path) => {
        if (artifactPathProblem(path) !== null) return;
        expect(posix.resolve('/root/run', path)).toMatch(/^\/root\/run\/./);
        expect(win32.resolve('D:\\root\\run', path)).toMatch(/^D:\\root\\run\\./);
      }),
    );
  });

  it('lists the folders above it', () => {
    expect(foldersAbove('a/b/c')).toEqual(['a', 'a/b']);
    expect(foldersAbove('a')).toEqual([]);
  });
});

describe('a key', () => {
  it.each(['loss', 'val/loss', 'a b', 'x:y.z-1_'])('accepts %j', (key) => expect(keyProblem(key)).toBeNull());
  it.each(['', 'a//b', '/a', 'a/', '..', './a', 'a%b', 'a\n'])('refuses %j', (key) =>
    expect(keyProblem(key)).not.toBeNull(),
  );
});
