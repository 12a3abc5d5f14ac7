import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dependenciesOf, finalState, graphProblems, nextSteps, orderSteps, parseReference } from './pipelines-rules.js';
import type { StepSpec, StepState } from './pipelines-types.js';

/** Graphs without a cycle: each step depends on some of those before it. */
const acyclic = fc.array(fc.array(fc.nat()), { minLength: 1, maxLength: 12 }).map((wishes) =>
  Object.fromEntries(
    wishes.map((picks, index): [string, StepSpec] => {
      const needs = index === 0 ? [] : [...new Set(picks.map((pick) => `s${pick % index}`))];
      return [`s${index}`, { uses: 'x', needs }];
    }),
  ),
);

describe('the order of steps', () => {
  it('holds every step once, each after those it depends on', () => {
    fc.assert(
      fc.property(acyclic, (steps) => {
        const { order, cycle } = orderSteps(steps);
        expect(cycle).toEqual([]);
        expect([...order].sort()).toEqual(Object.keys(steps).sort());
        for (const name of order) {
          for (const other of dependenciesOf(steps[name]!))
            expect(order.indexOf(other)).toBeLessThan(order.indexOf(name));
        }
      }),
    );
  });

  it('finds a cycle wherever one is closed', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (steps, pick) => {
        const names = Object.keys(steps);
        const last = names.at(-1)!;
        const first = names[pick % names.length]!;
        // A path from `first` to `last` and an edge back.
        const closed = {
          ...steps,
          [last]: { uses: 'x', needs: [...dependenciesOf(steps[last]!), first] },
          [first]: { uses: 'x', needs: [...dependenciesOf(steps[first]!), last] },
        };
        expect(orderSteps(closed).cycle).toEqual(expect.arrayContaining([first, last]));
        expect(graphProblems(closed).join()).toContain('wait for each other');
      }),
    );
  });
});

describe('running a graph', () => {
  const run = (steps: Record<string, StepSpec>, outcome: (name: string) => StepState) => {
    const states: Record<string, StepState> = Object.fromEntries(Object.keys(steps).map((name) => [name, 'waiting']));
    const started: string[] = [];
    for (let rounds = 0; rounds <= Object.keys(steps).length; rounds += 1) {
      const { ready, skipped } = nextSteps(steps, states);
      for (const name of skipped) states[name] = 'skipped';
      for (const name of ready) {
        started.push(name);
        states[name] = outcome(name);
      }
      if (finalState(states) !== null) break;
    }
    return { states, started };
  };

  it('comes to an end, and starts each step at most once and only after its dependencies', () => {
    fc.assert(
      fc.property(acyclic, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (steps, luck) => {
        const { states, started } = run(steps, (name) => (luck[Number(name.slice(1))] ? 'succeeded' : 'failed'));
        expect(new Set(started).size).toBe(started.length);
        expect(finalState(states)).toBe(started.some((name) => states[name] === 'failed') ? 'failed' : 'succeeded');
        for (const name of started) {
          for (const other of dependenciesOf(steps[name]!)) expect(states[other]).toBe('succeeded');
        }
        for (const [name, state] of Object.entries(states)) {
          if (state !== 'skipped') continue;
          expect(dependenciesOf(steps[name]!).some((other) => states[other] !== 'succeeded')).toBe(true);
        }
      }),
    );
  });

  it('goes on with branches that do not depend on the failure', () => {
    const steps = {
      a: { uses: 'x' },
      b: { uses: 'x' },
      afterA: { uses: 'x', needs: ['a'] },
      afterB: { uses: 'x', needs: ['b'] },
      end: { uses: 'x', needs: ['afterA', 'afterB'] },
    };
    const { states } = run(steps, (name) => (name === 'a' ? 'failed' : 'succeeded'));
    expect(states).toEqual({ a: 'failed', b: 'succeeded', afterA: 'skipped', afterB: 'succeeded', end: 'skipped' });
  });
});

describe('references', () => {
  it('name a step and its output', () => {
    expect(parseReference('split.train')).toEqual({ step: 'split', output: 'train' });
    expect(parseReference('v1.2.out')).toEqual({ step: 'v1.2', output: 'out' });
    expect(['x', '.x', 'x.', ''].map(parseReference)).toEqual([null, null, null, null]);
  });

  it('are told apart from mistakes', () => {
    const steps = {
      make: { run: ['make'], outputs: { model: 'm.onnx' } },
      use: { uses: 'x', inputs: { a: 'make.model', b: 'make.other', c: 'nobody.x', d: 'plain' }, needs: ['ghost'] },
    };
    expect(graphProblems(steps)).toEqual([
      "steps.use.needs names the unknown step 'ghost'",
      "steps.use.inputs.b: the command 'make' declares no output 'other'",
      "steps.use.inputs.c: there is no step 'nobody'",
      "steps.use.inputs.d: 'plain' is not of the form step.output",
    ]);
  });
});
