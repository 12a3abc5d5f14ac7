import { automationActor, type RecordedEvent, systemActor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { type ActionHistory, checkRule, DAY_MS, decideAction, matchEvent } from './automation-rules.js';
import type { ActionSpec, RuleSpec } from './automation-types.js';

const retrain: ActionSpec = { kind: 'retrain', pipeline: 'rain' };
const notify: ActionSpec = { kind: 'notify', url: 'https://example.org/hook' };
const spec: RuleSpec = {
  on: 'monitoring.alert-opened',
  where: { 'payload.kind': 'drift', 'subject.kind': 'alert' },
  actions: [retrain],
  coolDownMs: 60_000,
  maxPerDay: 2,
  dryRun: false,
  enabled: true,
};
const event: RecordedEvent = {
  seq: 7,
  id: 'e7',
  atMs: 1_000_000,
  type: 'monitoring.alert-opened',
  subject: { kind: 'alert', id: 'a1' },
  actor: systemActor,
  payload: { kind: 'drift', nested: { deep: 3 } },
  outcome: 'ok',
  requestId: null,
  hash: '',
  previousHash: '',
};
const idle: ActionHistory = { lastStartedAtMs: null, startedLastDay: 0, busyWith: null };

describe('an event', () => {
  it('meets a rule when its type and every named value are equal', () => {
    expect(matchEvent(spec, event)).toEqual({ matches: true });
    expect(matchEvent({ ...spec, where: { 'payload.nested.deep': 3 } }, event).matches).toBe(true);
    expect(matchEvent({ on: spec.on }, event).matches).toBe(true);
  });

  it('is told why it does not meet a rule', () => {
    const reason = (where: RuleSpec['where'], change: Partial<RecordedEvent> = {}) => {
      const match = matchEvent({ on: spec.on, ...(where && { where }) }, { ...event, ...change });
      return match.matches ? null : match.reason;
    };
    expect(reason({ 'payload.kind': 'latency' })).toBe('payload.kind is "drift", the rule asks for "latency"');
    expect(reason({ 'payload.nested.deep': '3' })).toContain('is 3');
    expect(reason({ 'payload.missing.deep': 1 })).toContain('is absent');
    expect(reason(undefined, { type: 'x.y' })).toContain('the event is x.y');
  });

  it('cannot be matched through inherited members', () => {
    expect(matchEvent({ ...spec, where: { 'payload.constructor.name': 'Object' } }, event).matches).toBe(false);
  });
});

describe('an action', () => {
  const decide = (change: { history?: Partial<ActionHistory>; spec?: Partial<RuleSpec>; action?: ActionSpec } = {}) =>
    decideAction({
      rule: { name: 'r', spec: { ...spec, ...change.spec } },
      action: change.action ?? retrain,
      event,
      history: { ...idle, ...change.history },
      nowMs: 2_000_000,
    });

  it('runs when nothing speaks against it', () => {
    expect(decide()).toEqual({ state: 'running', detail: "run the pipeline 'rain'" });
  });

  it('waits for the cool-down to end, to the millisecond', () => {
    expect(decide({ history: { lastStartedAtMs: 1_940_001 } })).toMatchObject({ state: 'suppressed' });
    expect(decide({ history: { lastStartedAtMs: 1_940_001 } }).detail).toContain('the cool-down is 1 min');
    expect(decide({ history: { lastStartedAtMs: 1_940_000 } }).state).toBe('running');
  });

  it('stops at the limit of a day', () => {
    expect(decide({ history: { startedLastDay: 1 } }).state).toBe('running');
    expect(decide({ history: { startedLastDay: 2 } })).toMatchObject({ state: 'suppressed' });
  });

  it('is held back while the same target is being changed; notifying changes nothing', () => {
    expect(decide({ history: { busyWith: 'x1' } }).detail).toContain('action run x1');
    expect(decide({ history: { busyWith: 'x1' }, action: notify }).state).toBe('running');
  });

  it('of a disabled rule or a dry run is only spoken of', () => {
    expect(decide({ spec: { enabled: false } }).detail).toContain('the rule is disabled');
    expect(decide({ spec: { dryRun: true } })).toMatchObject({ state: 'dry-run' });
    expect(decide({ spec: { dryRun: true }, history: { startedLastDay: 2 } }).state).toBe('suppressed');
  });

  it('does not set off its own rule again, but another one', () => {
    const by = (rule: string, change: Partial<RecordedEvent>) =>
      decideAction({
        rule: { name: rule, spec },
        action: retrain,
        event: { ...event, ...change },
        history: idle,
        nowMs: 2_000_000,
      }).state;
    expect(by('r', { actor: automationActor('r') })).toBe('suppressed');
    expect(by('s', { actor: automationActor('r') })).toBe('running');
    expect(by('r', { type: 'automation.action-finished', payload: { rule: 'r' } })).toBe('suppressed');
    expect(by('s', { type: 'automation.action-finished', payload: { rule: 'r' } })).toBe('running');
  });
});

describe('a rule', () => {
  it('is fine as it stands above', () => expect(checkRule('retrain-on-drift', spec)).toEqual([]));

  it('is refused with every reason at once', () => {
    const problems = checkRule('bad name', {
      ...spec,
      on: 'no type',
      where: { 'payload..x': 1 },
      coolDownMs: -1,
      maxPerDay: 0,
      actions: [
        { kind: 'notify', url: 'ftp://example.org' },
        { kind: 'notify', url: 'https://user:pw@example.org', secretEnv: 'A B' },
        { kind: 'retrain', pipeline: '../x' },
      ],
    });
    expect(problems).toHaveLength(9);
  });

  it('may not listen to decisions, its own included', () => {
    expect(checkRule('r', { ...spec, on: 'automation.action-decided' })).toHaveLength(1);
    expect(checkRule('r', { ...spec, actions: [] })).toHaveLength(1);
  });

  it('counts a day as 24 hours', () => expect(DAY_MS).toBe(24 * 3600 * 1000));
});
