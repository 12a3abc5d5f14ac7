// Golden decisions: optuna 5.0.0 (version in pruners.golden.json), random curves with 2 % of values NaN.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createStudy, type Direction, type PrunerSpec, verifyStudy } from '../../index.js';
import { bracketBudgets } from './hyperband.js';

interface GoldenCase {
  readonly pruner: PrunerSpec;
  readonly direction: Direction;
  /** Reported values from step 1, and whether the last one was pruned. */
  readonly trials: readonly string[];
}
const golden: { cases: GoldenCase[] } = JSON.parse(
  readFileSync(new URL('./pruners.golden.json', import.meta.url), 'utf8'),
);

const space = { x: { kind: 'float', low: 0, high: 1 } } as const;

describe('pruners', () => {
  for (const { pruner, direction, trials } of golden.cases) {
    it(`decide as Optuna: ${JSON.stringify(pruner)}`, () => {
      const study = createStudy({ space, directions: [direction], sampler: { kind: 'random' }, pruner, seed: 0 });
      for (const [number, line] of trials.entries()) {
        const words = line.split(' ');
        const isPruned = words.at(-1) === 'pruned';
        const values = (isPruned ? words.slice(0, -1) : words).map(Number);
        study.ask();
        for (const [i, value] of values.entries()) {
          const expected = isPruned && i === values.length - 1;
          expect([number, i, study.report(number, i + 1, value)]).toEqual([number, i, expected]);
        }
        const last = values[values.length - 1];
        if (isPruned) study.prune(number);
        else study.tell(number, { values: [Number.isNaN(last) ? 0.5 : last] });
      }
      expect(verifyStudy(study.spec, JSON.parse(JSON.stringify(study.events)))).toMatchObject({ verdict: 'pass' });
    });
  }

  it('deal trials to Hyperband’s brackets in the ratio of their budgets, and lose no bracket to rounding', () => {
    expect(bracketBudgets(1, 243, 3)).toHaveLength(6);
    expect(bracketBudgets(1, 81, 3)).toEqual([81, 34, 15, 8, 5]);
    expect(bracketBudgets(1, 1, 3)).toEqual([1]);
    const pruner = { kind: 'hyperband', maxResource: 9 } as const;
    const study = createStudy({ space, directions: ['minimise'], sampler: { kind: 'random' }, pruner, seed: 3 });
    // Ever worse trials: each is pruned at its bracket's first step (1, 3, 9) except while it has no rival.
    const prunedAt = new Map<number, number>();
    for (let trial = 0; trial < 300; trial++) {
      study.ask();
      let step = 1;
      while (step < 9 && !study.report(trial, step, trial)) step++;
      if (step < 9) study.prune(trial);
      else study.tell(trial, { values: [trial] });
      prunedAt.set(step, (prunedAt.get(step) ?? 0) + 1);
    }
    // Budgets 9 : 5 : 3.
    expect([...prunedAt.keys()].sort()).toEqual([1, 3, 9]);
    expect(Math.abs((prunedAt.get(1) ?? 0) / 300 - 9 / 17)).toBeLessThan(0.08);
    expect(Math.abs((prunedAt.get(3) ?? 0) / 300 - 5 / 17)).toBeLessThan(0.08);
  });

  it('find out Hyperband’s and successive halving’s resources from the first completed trial', () => {
    for (const kind of ['hyperband', 'successive-halving'] as const) {
      const spec = { space, directions: ['minimise'], sampler: { kind: 'random' }, pruner: { kind }, seed: 3 } as const;
      const study = createStudy(spec);
      for (let trial = 0; trial < 40; trial++) {
        study.ask();
        let pruned = false;
        for (let step = 1; step <= 9 && !pruned; step++) pruned = study.report(trial, step, trial);
        if (pruned) study.prune(trial);
        else study.tell(trial, { values: [trial] });
      }
      expect(study.trials()[0].state).toBe('completed');
      expect(study.trials().filter(({ state }) => state === 'pruned').length).toBeGreaterThan(20);
    }
  });
});
