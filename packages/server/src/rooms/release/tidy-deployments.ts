import type { ChangeContext } from '../../platform/db/index.js';
import { PRODUCTION, type ReleaseDeps, TEST } from './release-deps.js';
import type { Release } from './release-types.js';
import { rollBackTarget } from './roll-back-rules.js';
import { stableOf } from './stable-version.js';

/**
 * Retires the deployments of an endpoint that nobody is sent to and nothing will go back to, so that the models in memory
 * stay few: in `test` what is routed stays; in production also the version that a rollback would choose and one that is
 * approved and being loaded. Their records, and all routing tables, remain.
 */
export async function tidyDeployments(deps: ReleaseDeps, context: ChangeContext, endpoint: string): Promise<void> {
  const { db, store, serving } = deps;
  const past = await store.releases(db, { endpoint, states: ['released', 'rolled-back', 'approved'], limit: 1_000 });
  for (const environment of [TEST, PRODUCTION]) {
    const routing = await serving.routing(endpoint, environment);
    const kept = new Set([...(routing?.entries.map((entry) => entry.deploymentId) ?? []), ...(routing?.shadows ?? [])]);
    const digests = environment === PRODUCTION ? wantedDigests(past, stableOf(routing)?.version) : new Set<string>();
    for (const deployment of await serving.deployments({ endpoint, environment, state: 'ready' })) {
      // One deployment per digest is enough to go back to.
      if (kept.has(deployment.id) || digests.delete(deployment.digest)) continue;
      await serving.retire(context, deployment.id);
    }
  }
}

function wantedDigests(past: readonly Release[], live: number | undefined): Set<string> {
  const target = rollBackTarget(past, { live });
  const approved = past.filter((release) => release.state === 'approved');
  return new Set([...(target === undefined ? [] : [target]), ...approved].map((release) => release.modelDigest));
}
