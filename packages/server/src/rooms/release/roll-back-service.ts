import type { ChangeContext } from '../../platform/db/index.js';
import type { ReleaseDeps } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { rolledBack } from './release-events.js';
import { scheduleTidy } from './release-jobs.js';
import { payloadOf, saveRelease, subjectOf } from './release-record.js';
import type { Release } from './release-types.js';
import { rollBackTarget } from './roll-back-rules.js';
import { abandon, endRollout, switchRouting } from './rollout/rollout-moves.js';
import { stableOf } from './stable-version.js';

/**
 * Goes back in one atomic switch: a rollout under way loses its share, otherwise the version that was live before takes
 * over. The target must have been released before, so its approval stands.
 */
export async function rollBackEndpoint(
  deps: ReleaseDeps,
  context: ChangeContext,
  {
    endpoint,
    environment,
    toVersion,
    reason,
  }: { endpoint: string; environment: string; toVersion?: number; reason: string },
): Promise<Release> {
  const { db, store, serving } = deps;
  const routing = await serving.routing(endpoint, environment);
  const [rolling] = await store.releases(db, { endpoint, environment, states: ['rolling-out'], limit: 1 });
  const stable = stableOf(routing, rolling);
  if (rolling !== undefined && stable !== undefined && (toVersion === undefined || toVersion === stable.version)) {
    return abandon(deps, context, { release: rolling, stable: stable.deploymentId, reason });
  }
  const past = await store.releases(db, { endpoint, environment, states: ['released', 'rolled-back'], limit: 1_000 });
  const live = stable?.version;
  const current = past.find((release) => release.state === 'released' && release.version === live);
  const target = rollBackTarget(past, { live, toVersion });
  if (current === undefined || target === undefined) {
    throw releaseErrors.REL_NOTHING_TO_ROLL_BACK(
      toVersion === undefined
        ? `No other version of '${endpoint}' was ever fully released.`
        : `Version ${toVersion} of '${endpoint}' was never fully released, or is live.`,
      { data: { endpoint, environment, toVersion, live } },
    );
  }
  return switchRouting(deps, context, {
    endpoint,
    environment,
    entries: [{ deploymentId: await readyDeployment(deps, context, target), weight: 1 }],
    reason: `rolled back to version ${target.version}: ${reason}`,
    save: async (tx) => {
      // To go forth to a newer version undoes its rollback, and says nothing against the one that stood in for it.
      const undone = target.createdAtMs > current.createdAtMs;
      const ended = { state: 'rolled-back', waitingFor: null, endedBecause: reason } as const;
      const next = await saveRelease(deps, tx, { release: current, change: undone ? {} : ended });
      if (rolling !== undefined) await endRollout(deps, tx, { release: rolling, reason, toVersion: target.version });
      if (target.state !== 'released') {
        await saveRelease(deps, tx, { release: target, change: { state: 'released', endedBecause: null } });
      }
      const payload = { ...payloadOf(next), reason, toVersion: target.version };
      const change = { before: { version: live }, after: { version: target.version } };
      tx.record(rolledBack.of(subjectOf(next), payload, change));
      await scheduleTidy(deps, tx, endpoint);
      return next;
    },
  });
}

/**
 * The former deployment while it is loaded, else a fresh one of the same bytes, configured as that was: what the endpoint was
 * configured to since has been tested with newer versions only.
 */
async function readyDeployment(deps: ReleaseDeps, context: ChangeContext, target: Release): Promise<string> {
  const { endpoint, environment, model, version: number, productionDeploymentId } = target;
  const ready = await deps.serving.deployments({ endpoint, environment, state: 'ready' });
  if (productionDeploymentId !== null && ready.some(({ id }) => id === productionDeploymentId)) {
    return productionDeploymentId;
  }
  const version = await deps.registry.version(model, number);
  const former = productionDeploymentId === null ? null : await deps.serving.deployment(productionDeploymentId);
  const request = { endpoint, environment, version };
  const { id } = await deps.serving.deploy(context, {
    ...request,
    ...(former !== null && { configuration: former.configuration }),
  });
  return id;
}
