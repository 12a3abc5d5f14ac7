import type { ChangeContext, Reader, Tx } from '../../platform/db/index.js';
import { loadEnvironment } from './environments/environment-record.js';
import { PRODUCTION, type ReleaseDeps, TEST } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { releaseWithdrawn } from './release-events.js';
import { OPEN_STATES, payloadOf, saveRelease, subjectOf } from './release-record.js';
import type { Release } from './release-types.js';
import { switchRouting } from './rollout/rollout-moves.js';

/** Serves an endpoint no longer in an environment. See {@link ReleaseService.withdraw}. */
export async function withdrawEndpoint(
  deps: ReleaseDeps,
  context: ChangeContext,
  { endpoint, environment, reason }: { endpoint: string; environment: string; reason: string },
): Promise<void> {
  const { db, store, serving } = deps;
  await serving.endpoint(endpoint);
  await loadEnvironment(deps, environment);
  if (environment === PRODUCTION) {
    throw releaseErrors.REL_ENVIRONMENT_IN_USE(`Endpoint ${endpoint} is not taken out of production.`, {
      data: { endpoint, environment },
    });
  }
  const under = environment === TEST ? { states: ['testing'] as const } : { environment, states: OPEN_STATES };
  const [active] = await store.releases(db, { endpoint, ...under, limit: 1 });
  if (active !== undefined) {
    throw releaseErrors.REL_ACTIVE(`Release ${active.id} of ${endpoint} is ${active.state} in ${environment}.`, {
      data: { endpoint, environment, releaseId: active.id, state: active.state },
    });
  }
  const standing = await store.releases(db, { endpoint, environment, states: ['released'], limit: 1_000 });
  const save = async (tx: Tx & Reader): Promise<void> => {
    for (const release of standing) await withdraw(deps, tx, { release, reason });
  };
  if (((await serving.routing(endpoint, environment))?.entries.length ?? 0) > 0) {
    await switchRouting(deps, context, { endpoint, environment, entries: [], reason, save });
  } else if (standing.length > 0) await db.transact(context, save);
  for (const { id } of await serving.deployments({ endpoint, environment, state: 'ready' })) {
    await serving.retire(context, id);
  }
}

/** Those behind the one that serves, too: a rollback would go to them. */
async function withdraw(
  deps: ReleaseDeps,
  tx: Tx & Reader,
  { release, reason }: { release: Release; reason: string },
): Promise<void> {
  const change = { state: 'withdrawn', waitingFor: null, endedBecause: reason } as const;
  const ended = await saveRelease(deps, tx, { release, change });
  const payload = { ...payloadOf(ended), reason };
  tx.record(releaseWithdrawn.of(subjectOf(ended), payload, { before: release.state, after: ended.state }));
}
