import type { ChangeContext, Reader, Tx } from '../../../platform/db/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { released, rolledBack, rolloutMoved } from '../release-events.js';
import { scheduleAdvance, scheduleTidy } from '../release-jobs.js';
import { loadRelease, payloadOf, saveRelease, subjectOf } from '../release-record.js';
import type { CarriedCounts, OtherArm, Release, Rollout } from '../release-types.js';
import { supersede } from '../supersede-releases.js';
import { dismissArms, endTakenOut, enlistArms } from './arm-releases.js';
import { inPlay } from './arm-rules.js';
import { planAbTest } from './experiment-rules.js';
import { describeWait } from './rollout-rules.js';
import type { RolloutSpec } from './rollout-types.js';

export interface Switch {
  readonly endpoint: string;
  readonly environment: string;
  readonly entries: readonly { readonly deploymentId: string; readonly weight: number }[];
  readonly shadows?: readonly string[];
  readonly spread?: 'rendezvous';
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
  readonly stable: { readonly deploymentId: string; readonly version: number };
  /** Further arms of a bandit with the shares that they get, those that were taken out among them. */
  readonly others?: readonly OtherArm[];
  readonly reason: string;
  /** What the tables before this one counted, where it is to be added up. */
  readonly carried?: CarriedCounts;
  /** Arms that a guardrail takes out by this move. */
  readonly out?: readonly OtherArm[];
}

/** Gives the candidate, and each further arm, its share of traffic. */
export async function moveTo(deps: ReleaseDeps, context: ChangeContext, move: Move): Promise<Release> {
  const { release, spec, step, weight, stable, others = [], reason, carried, out = [] } = move;
  const candidate = release.productionDeploymentId ?? '';
  const isShadow = spec.kind === 'shadow';
  return switchRouting(deps, context, {
    endpoint: release.endpoint,
    environment: release.environment,
    entries: isShadow ? [{ deploymentId: stable.deploymentId, weight: 1 }] : splitOf(move),
    shadows: isShadow ? [candidate] : [],
    ...(others.length > 0 && { spread: 'rendezvous' }),
    reason: `release ${release.id}: ${reason}`,
    save: async (tx) => {
      const nowMs = deps.clock.nowMs();
      const { startedAtMs = nowMs, paused = null, pausedMs = 0 } = release.rollout ?? {};
      const rollout: Rollout = {
        ...{ spec, step, weight, sinceMs: nowMs, startedAtMs, guardrails: [], note: reason },
        ...{ paused, pausedMs, stepPausedMs: 0 },
        ...(carried !== undefined && { carried }),
        stableVersion: stable.version,
        ...(others.length > 0 && { others }),
        ...experimentOf(release, spec),
      };
      const waitingFor = describeWait(spec, { weight, paused: paused !== null });
      const change = { state: 'rolling-out', productionDeploymentId: candidate, waitingFor, rollout } as const;
      const next = await saveRelease(deps, tx, { release, change });
      const payload = { ...payloadOf(next), weight, reason };
      tx.record(rolloutMoved.of(subjectOf(next), payload, { before: release.rollout, after: next.rollout }));
      // The watch that begins here goes on by itself until the rollout ends.
      if (release.state === 'approved') {
        await enlistArms(deps, tx, next);
        await scheduleAdvance(deps, tx, { releaseId: next.id, after: 'start' });
      }
      for (const arm of out) await endTakenOut(deps, tx, { release: next, arm });
      if (out.length > 0) await scheduleTidy(deps, tx, release.endpoint);
      return next;
    },
  });
}

/** The stable version has what is left, and stands last: see `RoutingTable.entries`. */
function splitOf({ release, weight, stable, others }: Move): Switch['entries'] {
  const taking = inPlay(others).map((arm) => ({ deploymentId: arm.deploymentId, weight: arm.weight }));
  const given = taking.reduce((sum, arm) => sum + arm.weight, weight);
  return [
    { deploymentId: release.productionDeploymentId ?? '', weight },
    ...taking,
    { deploymentId: stable.deploymentId, weight: Math.max(0, 1 - given) },
  ];
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
        rollout: rollout && {
          ...{ ...rollout, weight: 1, note: reason, paused: null },
          ...(rollout.spec.kind === 'bandit' && { winner: release.version }),
        },
      } as const;
      const next = await saveRelease(deps, tx, { release, change });
      tx.record(rolloutMoved.of(subjectOf(next), { ...payloadOf(next), weight: 1, reason }));
      tx.record(released.of(subjectOf(next), payloadOf(next), { before: release.state, after: next.state }));
      if (release.state === 'approved') await enlistArms(deps, tx, next);
      await dismissArms(deps, tx, { release, reason });
      await scheduleTidy(deps, tx, release.endpoint);
      return next;
    },
  });
}

/** Gives a further arm all traffic: its release is released, and that of the candidate gives way to it. */
export async function yieldTo(
  deps: ReleaseDeps,
  context: ChangeContext,
  { release, winner, reason }: { release: Release; winner: OtherArm; reason: string },
): Promise<Release> {
  return switchRouting(deps, context, {
    endpoint: release.endpoint,
    environment: release.environment,
    entries: [{ deploymentId: winner.deploymentId, weight: 1 }],
    reason: `release ${release.id}: ${reason}`,
    save: async (tx) => {
      const { rollout } = release;
      const ended = rollout && { ...rollout, note: reason, paused: null, winner: winner.version };
      await supersede(deps, tx, { release: { ...release, rollout: ended }, reason });
      await dismissArms(deps, tx, { release, winner, reason });
      await scheduleTidy(deps, tx, release.endpoint);
      return loadRelease({ db: tx, store: deps.store }, release.id);
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
  const rollout = release.rollout && {
    ...{ ...release.rollout, note: reason, paused: null },
    ...(release.rollout.spec.kind === 'bandit' && { winner: toVersion }),
  };
  const change = { state: 'rolled-back', waitingFor: null, endedBecause: reason, rollout } as const;
  const next = await saveRelease(deps, tx, { release, change });
  const payload = { ...payloadOf(next), reason, toVersion };
  tx.record(rolledBack.of(subjectOf(next), payload, { before: release.state, after: next.state }));
  await dismissArms(deps, tx, { release, reason });
  return next;
}
