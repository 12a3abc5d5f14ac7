import type { Reader, Tx } from '../../../platform/db/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { released, rolledBack } from '../release-events.js';
import { loadRelease, OPEN_STATES, payloadOf, saveRelease, subjectOf } from '../release-record.js';
import type { OtherArm, Release } from '../release-types.js';
import { supersede } from '../supersede-releases.js';

// The releases of a bandit's further arms. One that was approved and never served everything stands still while its version takes
// part (`armOf`) and ends with the bandit; one that served everything before keeps its state, as it may be gone back to.

type Deps = Pick<ReleaseDeps, 'store' | 'clock'>;

/** Takes the approved releases of the arms into the bandit of `release`; what else waits for the endpoint was meant for what was live, and gives way. */
export async function enlistArms(deps: Deps, tx: Tx & Reader, release: Release): Promise<void> {
  const { endpoint, environment, id } = release;
  const taking = new Set(release.rollout?.others?.map(({ releaseId }) => releaseId));
  for (const other of await deps.store.releases(tx, { endpoint, environment, states: OPEN_STATES, limit: 1_000 })) {
    if (other.id === id) continue;
    if (taking.has(other.id) && other.state === 'approved') {
      const change = { armOf: id, waitingFor: `the end of the bandit of release ${id}, in which it takes part` };
      await saveRelease(deps, tx, { release: other, change });
    } else {
      await supersede(deps, tx, { release: other, reason: `the rollout of release ${id} began without it` });
    }
  }
}

/** Ends the release of an arm that a guardrail took out. */
export async function endTakenOut(
  deps: Deps,
  tx: Tx & Reader,
  { release, arm }: { release: Release; arm: OtherArm },
): Promise<void> {
  const reason = arm.takenOut?.reason ?? '';
  const own = await loadRelease({ db: tx, store: deps.store }, arm.releaseId);
  if (own.armOf !== release.id) return;
  const change = { state: 'rolled-back', waitingFor: null, endedBecause: reason, armOf: null } as const;
  const next = await saveRelease(deps, tx, { release: own, change });
  const toVersion = release.rollout?.stableVersion ?? release.version;
  tx.record(
    rolledBack.of(subjectOf(next), { ...payloadOf(next), reason, toVersion }, { before: own.state, after: next.state }),
  );
}

/** Ends the releases of the arms when the bandit has ended; that of `winner` is released. */
export async function dismissArms(
  deps: Deps,
  tx: Tx & Reader,
  { release, winner, reason }: { release: Release; winner?: OtherArm; reason: string },
): Promise<void> {
  for (const arm of release.rollout?.others ?? []) {
    const own = await loadRelease({ db: tx, store: deps.store }, arm.releaseId);
    if (arm.deploymentId === winner?.deploymentId) await releaseWinner(deps, tx, { own, arm });
    else if (own.armOf === release.id) {
      await supersede(deps, tx, { release: own, reason: `the bandit of release ${release.id} ended: ${reason}` });
    }
  }
}

async function releaseWinner(
  deps: Deps,
  tx: Tx & Reader,
  { own, arm }: { own: Release; arm: OtherArm },
): Promise<void> {
  const change = {
    state: 'released',
    productionDeploymentId: arm.deploymentId,
    waitingFor: null,
    endedBecause: null,
    releasedAtMs: own.releasedAtMs ?? deps.clock.nowMs(),
    armOf: null,
  } as const;
  const next = await saveRelease(deps, tx, { release: own, change });
  tx.record(released.of(subjectOf(next), payloadOf(next), { before: own.state, after: next.state }));
}
