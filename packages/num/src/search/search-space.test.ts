import { describe, expect, it } from 'vitest';
import { checkSearchSpace, createStudy, parseSearchSpace, type SearchSpace } from '../index.js';
import { createDimension, innerOf, valueAtUnit } from './dimension.js';

describe('a search space from JSON', () => {
  it('reads lists as choices, whole bounds as integers and single values as themselves', () => {
    expect(
      parseSearchSpace({
        c: { low: 0.001, high: 1000, log: true },
        depth: { low: 1, high: 9 },
        share: { low: 0, high: 1, kind: 'float' },
        rate: { low: 0, high: 1, step: 0.25 },
        kernel: ['rbf', 'linear', null],
        seed: 7,
        gamma: { low: 0.1, high: 2, when: { kernel: 'rbf' } },
        power: { choices: [2, 3], when: { param: 'kernel', in: ['rbf', null] } },
      }),
    ).toEqual({
      c: { kind: 'float', low: 0.001, high: 1000, log: true },
      depth: { kind: 'int', low: 1, high: 9 },
      share: { kind: 'float', low: 0, high: 1 },
      rate: { kind: 'float', low: 0, high: 1, step: 0.25 },
      kernel: { kind: 'categorical', choices: ['rbf', 'linear', null] },
      seed: { kind: 'categorical', choices: [7] },
      gamma: { kind: 'float', low: 0.1, high: 2, when: { param: 'kernel', in: ['rbf'] } },
      power: { kind: 'categorical', choices: [2, 3], when: { param: 'kernel', in: ['rbf', null] } },
    });
  });

  it('understands a SearchSpace as it stands', () => {
    const space: SearchSpace = {
      a: { kind: 'int', low: 1, high: 8, log: true },
      b: { kind: 'categorical', choices: ['x'] },
      c: { kind: 'float', low: 0, high: 1, when: { param: 'a', in: [1, 2] } },
    };
    expect(parseSearchSpace(JSON.parse(JSON.stringify(space)))).toEqual(space);
  });

  it('names every problem at once', () => {
    const json = { a: { low: 1 }, b: { low: 1, high: 2, stpe: 1 }, c: [[1]], d: { low: 1, high: 2, when: 'x' } };
    expect(() => parseSearchSpace(json)).toThrow(/a: low and high.*b: stpe is unknown.*c: choices must.*d: when must/);
    expect(() => parseSearchSpace(JSON.parse('{"__proto__": [1], "a": [1]}'))).toThrow(/__proto__: this is no name/);
    for (const strange of [null, 5, ['x'], 'text'])
      expect(() => parseSearchSpace(strange)).toThrow(/must be an object/);
  });
});

describe('the checks of a search space', () => {
  const problems: [string, SearchSpace, RegExp][] = [
    ['no parameter', {}, /no parameter/],
    ['bounds in the wrong order', { a: { kind: 'float', low: 2, high: 1 } }, /high \(1\) is below low \(2\)/],
    ['bounds that are not finite', { a: { kind: 'float', low: 0, high: Number.POSITIVE_INFINITY } }, /finite/],
    ['a logarithm of zero', { a: { kind: 'float', low: 0, high: 1, log: true } }, /log needs low above 0/],
    ['log and step together', { a: { kind: 'int', low: 1, high: 9, log: true, step: 2 } }, /exclude each other/],
    ['a step of zero', { a: { kind: 'float', low: 0, high: 1, step: 0 } }, /must be above 0/],
    ['integers that are none', { a: { kind: 'int', low: 0.5, high: 2 } }, /must be integers/],
    ['no choices', { a: { kind: 'categorical', choices: [] } }, /choices are empty/],
    ['repeated choices', { a: { kind: 'categorical', choices: [1, 1] } }, /repeat/],
    ['an unknown condition', { a: { kind: 'int', low: 1, high: 2, when: { param: 'b', in: [1] } } }, /names b/],
    [
      'a condition that can never hold',
      {
        a: { kind: 'int', low: 1, high: 2, when: { param: 'b', in: ['z'] } },
        b: { kind: 'categorical', choices: ['x'] },
      },
      /can never be "z"/,
    ],
    [
      'conditions in a circle',
      {
        a: { kind: 'int', low: 1, high: 2, when: { param: 'b', in: [1] } },
        b: { kind: 'int', low: 1, high: 2, when: { param: 'a', in: [1] } },
      },
      /depends on itself/,
    ],
  ];
  for (const [name, space, message] of problems) {
    it(`refuse ${name}`, () => {
      expect(() => checkSearchSpace(space)).toThrow(message);
      expect(() => checkSearchSpace(space)).toThrow(expect.objectContaining({ code: 'NUM_SEARCH_SPACE' }));
    });
  }

  it('refuse a grid over a continuous parameter, one that is too large, and too many Sobol dimensions', () => {
    const grid = { directions: ['minimise'], sampler: { kind: 'grid' }, seed: 0 } as const;
    expect(() => createStudy({ ...grid, space: { a: { kind: 'float', low: 0, high: 1 } } })).toThrow(/continuous/);
    const large = { kind: 'int', low: 1, high: 1000 } as const;
    expect(() => createStudy({ ...grid, space: { a: large, b: large } })).toThrow(/more than 100000/);
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`p${i}`, large]));
    expect(() => createStudy({ ...grid, sampler: { kind: 'sobol' }, space: many })).toThrow(/at most 128 dimensions/);
  });
});

describe('a dimension', () => {
  it('ends a stepped range at its last lattice point, without digits nobody wrote', () => {
    const dimension = createDimension('a', { kind: 'float', low: 0, high: 1, step: 0.3 });
    expect(dimension.pointCount).toBe(4);
    expect([0, 0.3, 0.6, 0.99].map((unit) => valueAtUnit(dimension, unit))).toEqual([0, 0.3, 0.6, 0.9]);
    expect(innerOf(dimension, 1)).toBeNaN();
    expect(createDimension('a', { kind: 'float', low: 0, high: 0.3, step: 0.1 }).pointCount).toBe(4);
  });

  it('gives the outermost integers their full share, also on a logarithmic scale', () => {
    const counts = new Map<unknown, number>();
    const dimension = createDimension('n', { kind: 'int', low: 1, high: 4, log: true });
    for (let i = 0; i < 9000; i++) {
      const value = valueAtUnit(dimension, i / 9000);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    // ln(1.5/0.5) : ln(2.5/1.5) : ln(3.5/2.5) : ln(4.5/3.5) of ln(9)
    expect([1, 2, 3, 4].map((n) => counts.get(n))).toEqual(
      [4500, 2092, 1379, 1029].map((n) => expect.closeTo(n, -0.8)),
    );
  });
});
