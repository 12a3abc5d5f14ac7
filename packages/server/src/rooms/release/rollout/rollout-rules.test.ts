import { createRng } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import { emptyLog, readArmLogs } from './arm-log-rules.js';
import { judgeAbTest, planAbTest, readAbTest } from './experiment-rules.js';
import { judgeGuardrails } from './guardrail-rules.js';
import { counts, guardrails, log } from './rollout-rules.fixture.js';
import { checkRollout, decideRollout, describeWait, type RolloutSituation } from './rollout-rules.js';
import type { AbTestSpec, ArmCounts, BlueGreenSpec, CanarySpec } from './rollout-types.js';

const spec: CanarySpec = {
  kind: 'canary',
  steps: [
    { weight: 0.2, minRequests: 50 },
    { weight: 0.5, minRequests: 50 },
    { weight: 1, minRequests: 0 },
  ],
  guardrails,
  advance: 'auto',
  maxWaitMs: 1_000,
  onMaxWait: 'rollback',
};
const decide = (
  seen: Partial<ArmCounts>,
  change: Partial<RolloutSituation> & { of?: CanarySpec | BlueGreenSpec; stable?: ArmCounts } = {},
) => {
  const { of = spec, stable = null, ...situation } = change;
  const candidate = counts(seen);
  return decideRollout(of, {
    ...{ step: 0, weight: 0.2, waitedMs: 0, elapsedMs: 0, force: false, paused: false },
    guardrails: judgeGuardrails(of.guardrails, { candidate, stable }),
    requests: candidate.requests,
    ...situation,
  });
};
const verdictsOf = (rails: Parameters<typeof judgeGuardrails>) => judgeGuardrails(...rails).map((rail) => rail.verdict);

describe('what a rollout waits for', () => {
  it('is said in words: a person, or what its kind needs', () => {
    const at = { weight: 0.2, paused: false };
    expect(describeWait(spec, at)).toBe('the guardrails at 20 % of traffic');
    expect(describeWait({ ...spec, advance: 'manual' }, at)).toBe('somebody to take it on from 20 % of traffic');
    expect(describeWait(spec, { ...at, paused: true })).toBe('somebody to let the paused rollout go on');
  });
});

describe('a canary', () => {
  it('moves on when its guardrails held over enough requests', () => {
    expect(decide({})).toMatchObject({ kind: 'move', step: 1, weight: 0.5 });
    expect(decide({}, { step: 2 })).toMatchObject({ kind: 'finish' });
  });

  it('waits for more requests, and without any its guardrails say nothing', () => {
    expect(decide({ requests: 10, errors: 0 })).toMatchObject({
      kind: 'wait',
      reason: '10 of 50 requests at this step',
    });
    const none = counts({ requests: 0, errors: 0, p99Ms: Number.NaN });
    expect(verdictsOf([guardrails, { candidate: none, stable: null }])).toEqual(Array(3).fill('insufficient'));
    expect(decide(none)).toMatchObject({ kind: 'wait' });
  });

  it('neither goes on nor back while a guardrail cannot be judged: two errors of sixty may be chance', () => {
    expect(decide({ errors: 2 })).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('not to be judged yet'),
    });
    expect(decide({ errors: 2 }, { waitedMs: 1_001 })).toMatchObject({ kind: 'roll-back' });
  });

  it('goes back on any failed guardrail, also while forced, paused or held for a person', () => {
    const bad = { errors: 12 };
    expect(decide(bad)).toMatchObject({ kind: 'roll-back', reason: 'Error ratio 20 % of 60 requests, at most 2 %' });
    expect(decide(bad, { paused: true })).toMatchObject({ kind: 'roll-back' });
    expect(decide({ requests: 100, p99Ms: 101 }, { force: true })).toMatchObject({ kind: 'roll-back' });
    expect(decide({ nonFiniteOutputs: 1 }, { of: { ...spec, advance: 'manual' } })).toMatchObject({
      kind: 'roll-back',
    });
  });

  it('stands still while it is paused', () => {
    expect(decide({}, { paused: true })).toMatchObject({ kind: 'wait', reason: expect.stringContaining('paused') });
    expect(decide({ requests: 1, errors: 0 }, { paused: true, waitedMs: 1e9 })).toMatchObject({ kind: 'wait' });
  });

  it('is not blamed for what the stable version does too', () => {
    const stable = counts({ requests: 1_000, errors: 200 });
    expect(decide({ errors: 12 }, { stable })).toMatchObject({
      kind: 'wait',
      reason: expect.stringContaining('the stable version breaks it too: 20 % of 1000 requests'),
    });
  });

  it('applies the stated rule after the longest wait', () => {
    const few = { requests: 10, errors: 0 };
    expect(decide(few, { waitedMs: 1_001 })).toMatchObject({ kind: 'roll-back' });
    expect(decide(few, { waitedMs: 1_001, of: { ...spec, onMaxWait: 'hold' } })).toMatchObject({ kind: 'wait' });
  });

  it('under a manual policy moves only when somebody says so', () => {
    const manual = { of: { ...spec, advance: 'manual' } } as const;
    expect(decide({}, manual)).toMatchObject({ kind: 'wait' });
    expect(decide({ requests: 3, errors: 0 }, { ...manual, force: true })).toMatchObject({ kind: 'move', step: 1 });
  });

  it('must rise to all traffic', () => {
    expect(checkRollout(spec)).toEqual([]);
    const falling = {
      ...spec,
      steps: [
        { weight: 0.5, minRequests: 1 },
        { weight: 0.2, minRequests: 1 },
      ],
    };
    expect(checkRollout(falling)).toHaveLength(2);
  });

  it('with equal versions is called back by a compared guardrail in at most 1 % of 1,000 runs of 100 looks', () => {
    let wrong = 0;
    for (let seed = 0; seed < 1_000; seed += 1) {
      const rng = createRng(seed);
      const arms = [counts({ requests: 0, errors: 0 }), counts({ requests: 0, errors: 0 })] as [ArmCounts, ArmCounts];
      for (let look = 0; look < 100; look += 1) {
        for (const arm of [0, 1] as const) {
          let errors = 0;
          for (let i = 0; i < 10; i += 1) errors += Number(rng.next() < 0.05);
          arms[arm] = counts({ requests: arms[arm].requests + 10, errors: arms[arm].errors + errors });
        }
        const rails = judgeGuardrails(
          { ...guardrails, maxErrorRatio: 1, maxErrorIncrease: 0 },
          { candidate: arms[0], stable: arms[1] },
        );
        if (rails.every(({ verdict }) => verdict !== 'fail')) continue;
        wrong += 1;
        break;
      }
    }
    expect(wrong).toBeLessThanOrEqual(10);
  });
});

describe('a blue-green switch', () => {
  const blueGreen: BlueGreenSpec = {
    ...{ kind: 'blue-green', holdMs: 10_000, minRequests: 20, guardrails, maxWaitMs: 60_000, onMaxWait: 'hold' },
  };
  it('is released after it held, and goes back when a guardrail breaks', () => {
    const of = blueGreen;
    expect(decide({}, { of, waitedMs: 9_999 })).toMatchObject({ kind: 'wait' });
    expect(decide({}, { of, waitedMs: 10_000 })).toMatchObject({ kind: 'finish' });
    expect(decide({ requests: 3, errors: 0 }, { of, waitedMs: 10_000 })).toMatchObject({ kind: 'wait' });
    expect(decide({ errors: 30 }, { of, waitedMs: 5 })).toMatchObject({ kind: 'roll-back' });
  });
});

const armsOf = (candidate: number, stable: number) => ({
  candidate: counts({ requests: candidate, errors: 0 }),
  stable: counts({ requests: stable, errors: 0 }),
});

describe('an A/B test', () => {
  const test: AbTestSpec = {
    ...{ kind: 'ab-test', weight: 0.5, metric: 'accuracy', baseline: 0.8, effect: 0.05, alpha: 0.05, power: 0.8 },
    ...{ onNoDifference: 'hold', guardrails, maxWaitMs: 1_000, onMaxWait: 'rollback' },
  };
  const n = planAbTest(test).candidate;
  const judged = (right: [number, number], requests: [number, number] = [n, n]) => {
    const reading = readAbTest(test, armsOf(...requests), {
      candidate: log(requests[0], right[0]),
      stable: log(requests[1], right[1]),
    });
    return judgeAbTest(test, reading);
  };

  it('needs what the plan says, and says nothing before', () => {
    expect(n).toBe(906);
    expect(judged([800, 700], [n - 1, n - 1])).toBe('waiting');
  });

  it('is decided at its horizon', () => {
    expect(judged([800, 725])).toBe('better');
    expect(judged([700, 800])).toBe('worse');
    expect(judged([730, 725])).toBe('no-difference');
  });

  it('decides nothing when the versions did not get their shares', () => {
    expect(judged([1_000, 725], [1_200, n])).toBe('mismatch');
  });

  it('refuses a plan that cannot be carried out', () => {
    expect(checkRollout({ ...test, effect: 0.0005 })).toEqual([expect.stringContaining('look for a larger effect')]);
    expect(checkRollout({ ...test, metric: 'reward' })).toEqual([expect.stringContaining('standardDeviation')]);
    expect(checkRollout({ ...test, effect: 0.3 })).toEqual([expect.stringContaining('no share below 1')]);
  });
});

describe('guardrails from the prediction log', () => {
  const rowOf = (deploymentId: string, label: string, id: string, group = 'a') =>
    ({ deploymentId, label, id, inputs: { group } }) as never;
  const logsOf = (share: { candidate: number; stable: number }, outcomes = new Map()) => {
    const rows = Array.from({ length: 2_000 }, (_, i) => {
      const arm = i % 2 === 0 ? 'candidate' : 'stable';
      const yes = Math.floor(i / 2) % 100 < share[arm] * 100;
      return rowOf(arm, yes ? 'yes' : 'no', `p${i}`, i % 4 < 2 ? 'a' : 'b');
    });
    const logs = readArmLogs(rows, { outcomes, fairness: { column: 'group', label: 'yes' } });
    return { candidate: logs.get('candidate') ?? emptyLog(), stable: logs.get('stable') ?? emptyLog() };
  };
  const last = (rails: object, logs: ReturnType<typeof logsOf>) =>
    judgeGuardrails({ ...guardrails, ...rails }, armsOf(1_000, 1_000), logs).at(-1);

  it('notice answers that shifted, and only those', () => {
    expect(last({ maxPredictionShift: 0.1 }, logsOf({ candidate: 0.6, stable: 0.3 }))).toMatchObject({
      verdict: 'fail',
    });
    expect(last({ maxPredictionShift: 0.2 }, logsOf({ candidate: 0.3, stable: 0.3 }))).toMatchObject({
      verdict: 'pass',
    });
    expect(last({ maxPredictionShift: 0.01 }, logsOf({ candidate: 0.3, stable: 0.3 }))).toMatchObject({
      verdict: 'insufficient',
    });
  });

  it('notice a loss of accuracy once the truth is known', () => {
    const truth = new Map(Array.from({ length: 2_000 }, (_, i) => [`p${i}`, { label: 'yes', reward: null }]));
    const logs = logsOf({ candidate: 0.5, stable: 0.9 }, truth);
    expect(last({ maxAccuracyDrop: 0.05 }, logs)).toMatchObject({
      verdict: 'fail',
      observed: '40 %, 99 % interval 28.84 % to 50.21 %',
    });
    expect(last({ maxAccuracyDrop: 0.05 }, logsOf({ candidate: 0.5, stable: 0.9 }))).toMatchObject({
      verdict: 'insufficient',
    });
  });

  it('notice a loss of reward', () => {
    const worth = new Map(
      Array.from({ length: 2_000 }, (_, i) => [`p${i}`, { label: null, reward: (i % 2 === 0 ? 1 : 3) + (i % 5) }]),
    );
    expect(last({ maxRewardDrop: 0.5 }, logsOf({ candidate: 0.5, stable: 0.5 }, worth))).toMatchObject({
      verdict: 'fail',
    });
  });

  it('notice groups that are treated differently', () => {
    const fairness = { column: 'group', label: 'yes', maxDifference: 0.2 };
    expect(last({ fairness }, logsOf({ candidate: 0.5, stable: 0.5 }))).toMatchObject({ verdict: 'pass' });
    const unequal = {
      ...logsOf({ candidate: 0.5, stable: 0.5 }),
      candidate: {
        ...emptyLog(),
        groups: new Map([
          ['a', { successes: 400, trials: 500 }],
          ['b', { successes: 100, trials: 500 }],
        ]),
      },
    };
    expect(last({ fairness }, unequal)).toMatchObject({ verdict: 'fail' });
  });
});
