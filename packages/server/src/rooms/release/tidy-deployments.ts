import type { ChangeContext } from '../../platform/db/index.js';
import { listEnvironments } from './environments/environment-record.js';
import { policyIn } from './environments/environment-rules.js';
import type { ReleaseDeps } from './release-deps.js';
import type { Release, ReleaseState } from './release-types.js';
import { rollBackTarget } from './roll-back-rules.js';
import { stableOf } from './stable-version.js';

const STANDING: readonly ReleaseState[] = ['released', 'rolled-back', 'approved'];

/**
 * Retires the deployments of an endpoint that nobody is sent to and nothing will go back to, so that the models in memory
 * stay few: where no approval is needed what is routed stays; elsewhere also the version that a rollback would choose, the one that the
 * last rollback left, as who went back by mistake wants to go forth as quickly, and one that is approved and being loaded. Their
 * records, and all routing tables, remain.
 *
 * With a rollback window the versions to go back and forth to stay only so long after the switch; gives the moment at which it will be over,
 * or null.
 */
export async function tidyDeployments(
  deps: ReleaseDeps,
  context: ChangeContext,
  endpoint: string,
): Promise<number | null> {
  const { db, store, serving } = deps;
  let windowEndsAtMs: number | null = null;
  const declared = await store.policy(db, endpoint);
  for (const place of await listEnvironments(deps)) {
    const { name: environment, approval } = place;
    const windowMs = (declared && policyIn(declared, place).rollbackWindowMs) ?? deps.rollbackWindowMs ?? 0;
    const past = await store.releases(db, { endpoint, environment, states: STANDING, limit: 1_000 });
    const [routing = null, former = null] = await serving.routingHistory(endpoint, environment, 2);
    const kept = new Set([...(routing?.entries.map((entry) => entry.deploymentId) ?? []), ...(routing?.shadows ?? [])]);
    const endsAtMs = approval === 'required' ? endOfWindow(windowMs, routing) : null;
    const isOver = endsAtMs !== null && endsAtMs <= deps.clock.nowMs();
    // The next look is due when the first of them is over.
    if (endsAtMs !== null && !isOver) windowEndsAtMs = Math.min(endsAtMs, windowEndsAtMs ?? Infinity);
    const digests =
      approval === 'required'
        ? wantedDigests(past, {
            live: stableOf(routing)?.version,
            left: stableOf(former)?.version,
            canSwitch: !isOver,
          })
        : new Set<string>();
    for (const deployment of await serving.deployments({ endpoint, environment, state: 'ready' })) {
      // One deployment per digest is enough to go back to.
      if (kept.has(deployment.id) || digests.delete(deployment.digest)) continue;
      await serving.retire(context, deployment.id);
    }
  }
  return windowEndsAtMs;
}

/** When the ways back and forth are no longer kept in memory; null: they always are. */
function endOfWindow(windowMs: number, routing: { readonly setAtMs: number } | null) {
  return windowMs === 0 || routing === null ? null : routing.setAtMs + windowMs;
}

function wantedDigests(
  past: readonly Release[],
  { live, left, canSwitch }: { live: number | undefined; left: number | undefined; canSwitch: boolean },
): Set<string> {
  const approved = past.filter((release) => release.state === 'approved');
  // Where nothing served before, both ways are the same.
  const ways = [undefined, left].flatMap((toVersion) => rollBackTarget(past, { live, toVersion }) ?? []);
  return new Set([...(canSwitch ? ways : []), ...approved].map((release) => release.modelDigest));
}
