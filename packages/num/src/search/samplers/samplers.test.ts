// Golden Sobol points: scipy 1.17.1, qmc.Sobol(128, scramble=False, bits=32).
import { describe, expect, it } from 'vitest';
import { createRng, createStudy, type ParamSpace, type SamplerSpec, type SearchSpace, suggest } from '../../index.js';
import { owenScramble, sobolBits } from './sobol.js';
import { sobolDirections } from './sobol-directions.js';

const asks = (space: SearchSpace, sampler: SamplerSpec, count: number, seed = 0) => {
  const study = createStudy({ space, directions: ['minimise'], sampler, seed });
  return Array.from({ length: count }, () => study.ask()?.params ?? null);
};

describe('the Sobol sampler', () => {
  it('has the direction numbers of SciPy in all 128 dimensions', () => {
    const point = (index: number, from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => sobolBits(sobolDirections(from + i), index) / 2 ** 32);
    expect(point(5, 0, 8)).toEqual([0.875, 0.875, 0.125, 0.375, 0.875, 0.625, 0.875, 0.375]);
    expect(point(37, 60, 66)).toEqual([0.078125, 0.390625, 0.640625, 0.828125, 0.609375, 0.390625]);
    const last = [0.703125, 0.890625, 0.734375, 0.328125, 0.859375, 0.359375, 0.765625, 0.640625];
    expect(point(63, 120, 128)).toEqual(last);
  });

  it('stays a net when scrambled: one of the first 2^k points in each interval of length 2^-k', () => {
    for (const seed of [1, 0x12345678, -77]) {
      for (const dimension of [0, 1, 50, 127]) {
        const directions = sobolDirections(dimension);
        const cells = Array.from({ length: 256 }, (_, i) => owenScramble(sobolBits(directions, i), seed) >>> 24);
        expect(new Set(cells).size).toBe(256);
      }
    }
  });

  it('covers a small space evenly from its first trial, whatever was enqueued', () => {
    const space = { k: { kind: 'categorical', choices: ['a', 'b'] }, n: { kind: 'int', low: 1, high: 4 } } as const;
    const seen = asks(space, { kind: 'sobol' }, 8, 5).map((params) => `${params?.k}${params?.n}`);
    expect(new Set(seen).size).toBe(8);
    const spec = { space, directions: ['minimise'], sampler: { kind: 'sobol' }, seed: 5 } as const;
    const warm = { ...spec, enqueued: [{ k: 'b', n: 2 }, { n: 3 }] } as const;
    expect(suggest(warm, [], 0)).toEqual({ k: 'b', n: 2 });
    expect(suggest(warm, [], 1)).toMatchObject({ n: 3 });
    expect(suggest(warm, [], 2)).toEqual(suggest(spec, [], 0));
  });
});

describe('the grid', () => {
  it('lists parameters by name, the last varying fastest, and ends', () => {
    const space = {
      b: { kind: 'int', low: 1, high: 3, step: 2 },
      a: { kind: 'categorical', choices: [true, null] },
    } as const;
    expect(asks(space, { kind: 'grid' }, 6)).toEqual([
      { a: true, b: 1 },
      { a: true, b: 3 },
      { a: null, b: 1 },
      { a: null, b: 3 },
      null,
      null,
    ]);
  });

  it('has no combination twice when conditions leave parameters out', () => {
    const space: SearchSpace = {
      kernel: { kind: 'categorical', choices: ['linear', 'rbf', 'poly'] },
      c: { kind: 'categorical', choices: [1, 10] },
      gamma: { kind: 'categorical', choices: [0.1, 1], when: { param: 'kernel', in: ['rbf', 'poly'] } },
      degree: { kind: 'int', low: 2, high: 4, when: { param: 'kernel', in: ['poly'] } },
    };
    const points = asks(space, { kind: 'grid' }, 19);
    expect(points[18]).toBeNull();
    expect(new Set(points.slice(0, 18).map((point) => JSON.stringify(point))).size).toBe(18);
    expect(points.filter((point) => point?.kernel === 'linear')).toEqual([
      { c: 1, kernel: 'linear' },
      { c: 10, kernel: 'linear' },
    ]);
  });
});

describe('the random sampler', () => {
  it('draws evenly: uniform, logarithmic, whole and chosen', () => {
    const space: SearchSpace = {
      u: { kind: 'float', low: -2, high: 2 },
      l: { kind: 'float', low: 0.01, high: 100, log: true },
      k: { kind: 'categorical', choices: ['a', 'b', 'c'] },
    };
    const all = asks(space, { kind: 'random' }, 3000);
    const share = (test: (params: Record<string, unknown>) => boolean) =>
      all.filter((params) => test(params ?? {})).length / 3000;
    expect(share(({ u }) => Number(u) < -1)).toBeCloseTo(0.25, 1);
    expect(share(({ l }) => Number(l) < 0.1)).toBeCloseTo(0.25, 1);
    expect(share(({ k }) => k === 'c')).toBeCloseTo(1 / 3, 1);
  });

  it('gives a parameter the same values whatever others the space has', () => {
    const x: ParamSpace = { kind: 'float', low: 0, high: 1 };
    const alone = asks({ x }, { kind: 'random' }, 5).map((params) => params?.x);
    const among = asks({ a: x, x, z: x }, { kind: 'random' }, 5).map((params) => params?.x);
    expect(among).toEqual(alone);
  });
});

describe('every sampler', () => {
  const runs = Number(process.env.FAIRLEAD_PROPERTY_RUNS ?? 40);
  const rng = createRng(Number(process.env.FAIRLEAD_PROPERTY_SEED ?? 1));

  it('stays inside any space, its steps and its conditions', () => {
    for (let run = 0; run < runs; run++) {
      const space = randomSpace();
      for (const kind of ['random', 'sobol', 'tpe'] as const) {
        const multivariate = rng.next() < 0.5;
        const sampler: SamplerSpec =
          kind === 'tpe' ? { kind, startupTrials: 3, candidates: 5, multivariate } : { kind };
        const study = createStudy({ space, directions: ['minimise'], sampler, seed: run });
        for (let trial = 0; trial < 12; trial++) {
          const params = study.ask()?.params ?? {};
          expectInside(space, params);
          if (rng.next() < 0.8) study.tell(trial, { values: [rng.normal()] });
          else study.prune(trial);
        }
      }
    }
  });

  function randomSpace(): SearchSpace {
    const space: Record<string, ParamSpace> = {};
    const count = 1 + rng.int(6);
    for (let i = 0; i < count; i++) {
      const parent = i > 0 && rng.next() < 0.4 ? `p${rng.int(i)}` : undefined;
      const range = randomRange();
      const parentSpace = parent === undefined ? undefined : space[parent];
      if (parent !== undefined && parentSpace?.kind === 'categorical') {
        space[`p${i}`] = { ...range, when: { param: parent, in: [parentSpace.choices[0]] } };
      } else space[`p${i}`] = range;
    }
    return space;
  }

  function randomRange(): ParamSpace {
    const low = rng.next() < 0.5 ? rng.int(5) : -rng.int(1000);
    switch (rng.int(6)) {
      case 0:
        return { kind: 'categorical', choices: ['a', 1, null, false].slice(0, 1 + rng.int(4)) };
      case 1:
        return { kind: 'int', low, high: low + rng.int(20) };
      case 2:
        return { kind: 'int', low, high: low + rng.int(20), step: 1 + rng.int(4) };
      case 3:
        return { kind: 'int', low: 1 + rng.int(3), high: 3 + rng.int(10 ** (1 + rng.int(7))), log: true };
      case 4:
        return { kind: 'float', low: 10 ** -rng.int(9), high: 10 ** rng.int(9), log: true };
      default:
        return { kind: 'float', low, high: low + rng.next() * 5, ...(rng.next() < 0.5 && { step: 0.1 + rng.next() }) };
    }
  }

  function expectInside(space: SearchSpace, params: Readonly<Record<string, unknown>>): void {
    for (const [name, range] of Object.entries(space)) {
      const isActive =
        range.when === undefined || range.when.in.some((value) => params[range.when?.param ?? ''] === value);
      expect([name, Object.hasOwn(params, name)]).toEqual([name, isActive]);
      if (!isActive) continue;
      const value = params[name];
      if (range.kind === 'categorical') {
        expect(range.choices).toContain(value);
        continue;
      }
      const number = value as number;
      expect(number >= range.low && number <= range.high, `${name} = ${number} in ${JSON.stringify(range)}`).toBe(true);
      if (range.kind === 'int') expect(Number.isInteger(number)).toBe(true);
      const steps = (number - range.low) / (range.step ?? 1);
      if (range.step !== undefined) expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
    }
  }
});
