import type { ChangeContext } from '../../../platform/db/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { rolloutPaused, rolloutResumed } from '../release-events.js';
import { loadRelease, payloadOf, requireState, saveRelease, subjectOf } from '../release-record.js';
import type { Release } from '../release-types.js';
import { describeWait } from './rollout-rules.js';

/**
 * Stops a rollout where it is, or lets it go on. Its guardrails are watched all the same and take it back when one fails;
 * the time of a pause counts towards no longest wait. Twice is once.
 *
 * @throws REL_NOT_FOUND, REL_WRONG_STATE
 */
export async function pauseRollout(
  deps: ReleaseDeps,
  context: ChangeContext,
  { id, reason }: { id: string; reason: string },
): Promise<Release> {
  const release = await loadRelease(deps, id);
  requireState(release, ['rolling-out'], 'paused');
  const { rollout } = release;
  if (rollout === null || rollout.paused != null) return release;
  const paused = { by: context.actor.id, reason, sinceMs: deps.clock.nowMs() };
  return deps.db.transact(context, async (tx) => {
    const waitingFor = describeWait(rollout.spec, { weight: rollout.weight, paused: true });
    const next = await saveRelease(deps, tx, { release, change: { waitingFor, rollout: { ...rollout, paused } } });
    tx.record(rolloutPaused.of(subjectOf(next), { ...payloadOf(next), reason }));
    return next;
  });
}

export async function resumeRollout(
  deps: ReleaseDeps,
  context: ChangeContext,
  { id }: { id: string },
): Promise<Release> {
  const release = await loadRelease(deps, id);
  requireState(release, ['rolling-out'], 'resumed');
  const { rollout } = release;
  if (rollout?.paused == null) return release;
  const nowMs = deps.clock.nowMs();
  const pausedMs = Math.max(0, nowMs - rollout.paused.sinceMs);
  // A guardrail that takes an arm out begins a step within the pause.
  const stepPausedMs = Math.max(0, nowMs - Math.max(rollout.paused.sinceMs, rollout.sinceMs));
  return deps.db.transact(context, async (tx) => {
    const change = {
      waitingFor: describeWait(rollout.spec, { weight: rollout.weight, paused: false }),
      rollout: {
        ...rollout,
        paused: null,
        pausedMs: (rollout.pausedMs ?? 0) + pausedMs,
        stepPausedMs: (rollout.stepPausedMs ?? 0) + stepPausedMs,
      },
    };
    const next = await saveRelease(deps, tx, { release, change });
    tx.record(rolloutResumed.of(subjectOf(next), { ...payloadOf(next), pausedMs }));
    return next;
  });
}
