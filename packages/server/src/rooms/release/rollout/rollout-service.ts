import { isDeepStrictEqual } from 'node:util';
import type { ChangeContext } from '../../../platform/db/index.js';
import { configurationDigest } from '../../serving/index.js';
import type { ReleaseDeps, ReleaseParts } from '../release-deps.js';
import { releaseErrors } from '../release-errors.js';
import { loadPolicy, loadRelease, requireState, saveRelease } from '../release-record.js';
import type { Release, Rollout } from '../release-types.js';
import { expireIfOld } from '../sign-service.js';
import { stableOf } from '../stable-version.js';
import { expiredWaiver } from '../waiver-rules.js';
import type { ShadowComparison } from './arm-log-rules.js';
import { readAbTest, readBandit } from './experiment-rules.js';
import { type Arms, judgeGuardrails, needsLog } from './guardrail-rules.js';
import { observeArms } from './observe-arms.js';
import { abandon, finish, moveTo } from './rollout-moves.js';
import { decideRollout, type RolloutSituation } from './rollout-rules.js';
import type { RolloutSpec } from './rollout-types.js';

/** Starts the rollout of an approved release: loads it in production and gives it its first share of traffic. */
export async function startRollout(deps: ReleaseDeps, context: ChangeContext, id: string): Promise<Release> {
  const approved = await expireIfOld(deps, context, await loadRelease(deps, id));
  requireState(approved, ['approved'], 'rolled out');
  const { endpoint, environment } = approved;
  const { rollout: spec, digest } = await loadPolicy(deps, approved);
  if (digest !== approved.policyDigest) {
    throw releaseErrors.REL_WRONG_STATE(`Release ${id} was approved under another policy.`, { data: { id, digest } });
  }
  const { configuration } = await deps.serving.endpoint(endpoint);
  await refuseOtherConfiguration(deps, approved, configurationDigest(configuration));
  const version = await deps.registry.version(approved.model, approved.version);
  const deployment = await deps.serving.deploy(context, { endpoint, environment, version });
  // Somebody may have changed it while the model was loaded.
  await refuseOtherConfiguration(deps, approved, deployment.configurationDigest);
  const stable = stableOf(await deps.serving.routing(endpoint, environment));
  const release = { ...approved, productionDeploymentId: deployment.id };
  // Nothing to compare with: the first release of an endpoint takes all its traffic whatever the strategy.
  if (stable === undefined) return finish(deps, context, { release, reason: 'first release of the endpoint' });
  if (stable.deploymentId === deployment.id) return finish(deps, context, { release, reason: 'it is live already' });
  if (spec.kind === 'all-at-once') return finish(deps, context, { release, reason: 'all at once' });
  if (spec.kind === 'canary' && spec.steps.length === 1) {
    return finish(deps, context, { release, reason: 'canary of a single step' });
  }
  const move = { release, spec, step: 0, weight: firstWeight(spec), stable: stable.deploymentId };
  return moveTo(deps, context, { ...move, reason: `${spec.kind} begins` });
}

/**
 * The way a model is served is part of what was tested and signed: bytes that were approved behind our own runtime are not
 * approved behind somebody's program.
 */
async function refuseOtherConfiguration(
  { serving }: ReleaseDeps,
  { id, endpoint, testDeploymentId }: Release,
  now: string,
) {
  if (testDeploymentId === null) return;
  const tested = (await serving.deployment(testDeploymentId)).configurationDigest;
  if (tested === now) return;
  throw releaseErrors.REL_CONFIGURATION_CHANGED(
    `The configuration of '${endpoint}' changed since the gates of release ${id} ran.`,
    { data: { id, endpoint, tested, now } },
  );
}

/** A bandit that knows nothing yet shares alike. */
function firstWeight(spec: RolloutSpec): number {
  switch (spec.kind) {
    case 'canary':
      return spec.steps[0]?.weight ?? 1;
    case 'ab-test':
      return spec.weight;
    case 'bandit':
      return 0.5;
    case 'shadow':
      return 0;
    default:
      return 1;
  }
}

/** Judges the guardrails of a rollout and moves it on, back, or nowhere. */
export async function advanceRollout(
  deps: ReleaseParts,
  context: ChangeContext,
  { id, force }: { id: string; force: boolean },
): Promise<Release> {
  const release = await loadRelease(deps, id);
  requireState(release, ['rolling-out'], 'advanced');
  const { rollout } = release;
  if (rollout === null) return release;
  const routing = await deps.serving.routing(release.endpoint, release.environment);
  const stable = stableOf(routing, release.productionDeploymentId)?.deploymentId;
  const seen = await look(deps, { release, rollout, stable, fresh: force });
  const nowMs = deps.clock.nowMs();
  const { arms, guardrails } = seen;
  const decision = decideRollout(rollout.spec, {
    ...seen,
    step: rollout.step,
    weight: rollout.weight,
    requests: arms.candidate.requests,
    ...timesOf(rollout, nowMs),
    force,
    paused: rollout.paused != null,
  });
  const judged: Rollout = { ...rollout, guardrails, ...readingsOf(seen) };
  const { reason } = decision;
  const waiver = expiredWaiver(release.waivers, nowMs);
  if (waiver !== undefined && (decision.kind === 'move' || decision.kind === 'finish')) {
    // It goes back on a failed guardrail all the same.
    const stays = `stays where it is: the waiver of the gate ${waiver.kind} has ended`;
    return note(deps, context, { release, rollout: { ...judged, note: stays } });
  }
  const inFull = { ...release, rollout: judged };
  if (decision.kind === 'finish' || (decision.kind === 'move' && isLast(rollout.spec, decision.step))) {
    return finish(deps, context, { release: inFull, reason });
  }
  if (decision.kind === 'wait') return note(deps, context, { release, rollout: { ...judged, note: reason } });
  if (stable === undefined) {
    // Somebody has taken the version to go back to out of the routing table: nothing can move until there is one.
    return note(deps, context, { release, rollout: { ...judged, note: `${reason}; there is no version beside it` } });
  }
  if (decision.kind === 'roll-back') return abandon(deps, context, { release: inFull, stable, reason });
  const { step, weight } = decision;
  return moveTo(deps, context, {
    release: inFull,
    spec: rollout.spec,
    step,
    weight,
    stable,
    reason,
    ...(rollout.spec.kind === 'bandit' && { carried: arms }),
  });
}

interface LookAt {
  readonly release: Release;
  readonly rollout: Rollout;
  readonly stable: string | undefined;
  readonly fresh: boolean;
}

interface Sight extends Pick<RolloutSituation, 'guardrails' | 'abTest' | 'bandit'> {
  readonly arms: Arms;
  readonly shadow?: ShadowComparison;
}

/** Counts always; the prediction log only for rollouts that ask something of it. */
async function look(deps: ReleaseParts, { release, rollout, stable, fresh }: LookAt): Promise<Sight> {
  const { spec } = rollout;
  const arms = await observeArms(deps, release, stable);
  const rails = 'guardrails' in spec ? spec.guardrails : undefined;
  const experiment = spec.kind === 'ab-test' || spec.kind === 'bandit';
  const wanted =
    stable !== undefined && (experiment || spec.kind === 'shadow' || (rails !== undefined && needsLog(rails)));
  const logs = wanted
    ? await deps.armLogs.read(release, {
        stable,
        fromMs: (experiment ? rollout.startedAtMs : undefined) ?? rollout.sinceMs,
        fairness: rails?.fairness,
        fresh,
      })
    : undefined;
  return {
    arms,
    guardrails: rails === undefined ? [] : judgeGuardrails(rails, arms, logs),
    ...(logs !== undefined && spec.kind === 'ab-test' && { abTest: readAbTest(spec, arms, logs) }),
    ...(logs !== undefined && spec.kind === 'bandit' && { bandit: readBandit(spec, logs) }),
    ...(logs !== undefined && spec.kind === 'shadow' && { shadow: logs.shadow }),
  };
}

/** How long a rollout and its step have gone on, pauses left out. A clock that was set back has waited for nothing. */
function timesOf(rollout: Rollout, nowMs: number): { waitedMs: number; elapsedMs: number } {
  const { sinceMs, startedAtMs = sinceMs, paused, pausedMs = 0, stepPausedMs = 0 } = rollout;
  const untilMs = paused?.sinceMs ?? nowMs;
  return {
    waitedMs: Math.max(0, untilMs - sinceMs - stepPausedMs),
    elapsedMs: Math.max(0, untilMs - startedAtMs - pausedMs),
  };
}

/** What of the readings people see on the release. */
function readingsOf({ abTest, bandit, shadow }: Sight): Pick<Rollout, 'experiment'> {
  const reading = abTest ?? bandit ?? shadow;
  return reading === undefined ? {} : { experiment: { ...reading } };
}

/** Writes down what the last look found, when it differs from the look before. */
export async function note(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, rollout }: { release: Release; rollout: Rollout },
): Promise<Release> {
  const before = release.rollout;
  const verdicts = (found: Rollout | null) => found?.guardrails.map(({ title, verdict }) => [title, verdict]);
  const same =
    before?.note === rollout.note &&
    isDeepStrictEqual(verdicts(before), verdicts(rollout)) &&
    isDeepStrictEqual(before.experiment, rollout.experiment);
  if (same) return release;
  return deps.db.transact(context, (tx) => saveRelease(deps, tx, { release, change: { rollout } }));
}

function isLast(spec: RolloutSpec, step: number): boolean {
  return spec.kind === 'canary' && step >= spec.steps.length - 1 && spec.steps[step]?.minRequests === 0;
}
