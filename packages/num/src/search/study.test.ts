import { describe, expect, it } from 'vitest';
import {
  createRng,
  createStudy,
  type Params,
  type SearchSpace,
  type Study,
  type StudyEvent,
  type StudySpec,
  suggest,
  verifyStudy,
} from '../index.js';

const space: SearchSpace = {
  model: { kind: 'categorical', choices: ['svc', 'forest'] },
  c: { kind: 'float', low: 0.001, high: 1000, log: true, when: { param: 'model', in: ['svc'] } },
  gamma: { kind: 'float', low: 0.001, high: 10, log: true, when: { param: 'model', in: ['svc'] } },
  depth: { kind: 'int', low: 2, high: 20, when: { param: 'model', in: ['forest'] } },
  rate: { kind: 'float', low: 0, high: 1 },
};
const spec: StudySpec = {
  space,
  directions: ['maximise'],
  sampler: { kind: 'tpe' },
  pruner: { kind: 'median' },
  seed: 42,
};

function score(params: Params): number {
  const { model, c, gamma, depth, rate } = params as Record<string, number>;
  const fit = model === ('svc' as unknown) ? -Math.abs(Math.log(c * gamma)) : -Math.abs(depth - 7) / 3;
  return fit - (rate - 0.3) ** 2;
}

/** Runs trials to their end, three reports each. */
function run(study: Study, trials: number): Study {
  for (let i = 0; i < trials; i++) {
    const suggestion = study.ask();
    if (suggestion === null) break;
    finish(study, suggestion.trial, score(suggestion.params));
  }
  return study;
}

function finish(study: Study, trial: number, value: number): void {
  let pruned = false;
  for (let step = 1; step <= 3 && !pruned; step++) pruned = study.report(trial, step, value - 1 / step);
  if (pruned) study.prune(trial);
  else study.tell(trial, { values: [value] });
}

const copy = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe('a study', () => {
  it('gives the same log for the same seed, another for another', () => {
    const first = run(createStudy(spec), 40).events;
    expect(run(createStudy(copy(spec)), 40).events).toEqual(first);
    expect(run(createStudy({ ...spec, seed: 43 }), 40).events).not.toEqual(first);
  });

  it('does not depend on the order in which the space names its parameters', () => {
    const reversed = Object.fromEntries(Object.entries(space).reverse());
    expect(run(createStudy({ ...spec, space: reversed }), 30).events).toEqual(run(createStudy(spec), 30).events);
  });

  it('goes on from any point of its stored log as if it had never stopped', () => {
    const whole = run(createStudy(spec), 30).events;
    for (const cut of [0, 17, 60]) {
      const start = whole.findIndex((event, i) => i >= cut && event.type === 'suggested');
      const resumed = createStudy(spec, copy(whole.slice(0, start)));
      const done = resumed.trials().length;
      expect(run(resumed, 30 - done).events).toEqual(whole);
    }
    const open = createStudy(spec, whole.slice(0, 3));
    expect(open.trials().map(({ state }) => state)).toEqual(['running']);
  });

  it('learns: later trials are better than the random ones, in a space with conditions too', () => {
    const values = run(createStudy({ ...spec, pruner: { kind: 'none' } }), 80)
      .trials()
      .map(({ values: [value] }) => value);
    const mean = (part: number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
    expect(mean(values.slice(40))).toBeGreaterThan(mean(values.slice(0, 10)) + 0.5);
  });

  it('tries what was enqueued first, samples what that leaves out and drops what its conditions exclude', () => {
    const enqueued: Params[] = [
      { model: 'svc', c: 1, gamma: 1, rate: 0.5 },
      { model: 'forest' },
      { model: 'forest', c: 3 },
    ];
    const study = createStudy({ ...spec, enqueued });
    expect(study.ask()?.params).toEqual(enqueued[0]);
    const second = study.ask()?.params ?? {};
    expect(Object.keys(second)).toEqual(['depth', 'model', 'rate']);
    expect(second.model).toBe('forest');
    expect(Object.keys(study.ask()?.params ?? {})).toEqual(['depth', 'model', 'rate']);
    expect(study.ask()?.params).toEqual(createStudy(spec, study.events.slice(0, 3)).ask()?.params);
    for (const bad of [{ c: 0 }, { depht: 3 }, { depth: 2.5 }, { model: 'xgb' }]) {
      expect(() => createStudy({ ...spec, enqueued: [bad] })).toThrow(/Enqueued trial 0/);
    }
  });

  it('knows its best trial and its front, infeasible ones left out', () => {
    const study = createStudy({ ...spec, pruner: { kind: 'none' }, sampler: { kind: 'random' } });
    const outcomes = [[3], [9, 0.1], [5, -1], [5, 0], [1]];
    for (const [trial, [value, constraint]] of outcomes.entries()) {
      study.ask();
      study.tell(trial, { values: [value], ...(constraint !== undefined && { constraints: [constraint] }) });
    }
    expect(study.best()).toMatchObject({ trial: 2, values: [5], feasible: true });
    expect(study.paretoFront().map(({ trial }) => trial)).toEqual([2, 3]);
    const two = createStudy({ ...spec, pruner: { kind: 'none' }, directions: ['minimise', 'maximise'] });
    for (const [trial, values] of [
      [1, 1],
      [2, 3],
      [2, 2],
      [0, 0],
      [3, 3],
    ].entries()) {
      two.ask();
      two.tell(trial, { values });
    }
    expect(two.paretoFront().map(({ trial }) => trial)).toEqual([0, 1, 3]);
    expect(() => two.best()).toThrow(expect.objectContaining({ code: 'NUM_STUDY' }));
  });

  it('records values that are not finite as failures, in the log as JSON can hold them', () => {
    const study = createStudy(spec);
    for (const values of [[Number.NaN], [Number.POSITIVE_INFINITY]]) {
      const trial = study.ask()?.trial ?? -1;
      study.report(trial, 1, Number.NaN);
      study.tell(trial, { values });
    }
    expect(study.trials().map(({ state, reason }) => [state, reason])).toEqual([
      ['failed', 'values[0] is NaN'],
      ['failed', 'values[0] is Infinity'],
    ]);
    expect(copy(study.events)).toEqual(study.events);
    expect(study.best()).toBeNull();
  });

  it('refuses what does not fit its state', () => {
    const study = createStudy(spec);
    study.ask();
    expect(() => study.tell(1, { values: [1] })).toThrow(/never suggested/);
    expect(() => study.tell(0, { values: [1, 2] })).toThrow(/2 values, but the study has 1/);
    study.report(0, 2, 1);
    expect(() => study.report(0, 2, 1)).toThrow(/reported step 2 after 2/);
    study.fail(0, 'out of memory');
    expect(() => study.prune(0)).toThrow(/already failed/);
    expect(study.events.map(({ type }) => type)).toEqual(['suggested', 'reported', 'failed']);
    expect(() => createStudy(spec, [{ type: 'suggested', trial: 0, seen: 0, params: { rate: 2 } }])).toThrow(
      /not in the/,
    );
  });

  it('ends by number of trials, patience, target or when nothing is left', () => {
    const base = { ...spec, pruner: { kind: 'none' }, sampler: { kind: 'random' } } as const;
    expect(run(createStudy({ ...base, stop: { maxTrials: 7 } }), 99).trials()).toHaveLength(7);
    const patient = createStudy({ ...base, stop: { patience: 5 } });
    const values = [1, 3, 2, 2, 2, 2, 2, 9];
    for (let trial = 0; patient.ask() !== null; trial++) patient.tell(trial, { values: [values[trial]] });
    expect([patient.trials().length, patient.stopReason()]).toEqual([7, 'patience']);
    const aimed = createStudy({ ...base, stop: { target: 3, maxTrials: 2 } });
    for (let trial = 0; aimed.ask() !== null; trial++) aimed.tell(trial, { values: [values[trial]] });
    expect([aimed.trials().length, aimed.stopReason()]).toEqual([2, 'target']);
    const grid = createStudy({ ...base, sampler: { kind: 'grid' }, space: { a: { kind: 'int', low: 1, high: 3 } } });
    expect(grid.stopReason()).toBeNull();
    for (let trial = 0; grid.ask() !== null; trial++) grid.tell(trial, { values: [1] });
    expect([grid.trials().length, grid.stopReason()]).toEqual([3, 'exhausted']);
    expect(() => createStudy({ ...base, directions: ['minimise', 'minimise'], stop: { patience: 2 } })).toThrow(
      /one obj/,
    );
  });
});

/** A study with several workers, each asking from what it knew a while ago, outcomes arriving in any order. */
function runInParallel(workers: number, trials: number, seed: number): StudyEvent[] {
  const rng = createRng(seed);
  const events: StudyEvent[] = [];
  const open: { trial: number; params: Params }[] = [];
  let asked = 0;
  while (asked < trials || open.length > 0) {
    if (asked < trials && open.length < workers && rng.next() < 0.6) {
      const seen = Math.max(0, events.length - rng.int(4));
      const params = suggest(spec, events.slice(0, seen), asked);
      if (params === null) break;
      events.push({ type: 'suggested', trial: asked, params, seen });
      open.push({ trial: asked++, params });
    } else if (open.length > 0) {
      const [{ trial, params }] = open.splice(rng.int(open.length), 1);
      if (rng.next() < 0.1) events.push({ type: 'failed', trial, reason: 'lost' });
      else events.push({ type: 'completed', trial, values: [score(params)] });
    }
  }
  return events;
}

describe('verification', () => {
  it('derives every suggestion and decision of a sequential study anew', () => {
    const { events } = run(createStudy(spec), 60);
    const reports = events.filter(({ type }) => type === 'reported').length;
    expect(verifyStudy(spec, copy(events))).toEqual({ verdict: 'pass', suggestions: 60, pruningDecisions: reports });
    expect(events.some(({ type }) => type === 'pruned')).toBe(true);
  });

  it('does so for parallel studies, through what each suggestion had seen', () => {
    const events = runInParallel(8, 60, 5);
    expect(verifyStudy(spec, events)).toMatchObject({ verdict: 'pass', suggestions: 60 });
    const blind = events.map((event, i) => (event.type === 'suggested' ? { ...event, seen: i } : event));
    expect(verifyStudy(spec, blind)).toMatchObject({ verdict: 'fail', what: 'suggestion' });
  });

  it('derives the same through the pure function', () => {
    const events = runInParallel(4, 25, 6);
    for (const event of events) {
      if (event.type !== 'suggested') continue;
      expect(suggest(spec, events.slice(0, event.seen), event.trial)).toEqual(event.params);
    }
  });

  it('names the first trial that differs', () => {
    const { events } = run(createStudy(spec), 30);
    const changed = (trial: number, change: (event: StudyEvent) => StudyEvent) =>
      events.map((event) => (event.trial === trial ? change(event) : event));
    const moved = changed(20, (event) =>
      event.type === 'suggested' ? { ...event, params: { ...event.params, rate: 0.123 } } : event,
    );
    expect(verifyStudy(spec, moved)).toMatchObject({ verdict: 'fail', trial: 20, what: 'suggestion' });
    const flipped = changed(12, (event) => (event.type === 'reported' ? { ...event, prune: !event.prune } : event));
    expect(verifyStudy(spec, flipped)).toMatchObject({ verdict: 'fail', trial: 12, what: 'pruning', step: 1 });
    expect(verifyStudy({ ...spec, seed: 1 }, events)).toMatchObject({ verdict: 'fail', trial: 0, what: 'suggestion' });
  });

  it('answers a log that contradicts itself with a verdict, not an exception', () => {
    const { events } = run(createStudy(spec), 5);
    expect(verifyStudy(spec, events.slice(1))).toMatchObject({ verdict: 'fail', trial: 0, what: 'log' });
    const ahead = [{ ...events[0], seen: 3 } as StudyEvent, ...events.slice(1)];
    expect(verifyStudy(spec, ahead)).toMatchObject({
      verdict: 'fail',
      what: 'log',
      problem: expect.stringContaining('only 0 came'),
    });
    expect(verifyStudy(spec, [])).toEqual({ verdict: 'pass', suggestions: 0, pruningDecisions: 0 });
  });
});
