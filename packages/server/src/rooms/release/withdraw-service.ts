import type { ChangeContext } from '../../platform/db/index.js';
import { loadEnvironment } from './environments/environment-record.js';
import { PRODUCTION, type ReleaseDeps, TEST } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { OPEN_STATES } from './release-record.js';

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
  if (((await serving.routing(endpoint, environment))?.entries.length ?? 0) > 0) {
    await serving.route(context, { endpoint, environment, entries: [], reason });
  }
  for (const { id } of await serving.deployments({ endpoint, environment, state: 'ready' })) {
    await serving.retire(context, id);
  }
}
