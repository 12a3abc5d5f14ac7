import { formatDuration } from '@fairlead/kernel';
import { counted, rounded, share } from '../measure-words.js';
import type { GateResult, OtherArm } from '../release-types.js';
import { floorProblem, sharesWithout } from './arm-rules.js';
import { type AbReading, type ArmReading, type BanditReading, judgeAbTest, planAbTest } from './experiment-rules.js';
import type { AbTestSpec, BanditSpec, BlueGreenSpec, CanarySpec, LongestWait, RolloutSpec } from './rollout-types.js';

export type RolloutDecision =
  /** The candidate's share changes; `step` counts the changes. */
  | {
      readonly kind: 'move';
      readonly step: number;
      readonly weight: number;
      /** Shares of the further arms, by version; what is left is the stable version's. */
      readonly others?: ReadonlyMap<number, number>;
      readonly reason: string;
    }
  /** Guardrails of further arms failed: they serve no longer, and the others get their part. */
  | {
      readonly kind: 'take-out';
      readonly step: number;
      readonly weight: number;
      readonly others: ReadonlyMap<number, number>;
      readonly out: readonly { readonly version: number; readonly reason: string }[];
      readonly reason: string;
    }
  | { readonly kind: 'finish'; readonly reason: string }
  /** A further arm has won: it takes all traffic, and the candidate none. */
  | { readonly kind: 'yield'; readonly version: number; readonly reason: string }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'roll-back'; readonly reason: string };

export interface RolloutSituation {
  readonly step: number;
  /** The candidate's share now. */
  readonly weight: number;
  readonly guardrails: readonly GateResult[];
  /** Further arms of a bandit that take part still. */
  readonly others?: readonly Pick<OtherArm, 'version' | 'weight' | 'guardrails'>[];
  /** The candidate's answered requests since the step began. */
  readonly requests: number;
  /** Since the step began. */
  readonly waitedMs: number;
  /** Since the rollout began. */
  readonly elapsedMs: number;
  /** Somebody asked to go on now: failed guardrails still count, everything else does not. */
  readonly force: boolean;
  /** Somebody stopped it: guardrails still count, nothing moves on. */
  readonly paused: boolean;
  readonly abTest?: AbReading;
  readonly bandit?: BanditReading;
}

/**
 * Where a rollout goes from here. A failed guardrail goes back whatever else is true, pauses included; that of a further arm takes
 * this arm out. A guardrail that
 * cannot be judged, and waiting, are never success: after the longest wait the stated rule applies.
 */
export function decideRollout(spec: RolloutSpec, situation: RolloutSituation): RolloutDecision {
  const broken = whatFailed(situation.guardrails);
  if (broken !== null) return { kind: 'roll-back', reason: broken };
  if (situation.force) return promote(spec, situation);
  const less = takeOut(situation);
  if (less !== null) return less;
  if (situation.paused) return { kind: 'wait', reason: 'paused; its guardrails are watched' };
  switch (spec.kind) {
    case 'all-at-once':
      return { kind: 'finish', reason: 'all at once' };
    case 'shadow':
      return { kind: 'wait', reason: 'answers nobody until somebody promotes it' };
    case 'canary':
      return decideCanary(spec, situation);
    case 'blue-green':
      return decideBlueGreen(spec, situation);
    case 'ab-test':
      return decideAbTest(spec, situation);
    case 'bandit':
      return decideBandit(spec, situation);
  }
}

/** Failed guardrails in words, or null. */
function whatFailed(guardrails: readonly GateResult[]): string | null {
  const broken = guardrails.filter((rail) => rail.verdict === 'fail');
  return broken.length === 0
    ? null
    : broken.map((rail) => `${rail.title} ${rail.observed}, ${rail.required}`).join('; ');
}

function takeOut({ step, weight, others = [] }: RolloutSituation): RolloutDecision | null {
  const out = others.flatMap(({ version, guardrails }) => {
    const reason = whatFailed(guardrails);
    return reason === null ? [] : [{ version, reason }];
  });
  if (out.length === 0) return null;
  const shares = sharesWithout(
    { weight, others },
    out.map(({ version }) => version),
  );
  const reason = out.map((arm) => `version ${arm.version} is taken out: ${arm.reason}`).join('; ');
  return { kind: 'take-out', step: step + 1, ...shares, out, reason };
}

/** A canary goes to its next step, everything else to the end. */
function promote(spec: RolloutSpec, { step }: RolloutSituation): RolloutDecision {
  const next = spec.kind === 'canary' ? spec.steps[step + 1] : undefined;
  if (next === undefined) return { kind: 'finish', reason: 'promoted by hand' };
  return { kind: 'move', step: step + 1, weight: next.weight, reason: 'advanced by hand' };
}

function decideCanary(spec: CanarySpec, situation: RolloutSituation): RolloutDecision {
  const { step, requests } = situation;
  if (spec.advance === 'manual') return { kind: 'wait', reason: 'every step is taken by a person' };
  const needed = spec.steps[step]?.minRequests ?? 0;
  const missing = whatIsMissing(situation, needed);
  if (missing !== null) return waitOrEnd(spec, { missing, waitedMs: situation.waitedMs });
  const next = spec.steps[step + 1];
  if (next === undefined) return { kind: 'finish', reason: 'all guardrails held at the last step' };
  return { kind: 'move', step: step + 1, weight: next.weight, reason: `guardrails held over ${requests} requests` };
}

function decideBlueGreen(spec: BlueGreenSpec, situation: RolloutSituation): RolloutDecision {
  const { waitedMs } = situation;
  if (waitedMs < spec.holdMs) {
    return { kind: 'wait', reason: `serves everything; held for ${inSeconds(waitedMs)} of ${inSeconds(spec.holdMs)}` };
  }
  const missing = whatIsMissing(situation, spec.minRequests);
  if (missing !== null) return waitOrEnd(spec, { missing, waitedMs });
  return { kind: 'finish', reason: `guardrails held for ${inSeconds(waitedMs)}` };
}

function decideAbTest(spec: AbTestSpec, situation: RolloutSituation): RolloutDecision {
  const { abTest: reading, elapsedMs } = situation;
  if (reading === undefined) return { kind: 'wait', reason: 'the observations are being counted' };
  const { plan, observed, result } = reading;
  const progress = `${observed.candidate} of ${plan.candidate} observations, stable version ${observed.stable} of ${plan.stable}`;
  switch (judgeAbTest(spec, reading)) {
    case 'mismatch':
      return waitOrEnd(spec, {
        missing: `the versions did not get their shares (sample ratio p ${reading.sampleRatioP.toExponential(1)}): nothing is decided`,
        waitedMs: elapsedMs,
      });
    case 'waiting':
      return waitOrEnd(spec, { missing: progress, waitedMs: elapsedMs });
    case 'better':
      return { kind: 'finish', reason: `better at the horizon: ${inWords(result)}` };
    case 'worse':
      return { kind: 'roll-back', reason: `worse at the horizon: ${inWords(result)}` };
    case 'no-difference': {
      const reason = `no difference at the horizon: ${inWords(result)}`;
      if (spec.onNoDifference === 'promote') return { kind: 'finish', reason };
      return spec.onNoDifference === 'rollback' ? { kind: 'roll-back', reason } : { kind: 'wait', reason };
    }
  }
}

/** Shares that move by less than this are left alone: every move is a routing table. */
const LEAST_MOVE = 0.01;

function decideBandit(spec: BanditSpec, situation: RolloutSituation): RolloutDecision {
  const { bandit: reading, step, weight, others = [], waitedMs, elapsedMs } = situation;
  if (reading === undefined) return { kind: 'wait', reason: 'the rewards are being counted' };
  const { arms, candidateBest } = reading;
  const rewards = inRewards(reading);
  const leading = arms.reduce((best, arm) => (arm.best > best.best ? arm : best));
  const known = Math.min(...arms.map(({ observed }) => observed)) >= spec.minRewards;
  if (known && leading.best >= spec.endAt) return decideFor(leading, rewards);
  if (elapsedMs > spec.maxWaitMs) return waitOrEnd(spec, { missing: rewards, waitedMs: elapsedMs });
  const drawn = new Map(arms.flatMap((arm) => (arm.version === undefined ? [] : [[arm.version, arm.weight]])));
  const moved = Math.max(
    Math.abs(reading.weight - weight),
    ...others.map((arm) => Math.abs((drawn.get(arm.version) ?? 0) - arm.weight)),
  );
  if (waitedMs < spec.redrawMs || moved < LEAST_MOVE) {
    const chance =
      arms.length === 2
        ? `the better one with probability ${rounded(candidateBest)}`
        : `${nameOf(leading)} is the best with probability ${rounded(leading.best)}`;
    return { kind: 'wait', reason: `${rewards}; ${chance}` };
  }
  const move = { kind: 'move', step: step + 1, weight: reading.weight, reason: `drawn anew after ${rewards}` } as const;
  return others.length === 0 ? move : { ...move, others: drawn };
}

function decideFor(winner: ArmReading, rewards: string): RolloutDecision {
  const chance = `the best with probability ${Math.floor(winner.best * 1e4) / 1e4} after ${rewards}`;
  if (winner.version !== undefined) {
    return { kind: 'yield', version: winner.version, reason: `version ${winner.version} is ${chance}` };
  }
  return winner.role === 'candidate'
    ? { kind: 'finish', reason: chance }
    : { kind: 'roll-back', reason: `the stable version is ${chance}` };
}

/** `60 rewards, stable version 58, version 3 61`; the first are the candidate's. */
function inRewards({ arms }: BanditReading): string {
  const [candidate, ...rest] = arms;
  return [
    counted(candidate?.observed ?? 0, 'reward'),
    ...rest.map((arm) => `${nameOf(arm).replace('the ', '')} ${arm.observed}`),
  ].join(', ');
}

const nameOf = ({ role, version }: ArmReading) =>
  version !== undefined ? `version ${version}` : role === 'candidate' ? 'the candidate' : 'the stable version';

/** What a rollout that is under way waits for, in words. */
export function describeWait(spec: RolloutSpec, { weight, paused }: { weight: number; paused: boolean }): string {
  if (paused) return 'somebody to let the paused rollout go on';
  if (spec.kind === 'shadow') return 'somebody to promote the shadow';
  if (spec.kind === 'ab-test') return 'the observations that the test was planned for';
  if (spec.kind === 'bandit') return 'rewards that tell which version is the best';
  if (spec.kind === 'canary' && spec.advance === 'manual')
    return `somebody to take it on from ${share(weight)} of traffic`;
  return `the guardrails at ${share(weight)} of traffic`;
}

/** Why a step cannot be judged yet, or null. */
function whatIsMissing({ requests, guardrails }: RolloutSituation, needed: number): string | null {
  if (requests < needed) return `${requests} of ${needed} requests at this step`;
  const open = guardrails.filter((rail) => rail.verdict === 'insufficient' && needed > 0);
  if (open.length === 0) return null;
  return `not to be judged yet: ${open.map((rail) => `${rail.title} (${rail.observed})`).join(', ')}`;
}

function waitOrEnd(
  { maxWaitMs, onMaxWait }: LongestWait,
  { missing, waitedMs }: { missing: string; waitedMs: number },
): RolloutDecision {
  if (waitedMs <= maxWaitMs) return { kind: 'wait', reason: missing };
  return onMaxWait === 'rollback'
    ? { kind: 'roll-back', reason: `within the longest wait only ${missing}` }
    : { kind: 'wait', reason: `held after the longest wait: ${missing}` };
}

/** Tenths of a second would change with every look. */
const inSeconds = (ms: number) => formatDuration(Math.round(ms / 1000) * 1000).replace('.0 s', ' s');

function inWords(result: AbReading['result']): string {
  if (result === null) return '';
  const { estimate, lower, upper } = result.difference;
  return `${rounded(estimate)}, interval ${rounded(lower)} to ${rounded(upper)}, p ${result.pValue.toPrecision(2)}`;
}

/** Problems of a policy's rollout in words; empty when it is sound. */
export function checkRollout(rollout: RolloutSpec): string[] {
  if (rollout.kind === 'ab-test') return checkPlan(rollout);
  if (rollout.kind === 'bandit') {
    return checkBandit(rollout);
  }
  if (rollout.kind !== 'canary') return [];
  const weights = rollout.steps.map((step) => step.weight);
  const rising = weights.every((weight, i) => i === 0 || weight > (weights[i - 1] ?? 0));
  return [
    ...(rising ? [] : [`canary weights must rise, got ${weights.join(', ')}`]),
    ...(weights.at(-1) === 1 ? [] : [`the last canary weight must be 1, got ${weights.at(-1)}`]),
  ];
}

function checkBandit({ floor, arms = [] }: BanditSpec): string[] {
  const names = arms.map(String);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  const problem = floorProblem(floor, arms.length + 2);
  return [
    ...(twice === undefined ? [] : [`the bandit names the version ${twice} twice`]),
    ...(problem === null ? [] : [problem]),
  ];
}

/** The most observations of an arm that are read back from the prediction log. */
const MAX_OBSERVATIONS = 100_000;

function checkPlan(spec: AbTestSpec): string[] {
  const scale = spec.metric === 'accuracy' ? 'baseline' : 'standardDeviation';
  if (spec[scale] === undefined) return [`an A/B test of ${spec.metric} needs ${scale}`];
  if (spec.metric === 'accuracy' && (spec.baseline ?? 0) + spec.effect >= 1) {
    return [`baseline ${spec.baseline} with the effect ${spec.effect} is no share below 1`];
  }
  const { candidate, stable } = planAbTest(spec);
  const most = Math.max(candidate, stable);
  if (most <= MAX_OBSERVATIONS) return [];
  return [
    `the A/B test needs ${most} observations of one version, more than ${MAX_OBSERVATIONS}: look for a larger effect, or give both versions the same share`,
  ];
}
