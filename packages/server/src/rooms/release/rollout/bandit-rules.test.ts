import { addToSample, chooseArm, createRng, emptySample, sampleRatioTest } from '@fairlead/num';
import { describe, expect, it } from 'vitest';
import type { ModelSignature } from '../../training/index.js';
import type { ArmLog } from './arm-log-rules.js';
import { signatureProblem } from './arm-rules.js';
import { readBandit } from './experiment-rules.js';
import { judgeGuardrails } from './guardrail-rules.js';
import { counts, guardrails, log } from './rollout-rules.fixture.js';
import { checkRollout, decideRollout, type RolloutSituation } from './rollout-rules.js';
import type { BanditSpec } from './rollout-types.js';

const bandit: BanditSpec = {
  ...{ kind: 'bandit', algorithm: 'thompson', epsilon: 0.1, floor: 0.05, metric: 'accuracy', redrawMs: 1_000 },
  ...{ endAt: 0.99, minRewards: 100, guardrails, maxWaitMs: 60_000, onMaxWait: 'hold' },
};

describe('a bandit', () => {
  const decideWith = (candidate: ArmLog, stable: ArmLog, change: Partial<RolloutSituation> = {}) =>
    decideRollout(bandit, {
      ...{ step: 0, weight: 0.5, guardrails: [], requests: 0, waitedMs: 5_000, elapsedMs: 5_000 },
      ...{ force: false, paused: false, bandit: readBandit(bandit, { candidate, stable }), ...change },
    });

  it('gives more traffic to what earns more, never less than its floor', () => {
    const move = decideWith(log(60, 40), log(60, 30));
    expect(move).toMatchObject({ kind: 'move', step: 1 });
    expect(move.kind === 'move' && move.weight).toBeGreaterThan(0.9);
    expect(move.kind === 'move' && move.weight).toBeLessThanOrEqual(0.95);
    expect(decideWith(log(60, 40), log(60, 30), { waitedMs: 10 })).toMatchObject({ kind: 'wait' });
  });

  it('ends with the version that is the best almost surely, whichever it is', () => {
    expect(decideWith(log(500, 300), log(500, 200))).toMatchObject({ kind: 'finish' });
    expect(decideWith(log(500, 200), log(500, 300))).toMatchObject({ kind: 'roll-back' });
  });

  it('learns from rewards that are numbers', () => {
    const rewards = (mean: number) =>
      Array.from({ length: 200 }, (_, i) => mean + (i % 7)).reduce(addToSample, emptySample);
    const reading = readBandit(
      { ...bandit, metric: 'reward', algorithm: 'epsilon-greedy' },
      { candidate: log(0, 0, { rewards: rewards(1) }), stable: log(0, 0, { rewards: rewards(3) }) },
    );
    expect(reading.candidateBest).toBeLessThan(0.01);
    expect(reading.weight).toBeCloseTo(0.05 + 0.9 * 0.05, 12);
  });
});

describe('a bandit of many versions', () => {
  const failing = judgeGuardrails(guardrails, { candidate: counts({ requests: 500, errors: 400 }), stable: null });
  const decideWith = (logs: readonly [ArmLog, ArmLog, ArmLog, ArmLog], change: Partial<RolloutSituation> = {}) => {
    const [candidate, stable, third, fourth] = logs;
    const others = [
      { version: 3, log: third },
      { version: 4, log: fourth },
    ];
    return decideRollout(bandit, {
      ...{ step: 0, weight: 0.25, guardrails: [], requests: 0, waitedMs: 5_000, elapsedMs: 5_000 },
      others: others.map(({ version }) => ({ version, weight: 0.25, guardrails: [] })),
      ...{ force: false, paused: false, bandit: readBandit(bandit, { candidate, stable, others }), ...change },
    });
  };
  const even = [log(60, 30), log(60, 30), log(60, 30)] as const;

  it('draws all shares, none below the floor, together no more than one', () => {
    const move = decideWith([...even, log(60, 42)]);
    if (move.kind !== 'move') throw new Error(move.kind);
    const shares = [move.weight, ...(move.others?.values() ?? [])];
    expect(shares).toHaveLength(3);
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.05 - 1e-12);
    expect(move.others?.get(4)).toBeGreaterThan(0.6);
    expect(1 - shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThanOrEqual(0.05 - 1e-9);
    expect(move.reason).toBe('drawn anew after 60 rewards, stable version 60, version 3 60, version 4 60');
  });

  it('names the winner, whichever it is, and waits until the last has its rewards', () => {
    const [low, high] = [log(500, 200), log(500, 300)];
    expect(decideWith([low, low, low, high])).toMatchObject({
      kind: 'yield',
      version: 4,
      reason: expect.stringContaining('version 4 is the best with probability'),
    });
    expect(decideWith([high, low, low, low])).toMatchObject({ kind: 'finish' });
    expect(decideWith([low, high, low, low])).toMatchObject({ kind: 'roll-back' });
    expect(decideWith([low, low, log(99, 40), high])).toMatchObject({ kind: 'move' });
    expect(decideWith([...even, log(60, 42)], { waitedMs: 10 })).toMatchObject({
      kind: 'wait',
      reason: expect.stringMatching(/version 4 is the best with probability/),
    });
  });

  it('takes out what breaks a guardrail and gives its share to the others in proportion', () => {
    const others = [
      { version: 3, weight: 0.5, guardrails: failing },
      { version: 4, weight: 0.1, guardrails: [] },
    ];
    const decision = decideWith([...even, log(60, 30)], { weight: 0.3, others, paused: true });
    if (decision.kind !== 'take-out') throw new Error(decision.kind);
    expect(decision.out).toEqual([{ version: 3, reason: expect.stringMatching(/^Error ratio/) }]);
    expect(decision.weight).toBeCloseTo(0.6, 12);
    expect([...decision.others]).toEqual([[4, expect.closeTo(0.2, 12)]]);
    // The candidate's own goes back, whatever the others do.
    expect(decideWith([...even, log(60, 30)], { others, guardrails: failing })).toMatchObject({ kind: 'roll-back' });
  });

  it('refuses a floor that leaves no share, and a version twice', () => {
    expect(checkRollout({ ...bandit, floor: 0.3, arms: [3, 4] })).toEqual([
      'the floor of 4 versions is at most 0.25, got 0.3',
    ]);
    expect(checkRollout({ ...bandit, arms: [3, '3'] })).toEqual(['the bandit names the version 3 twice']);
  });

  it('has no arm that could not answer what its candidate answers', () => {
    const wind = { name: 'wind', type: 'number', nullable: true } as const;
    const date = { name: 'date', type: 'string', nullable: true } as const;
    const own: ModelSignature = {
      ...{ task: 'classification', inputs: [wind], target: 'rain', labels: ['no', 'yes'], contextColumns: ['date'] },
    };
    expect(signatureProblem(own, { ...own, labels: ['yes', 'no'] })).toBeNull();
    for (const [change, words] of [
      [{ task: 'regression' }, 'its task is regression, not classification'],
      [{ labels: ['no', 'maybe'] }, 'its labels are maybe, no, not no, yes'],
      [{ inputs: [] }, 'it does not know the column wind'],
      [{ contextColumns: [] }, 'it does not know the column date'],
      [{ inputs: [wind, date] }, 'it reads the column date, which the candidate does not'],
      [{ inputs: [{ ...wind, type: 'string' }] }, 'its column wind is string, not number'],
      [{ inputs: [{ ...wind, nullable: false }] }, 'it takes no missing value in the column wind'],
    ] as const) {
      expect(signatureProblem(own, { ...own, ...change } as ModelSignature)).toBe(words);
    }
  });

  /** 4 arms, 40 redraws of 100 requests each; rewards come two redraws late. Regret and the p-value of the shares that were got. */
  function simulate(algorithm: BanditSpec['algorithm'], seed: number): { regret: number; sharesP: number } {
    const truth = [0.3, 0.35, 0.32, 0.45];
    const rng = createRng(seed);
    const spec = { ...bandit, algorithm, floor: 0.02 };
    const known = truth.map(() => ({ trials: 0, successes: 0 }));
    const late: (typeof known)[] = [];
    const got = truth.map(() => 0);
    const planned = truth.map(() => 0);
    let regret = 0;
    for (let round = 0; round < 40; round++) {
      const [candidate, stable, third, fourth] = known.map(({ trials, successes }) => log(trials, successes));
      const others = [third, fourth].map((own, i) => ({ version: i + 3, log: own as ArmLog }));
      const { arms } = readBandit(spec, { candidate: candidate as ArmLog, stable: stable as ArmLog, others });
      const shares = Float64Array.from(arms, ({ weight }) => weight);
      const seen = truth.map(() => ({ trials: 0, successes: 0 }));
      for (let i = 0; i < 100; i++) {
        const arm = chooseArm(shares, rng.next());
        const own = seen[arm] as { trials: number; successes: number };
        own.trials++;
        if (rng.next() < (truth[arm] as number)) own.successes++;
        regret += 0.45 - (truth[arm] as number);
        got[arm] = (got[arm] as number) + 1;
        shares.forEach((share, j) => {
          planned[j] = (planned[j] as number) + share;
        });
      }
      late.push(seen);
      const arrived = round >= 2 ? late.shift() : undefined;
      arrived?.forEach(({ trials, successes }, arm) => {
        const own = known[arm] as { trials: number; successes: number };
        own.trials += trials;
        own.successes += successes;
      });
    }
    const sharesP = sampleRatioTest(
      got,
      planned.map((sum) => sum / 4_000),
    ).pValue;
    return { regret, sharesP };
  }

  it('loses less by Thompson sampling than by ε-greedy with late rewards, and each version gets its drawn shares', () => {
    const runs = Array.from({ length: 10 }, (_, seed) => seed);
    const total = (algorithm: BanditSpec['algorithm']) =>
      runs.reduce((sum, seed) => {
        const { regret, sharesP } = simulate(algorithm, seed);
        expect(sharesP).toBeGreaterThan(0.001);
        return sum + regret;
      }, 0);
    expect(total('thompson')).toBeLessThan(total('epsilon-greedy'));
  });
});
