// Bit for bit the same features as onnxruntime-node 1.30 computes from the exported graph.
import { describe, expect, it } from 'vitest';
import { fitPreprocessor, type PreprocessSpec, type PreprocessTarget } from '../index.js';
import { createRng } from '../random/rng.js';
import { differences, featuresByGraph, tableOf } from './parity.fixture.js';

const ROWS = 1500;

/** Rows with a tenth of the cells missing; `served` adds what training never saw. */
function rows(seed: number, served: boolean) {
  const rng = createRng(seed);
  const list = <T>(draw: () => T): (T | null)[] =>
    Array.from({ length: ROWS }, () => {
      const value = draw();
      return rng.next() < 0.1 ? null : value;
    });
  const wild = [
    3.4e38,
    -3.4e38,
    1e-40,
    -0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 24 + 1,
  ];
  const extreme = () => wild[rng.int(wild.length)];
  const number = (draw: () => number) => () => (served && rng.next() < 0.05 ? extreme() : draw());
  const odd = ['nowhere', '', 'a\0b', '\ud800x', 'Ä', 'c1 '];
  return tableOf({
    x: list(number(() => rng.normal() * 1000)),
    y: list(number(() => Math.exp(3 * rng.normal()))),
    hour: list(number(() => rng.int(24))),
    flag: list(() => rng.next() < 0.3),
    place: list(() => (served && rng.next() < 0.1 ? odd[rng.int(odd.length)] : `c${Math.floor(40 * rng.next() ** 2)}`)),
    lone: Array.from({ length: ROWS }, () => (rng.next() < 0.5 ? '\udc00é' : 'plain')),
  });
}

const codes = Int32Array.from({ length: ROWS }, (_, i) => (i * 7) % 3);
const target: PreprocessTarget = { kind: 'classes', codes, classCount: 3 };

async function expectParity(spec: PreprocessSpec): Promise<void> {
  const { preprocessor, training } = fitPreprocessor(rows(1, false), spec, { target, seed: 3 });
  expect(training.featureNames).toEqual(preprocessor.featureNames);
  for (const table of [rows(1, false), rows(2, true)]) {
    expect(differences(preprocessor, table, await featuresByGraph(preprocessor, table))).toEqual([]);
  }
}

describe('features in the graph', () => {
  it('of numbers: clipped, imputed, scaled', () =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric', impute: 'mean', clipLower: 0.01, clipUpper: 0.95 },
        { name: 'y', kind: 'numeric', impute: -7.3, scale: 'robust', missingIndicator: true },
        { name: 'hour', kind: 'numeric', impute: 'most-frequent', scale: 'min-max' },
        { name: 'flag', kind: 'boolean', missingIndicator: true },
      ],
    }));

  it('of numbers that keep their gaps', () =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric', impute: 'none', clipUpper: 0.9, scale: 'none' },
        { name: 'y', kind: 'numeric', impute: 'none' },
        { name: 'flag', kind: 'boolean', impute: 'none' },
      ],
    }));

  it('of bins and cycles', () =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric', bins: 7 },
        { name: 'y', kind: 'numeric', bins: 5, binStrategy: 'uniform', binEncoding: 'one-hot' },
        { name: 'hour', kind: 'numeric', period: 24 },
      ],
    }));

  it.each(['one-hot', 'codes', 'frequency', 'target'] as const)('of categories as %s', (encoding) =>
    expectParity({
      columns: [
        { name: 'place', kind: 'category', encoding, minFrequency: 0.02 },
        { name: 'hour', kind: 'category', encoding, scale: 'standard' },
        { name: 'flag', kind: 'category', encoding },
        { name: 'lone', kind: 'category', encoding },
      ],
    }),
  );

  it('of categories with their choices', () =>
    expectParity({
      columns: [
        { name: 'place', kind: 'category', encoding: 'one-hot', maxCategories: 6, drop: 'first', unknown: 'zeros' },
        { name: 'hour', kind: 'category', encoding: 'one-hot', maxCategories: 4 },
        { name: 'lone', kind: 'category', encoding: 'target', smoothing: 10 },
      ],
    }));

  it.each([
    [{ step: 'polynomial', degree: 3 } as const],
    [{ step: 'polynomial', degree: 4, interactionOnly: true } as const],
    [{ step: 'select', method: 'f-test', k: 3 } as const],
    [{ step: 'select', method: 'mutual-information', k: 2 } as const],
    [{ step: 'select', threshold: 0.2 } as const],
    [{ step: 'scale', method: 'robust' } as const],
  ])('after the step %j', (step) =>
    expectParity({
      columns: [
        { name: 'x', kind: 'numeric' },
        { name: 'y', kind: 'numeric', scale: 'none' },
        { name: 'flag', kind: 'boolean' },
        { name: 'place', kind: 'category', maxCategories: 3 },
      ],
      steps: [step, { step: 'scale' }],
    }),
  );
});
