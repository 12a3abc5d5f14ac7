import { describe, expect, it } from 'vitest';
import type { MonitorReport, MonitorSpec } from '../monitoring-types.js';
import { driftConfirmed, type KeptAlert, stepAlert } from './alert-rules.js';
import { type Finding, findingsOf } from './findings-rules.js';

const facts = (nowMs: number) => ({ newId: `n${nowMs}`, monitor: 'm', endpoint: 'e', reportId: `r${nowMs}`, nowMs });
const found = (severity: 'warning' | 'critical'): Finding => ({
  ...{ kind: 'drift', state: 'found', severity, title: 'moved', evidence: 'x' },
});
const clear: Finding = { kind: 'drift', state: 'clear' };
const unknown: Finding = { kind: 'drift', state: 'unknown' };

/** What happens to one alert over findings, step by step. */
function play(findings: readonly Finding[]): string[] {
  let active: KeptAlert | undefined;
  return findings.map((finding, i) => {
    const step = stepAlert(active, finding, facts(i));
    if (step.do !== 'nothing') active = step.do === 'resolve' ? undefined : step.alert;
    return step.do;
  });
}

describe('an alert', () => {
  it('opens once, is brought up to date, and resolves after two clean checks running', () => {
    expect(play([clear, found('warning'), found('warning'), clear, clear, clear])).toEqual([
      ...['nothing', 'open', 'update', 'update', 'resolve', 'nothing'],
    ]);
  });

  it('starts to count anew when the condition comes back, and does not count checks that know nothing', () => {
    expect(play([found('warning'), clear, found('warning'), clear, unknown, clear])).toEqual([
      ...['open', 'update', 'update', 'update', 'nothing', 'resolve'],
    ]);
  });

  it('tells once that it became critical', () => {
    expect(play([found('warning'), found('critical'), found('critical'), found('warning')])).toEqual([
      ...['open', 'escalate', 'update', 'update'],
    ]);
  });
});

const spec: MonitorSpec = {
  ...{ endpoint: 'e', windowRows: 60, minRows: 30, reference: 'training', everyRows: 0 },
  drift: { alpha: 0.05, minEffect: 0.1 },
};
const report = (change: Partial<MonitorReport>): MonitorReport => ({
  ...{ id: 'r', monitor: 'm', endpoint: 'e', environment: 'production', version: 2, windowRows: 60 },
  ...{ fromMs: 0, untilMs: 1, reference: '', integrity: 'pass', driftVerdict: 'no-drift', columns: [], output: null },
  drifted: { columns: 0, judged: 5 },
  performance: null,
  service: { requests: 60, errorRatio: 0, p50Ms: 1, p95Ms: 2, p99Ms: 3 },
  createdAtMs: 0,
  ...change,
});
const states = (change: Partial<MonitorReport>, of = spec) =>
  findingsOf(report(change), of, []).map(({ kind, state }) => `${kind} ${state}`);

describe('the findings of a report', () => {
  it('are clear on a good day and unknown where rows are too few', () => {
    expect(states({})).toEqual([
      ...['drift clear', 'integrity clear', 'performance clear', 'errors clear', 'latency clear'],
    ]);
    const few = { driftVerdict: 'insufficient', integrity: 'insufficient' } as const;
    const service = { requests: 5, errorRatio: 1, p50Ms: 1, p95Ms: 9_999, p99Ms: 9_999 };
    expect(states({ ...few, service }, { ...spec, performance: { metric: 'brier', worseBy: 0 } })).toEqual([
      ...['drift unknown', 'integrity unknown', 'performance unknown', 'errors unknown', 'latency unknown'],
    ]);
  });

  it('name failing and slow services by the limits of the monitor', () => {
    const service = { requests: 100, errorRatio: 0.06, p50Ms: 1, p95Ms: 1_200, p99Ms: 2_000 };
    expect(states({ service })).toEqual(expect.arrayContaining(['errors found', 'latency found']));
    const lenient = { ...spec, service: { maxErrorRatio: 0.1, maxP95Ms: 2_000 } };
    expect(states({ service }, lenient)).toEqual(expect.arrayContaining(['errors clear', 'latency clear']));
    const [, , , errors] = findingsOf(report({ service }), spec, []);
    expect(errors).toMatchObject({ evidence: '6 % of 100 requests failed, allowed 5 %' });
  });
});

describe('a small drift', () => {
  // Newest first: d drift, n none, i too few rows.
  const checks = (verdicts: string, change: (i: number) => Partial<MonitorReport> = () => ({})) =>
    [...verdicts].map((verdict, i) =>
      report({
        driftVerdict: verdict === 'd' ? 'drift' : verdict === 'n' ? 'no-drift' : 'insufficient',
        ...{ fromMs: -i, untilMs: 100 - i },
        ...change(i),
      }),
    );
  const two = { alpha: 0.01, minEffect: 0.1, confirm: { checks: 2, of: 3 } };

  it('is believed when two checks running found it', () => {
    expect(driftConfirmed(checks('d'), spec.drift)).toBe(false);
    expect(driftConfirmed(checks('dnd'), spec.drift)).toBe(false);
    expect(driftConfirmed(checks('dd'), spec.drift)).toBe(true);
    expect(driftConfirmed(checks('did'), spec.drift)).toBe(true);
  });

  it('is believed by the rule of the monitor', () => {
    expect(driftConfirmed(checks('dnd'), two)).toBe(true);
    expect(driftConfirmed(checks('dnnd'), two)).toBe(false);
    expect(driftConfirmed(checks('d'), { ...two, confirm: { checks: 1, of: 1 } })).toBe(true);
  });

  it('is not confirmed by another version, nor by the same window looked at twice', () => {
    expect(
      driftConfirmed(
        checks('dd', (i) => ({ version: 2 - i })),
        spec.drift,
      ),
    ).toBe(false);
    expect(
      driftConfirmed(
        checks('dd', () => ({ fromMs: 0, untilMs: 1 })),
        spec.drift,
      ),
    ).toBe(false);
  });
});
