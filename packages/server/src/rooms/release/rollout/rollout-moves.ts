import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { released, rolledBack, rolloutMoved } from '../release-events.js';
import { scheduleAdvance, scheduleTidy } from '../release-jobs.js';
import { payloadOf, saveRelease, subjectOf } from '../release-record.js';
import type { CarriedCounts, Release, Rollout } from '../release-types.js';
import { planAbTest } from './experiment-rules.js';
import { describeWait } from './rollout-rules.js';
import type { RolloutSpec } from './rollout-types.js';

export interface Switch {
  readonly endpoint: string;
  readonly environment: string;
  readonly entries: readonly { readonly deploymentId: string; readonly weight: number }[];
  readonly shadows?: readonly string[];
  readonly reason: string;
}

/**
 * Changes the routing of an environment and whatever `save` writes in one transaction. A process that dies leaves either both or
 * neither, and of two that move the same release at once the slower one changes nothing.
 */
export async function switchRouting<T>(
  { serving }: Pick<ReleaseDeps, 'serving'>,
  context: ChangeContext,
  { save, ...table }: Switch & { readonly save: (tx: Tx & Reader) => Promise<T> },
): Promise<T> {
  let saved: { readonly value: T } | undefined;
  await serving.route(context, table, async (tx) => {
    saved = { value: await save(tx) };
  });
  // The transaction has committed, so `save` has run.
  return (saved as { readonly value: T } | undefined)?.value as T;
}

export interface Move {
  readonly release: Release;
  readonly spec: RolloutSpec;
  readonly step: number;
  readonly weight: number;
  readonly stable: string;
  readonly reason: string;
  /** What the tables before this one counted, where it is to be added up. */
  readonly carried?: CarriedCounts;
}

/** Gives the candidate its share of traffic; weight 0 makes it a shadow. */
export async function moveTo(deps: ReleaseDeps, context: ChangeContext, move: Move): Promise<Release> {
  const { release, spec, step, weight, stable, reason, carried } = move;
  const candidate = release.productionDeploymentId ?? '';
  const split = [
    { deploymentId: stable, weight: 1 - weight },
    { deploymentId: candidate, weight },
  ];
  return switchRouting(deps, context, {
    endpoint: release.endpoint,
    environment: release.environment,
    entries: weight === 0 ? [{ deploymentId: stable, weight: 1 }] : split,
    shadows: weight === 0 ? [candidate] : [],
    reason: `release ${release.id}: ${reason}`,
    save: async (tx) => {
      const nowMs = deps.clock.nowMs();
      const { startedAtMs = nowMs, paused = null, pausedMs = 0 } = release.rollout ?? {};
      const rollout: Rollout = {
        ...{ spec, step, weight, sinceMs: nowMs, startedAtMs, guardrails: [], note: reason },
        ...{ paused, pausedMs, stepPausedMs: 0 },
        ...(carried !== undefined && { carried }),
        ...experimentOf(release, spec),
      };
      const waitingFor = describeWait(spec, { weight, paused: paused !== null });
      const change = { state: 'rolling-out', productionDeploymentId: candidate, waitingFor, rollout } as const;
      const next = await saveRelease(deps, tx, { release, change });
      const payload = { ...payloadOf(next), weight, reason };
      tx.record(rolloutMoved.of(subjectOf(next), payload, { before: release.rollout, after: next.rollout }));
      // The watch that begins here goes on by itself until the rollout ends.
      if (release.state === 'approved') await scheduleAdvance(deps, tx, { releaseId: next.id, after: 'start' });
      return next;
    },
  });
}

/** What was seen so far; of an A/B test that begins, what it will need. */
function experimentOf({ rollout }: Release, spec: RolloutSpec): Pick<Rollout, 'experiment'> {
  if (rollout?.experiment !== undefined) return { experiment: rollout.experiment };
  if (spec.kind !== 'ab-test') return {};
  return { experiment: { plan: planAbTest(spec), observed: { candidate: 0, stable: 0 }, result: null } };
}

/** Gives the candidate all traffic: it is released. */
export async function finish(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, reason }: { release: Release; reason: string },
): Promise<Release> {
  const candidate = release.productionDeploymentId ?? '';
  return switchRouting(deps, context, {
    endpoint: release.endpoint,
    environment: release.environment,
    entries: [{ deploymentId: candidate, weight: 1 }],
    reason: `release ${release.id}: ${reason}`,
    save: async (tx) => {
      const { rollout } = release;
      const change = {
        state: 'released',
        productionDeploymentId: candidate,
        waitingFor: null,
        releasedAtMs: release.releasedAtMs ?? deps.clock.nowMs(),
        rollout: rollout && { ...rollout, weight: 1, note: reason, paused: null },
      } as const;
      const next = await saveRelease(deps, tx, { release, change });
      tx.record(rolloutMoved.of(subjectOf(next), { ...payloadOf(next), weight: 1, reason }));
      tx.record(released.of(subjectOf(next), payloadOf(next), { before: release.state, after: next.state }));
      await scheduleTidy(deps, tx, release.endpoint);
      return next;
    },
  });
}

/** Takes the candidate's share of traffic away again; the stable version gets everything. */
export async function abandon(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, stable, reason }: { release: Release; stable: string; reason: string },
): Promise<Release> {
  const toVersion = (await deps.serving.deployment(stable)).version;
  return switchRouting(deps, context, {
    endpoint: release.endpoint,
    environment: release.environment,
    entries: [{ deploymentId: stable, weight: 1 }],
    reason: `release ${release.id}: ${reason}`,
    save: async (tx) => {
      const next = await endRollout(deps, tx, { release, reason, toVersion });
      await scheduleTidy(deps, tx, release.endpoint);
      return next;
    },
  });
}

/** Writes that a rollout ended where it began. */
export async function endRollout(
  deps: ReleaseDeps,
  tx: Tx & Reader,
  { release, reason, toVersion }: { release: Release; reason: string; toVersion: number },
): Promise<Release> {
  const rollout = release.rollout && { ...release.rollout, note: reason, paused: null };
  const change = { state: 'rolled-back', waitingFor: null, endedBecause: reason, rollout } as const;
  const next = await saveRelease(deps, tx, { release, change });
  const payload = { ...payloadOf(next), reason, toVersion };
  tx.record(rolledBack.of(subjectOf(next), payload, { before: release.state, after: next.state }));
  return next;
}
