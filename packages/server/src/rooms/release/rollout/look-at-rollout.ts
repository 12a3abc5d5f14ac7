import type { ReleaseParts } from '../release-deps.js';
import type { GateResult, OtherArm, Release, Rollout } from '../release-types.js';
import type { ArmLog, ShadowComparison } from './arm-log-rules.js';
import { inPlay } from './arm-rules.js';
import { type BanditLogs, readAbTest, readBandit } from './experiment-rules.js';
import { type Arms, judgeGuardrails, needsLog } from './guardrail-rules.js';
import { observeArms } from './observe-arms.js';
import type { RolloutSituation } from './rollout-rules.js';
import type { ArmCounts } from './rollout-types.js';

interface LookAt {
  readonly release: Release;
  readonly rollout: Rollout;
  /** Deployment of the stable version. */
  readonly stable: string | undefined;
  /** Somebody asked: what was read before is not good enough. */
  readonly fresh: boolean;
}

/** A further arm as it is judged now, and what it has counted. */
export interface SeenArm {
  readonly arm: OtherArm;
  readonly counts: ArmCounts;
}

export interface Sight extends Pick<RolloutSituation, 'abTest' | 'bandit'> {
  readonly guardrails: readonly GateResult[];
  readonly arms: Arms;
  /** Those that take part still. */
  readonly others: readonly SeenArm[];
  readonly shadow?: ShadowComparison;
}

/** What is seen of a rollout now. Counts always; the prediction log only for rollouts that ask something of it. */
export async function lookAtRollout(deps: ReleaseParts, { release, rollout, stable, fresh }: LookAt): Promise<Sight> {
  const { spec } = rollout;
  const { others: counts, ...arms } = await observeArms(deps, release, stable);
  const taking = inPlay(rollout.others);
  const rails = 'guardrails' in spec ? spec.guardrails : undefined;
  const experiment = spec.kind === 'ab-test' || spec.kind === 'bandit';
  const wanted =
    stable !== undefined && (experiment || spec.kind === 'shadow' || (rails !== undefined && needsLog(rails)));
  const logs = wanted
    ? await deps.armLogs.read(release, {
        stable,
        others: taking.map(({ deploymentId }) => deploymentId),
        fromMs: (experiment ? rollout.startedAtMs : undefined) ?? rollout.sinceMs,
        fairness: rails?.fairness,
        fresh,
      })
    : undefined;
  const others = taking.map((arm, i): SeenArm & { log: ArmLog | undefined } => {
    const own = counts[i] as ArmCounts;
    const log = logs?.others.get(arm.deploymentId);
    const seen = log === undefined ? undefined : { candidate: log, stable: logs?.stable ?? null };
    const guardrails = rails === undefined ? [] : judgeGuardrails(rails, { candidate: own, stable: arms.stable }, seen);
    return { arm: { ...arm, guardrails }, counts: own, log };
  });
  // Read before an arm was taken out or named: wait for the next reading.
  const known = others.flatMap(({ arm, log }) => (log === undefined ? [] : [{ version: arm.version, log }]));
  const bandit: BanditLogs | undefined =
    logs && known.length === taking.length ? { ...logs, others: known } : undefined;
  return {
    arms,
    guardrails: rails === undefined ? [] : judgeGuardrails(rails, arms, logs),
    others: others.map(({ arm, counts: own }) => ({ arm, counts: own })),
    ...(logs !== undefined && spec.kind === 'ab-test' && { abTest: readAbTest(spec, arms, logs) }),
    ...(bandit !== undefined && spec.kind === 'bandit' && { bandit: readBandit(spec, bandit) }),
    ...(logs !== undefined && spec.kind === 'shadow' && { shadow: logs.shadow }),
  };
}

/** What of the readings people see on the release. */
export function readingsOf({ abTest, bandit, shadow }: Sight): Pick<Rollout, 'experiment'> {
  const reading = abTest ?? bandit ?? shadow;
  return reading === undefined ? {} : { experiment: { ...reading } };
}
