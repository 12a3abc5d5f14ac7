import type { Reader, Tx } from '../../platform/db/index.js';
import type { ReleaseDeps } from './release-deps.js';
import { releaseClosed } from './release-events.js';
import { loadPolicy, payloadOf, saveRelease, subjectOf } from './release-record.js';
import type { Release } from './release-types.js';

/** Closes a release that something newer takes the place of. */
export async function supersede(
  deps: Pick<ReleaseDeps, 'store' | 'clock'>,
  tx: Tx & Reader,
  { release, reason }: { release: Release; reason: string },
): Promise<void> {
  const change = { state: 'superseded', waitingFor: null, endedBecause: reason, armOf: null } as const;
  const closed = await saveRelease(deps, tx, { release, change });
  const payload = { ...payloadOf(closed), reason };
  tx.record(releaseClosed.of(subjectOf(closed), payload, { before: release.state, after: closed.state }));
}

/** Closes what was asked for under a policy that holds no longer: its gates and signatures meant other rules. */
export async function supersedeOutdated(
  deps: Pick<ReleaseDeps, 'store' | 'clock'>,
  tx: Tx & Reader,
  { endpoint, reason }: { endpoint?: string; reason: string },
): Promise<void> {
  const open = await deps.store.releases(tx, {
    ...(endpoint !== undefined && { endpoint }),
    states: ['testing', 'awaiting-approval', 'approved'],
    limit: 1_000,
  });
  for (const release of open) {
    // A rollout under way keeps the rules it was signed with, and so do the arms of a bandit.
    if (release.armOf != null) continue;
    const { digest } = await loadPolicy({ db: tx, store: deps.store }, release);
    if (digest !== release.policyDigest) await supersede(deps, tx, { release, reason });
  }
}
