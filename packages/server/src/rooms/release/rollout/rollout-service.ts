import { isDeepStrictEqual } from 'node:util';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { ReleaseDeps, ReleaseParts } from '../release-deps.js';
import { loadRelease, requireState, saveRelease } from '../release-record.js';
import type { OtherArm, Release, Rollout, Waiver } from '../release-types.js';
import { stableOf } from '../stable-version.js';
import { expiredWaiver } from '../waiver-rules.js';
import { inPlay } from './arm-rules.js';
import { lookAtRollout, readingsOf, type Sight } from './look-at-rollout.js';
import { keptCounts } from './observe-arms.js';
import { abandon, finish, moveTo, yieldTo } from './rollout-moves.js';
import { decideRollout, type RolloutDecision } from './rollout-rules.js';
import type { RolloutSpec } from './rollout-types.js';

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
  const stable = stableOf(routing, release);
  const seen = await lookAtRollout(deps, { release, rollout, stable: stable?.deploymentId, fresh: force });
  const nowMs = deps.clock.nowMs();
  const { arms, guardrails } = seen;
  const decision = decideRollout(rollout.spec, {
    ...seen,
    others: seen.others.map(({ arm }) => arm),
    step: rollout.step,
    weight: rollout.weight,
    requests: arms.candidate.requests,
    ...timesOf(rollout, nowMs),
    force,
    paused: rollout.paused != null,
  });
  const judged: Rollout = {
    ...{ ...rollout, guardrails, ...readingsOf(seen) },
    ...(stable !== undefined && { stableVersion: stable.version }),
    ...(rollout.others !== undefined && { others: judgedOthers(rollout.others, seen) }),
  };
  const { reason } = decision;
  const waiver = expiredWaiver(await waiversOf(deps, release), nowMs);
  if (waiver !== undefined && ['move', 'finish', 'yield'].includes(decision.kind)) {
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
  if (decision.kind === 'roll-back') {
    return abandon(deps, context, { release: inFull, stable: stable.deploymentId, reason });
  }
  const others = judged.others ?? [];
  if (decision.kind === 'yield') {
    const winner = others.find(({ version }) => version === decision.version) as OtherArm;
    return yieldTo(deps, context, { release: inFull, winner, reason });
  }
  const after = othersAfter(decision, { others, seen: seen.others, nowMs });
  return moveTo(deps, context, {
    ...{ release: inFull, spec: rollout.spec, step: decision.step, weight: decision.weight, stable, reason },
    others: after,
    out: after.filter(({ takenOut }) => takenOut?.atMs === nowMs),
    ...(rollout.spec.kind === 'bandit' && {
      carried: { candidate: keptCounts(arms.candidate), stable: arms.stable && keptCounts(arms.stable) },
    }),
  });
}

const judgedOthers = (others: readonly OtherArm[], seen: Sight) =>
  others.map((arm) => seen.others.find((one) => one.arm.version === arm.version)?.arm ?? arm);

/** Waivers that the approvals of the candidate and of the arms stand on. */
async function waiversOf(deps: ReleaseDeps, { waivers = [], rollout }: Release): Promise<readonly Waiver[]> {
  const others = inPlay(rollout?.others).map(({ releaseId }) => loadRelease(deps, releaseId));
  // One that served everything before stands on nothing that could end.
  const standing = (await Promise.all(others)).filter(({ releasedAtMs }) => releasedAtMs === null);
  return [...waivers, ...standing.flatMap((own) => own.waivers ?? [])];
}

/** The further arms as they stand under the next routing table. */
function othersAfter(
  decision: Extract<RolloutDecision, { kind: 'move' | 'take-out' }>,
  { others, seen, nowMs }: { others: readonly OtherArm[]; seen: Sight['others']; nowMs: number },
): OtherArm[] {
  const out = decision.kind === 'take-out' ? decision.out : [];
  return others.map((arm) => {
    const counts = seen.find((one) => one.arm.version === arm.version)?.counts;
    if (counts === undefined) return arm;
    const reason = out.find(({ version }) => version === arm.version)?.reason;
    const now = { ...arm, carried: keptCounts(counts) };
    if (reason !== undefined) return { ...now, weight: 0, takenOut: { reason, atMs: nowMs } };
    return { ...now, weight: decision.others?.get(arm.version) ?? arm.weight, guardrails: [] };
  });
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

/** Writes down what the last look found, when it differs from the look before. */
export async function note(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, rollout }: { release: Release; rollout: Rollout },
): Promise<Release> {
  const before = release.rollout;
  const verdicts = (found: Rollout | null) =>
    [found?.guardrails ?? [], ...(found?.others ?? []).map(({ guardrails }) => guardrails)].map((rails) =>
      rails.map(({ title, verdict }) => [title, verdict]),
    );
  const same =
    before?.note === rollout.note &&
    before.stableVersion === rollout.stableVersion &&
    isDeepStrictEqual(verdicts(before), verdicts(rollout)) &&
    isDeepStrictEqual(before.experiment, rollout.experiment);
  if (same) return release;
  return deps.db.transact(context, (tx) => saveRelease(deps, tx, { release, change: { rollout } }));
}

function isLast(spec: RolloutSpec, step: number): boolean {
  return spec.kind === 'canary' && step >= spec.steps.length - 1 && spec.steps[step]?.minRequests === 0;
}
