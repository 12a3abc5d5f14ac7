import { newId } from '@fairlead/kernel';
import { loadEnvironment } from './environments/environment-record.js';
import { PRODUCTION, type ReleaseDeps, TEST_ATTEMPTS, TEST_JOB } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import { releaseRequested } from './release-events.js';
import { loadPolicy, OPEN_STATES, payloadOf, subjectOf } from './release-record.js';
import type { Release, ReleasePolicy, ReleaseService } from './release-types.js';
import { supersede } from './supersede-releases.js';

/**
 * Asks for a release: older ones of the endpoint that wait for gates or people give way, a rollout under way does not. One that is
 * asked for beside others takes only the place of older ones of its own version.
 */
export async function requestRelease(
  deps: ReleaseDeps,
  context: Parameters<ReleaseService['request']>[0],
  request: Parameters<ReleaseService['request']>[1],
): Promise<Release> {
  const { db, store, clock, jobs } = deps;
  const { endpoint: name, environment = PRODUCTION, version: number, reason, beside = false } = request;
  const endpoint = await deps.serving.endpoint(name);
  const place = { endpoint: name, environment };
  if ((await loadEnvironment(deps, environment)).approval === 'none') {
    throw releaseErrors.REL_ENVIRONMENT_OPEN(`Nothing is released to '${environment}': it needs no approval.`, {
      data: { environment },
    });
  }
  await loadPolicy(deps, place);
  const version = await deps.registry.version(endpoint.model, number);
  return db.transact(context, async (tx) => {
    // Read where it is bound: a policy declared a moment ago must not meet a release of the one before.
    const policy = await loadPolicy({ store, db: tx }, place);
    const open = await store.releases(tx, { ...place, states: OPEN_STATES, limit: 100 });
    const rolling = open.find((release) => release.state === 'rolling-out');
    if (rolling !== undefined) {
      throw releaseErrors.REL_ACTIVE(`Release ${rolling.id} of '${name}' is rolling out in ${environment}.`, {
        data: { id: rolling.id },
      });
    }
    if (beside) refuseBeside(policy);
    const givingWay = beside ? open.filter((release) => release.version === version.version) : open;
    for (const release of givingWay) await supersede(deps, tx, { release, reason: 'a newer release was requested' });
    const nowMs = clock.nowMs();
    const release: Release = {
      id: newId(nowMs),
      revision: 1,
      ...place,
      configurationDigest: null,
      model: endpoint.model,
      version: version.version,
      modelDigest: version.digest,
      policyDigest: policy.digest,
      gateReportDigest: null,
      gates: [],
      state: 'testing',
      waitingFor: 'the gates in test',
      endedBecause: null,
      signatures: [],
      testDeploymentId: null,
      productionDeploymentId: null,
      rollout: null,
      requestedBy: context.actor.id,
      reason,
      releasedAtMs: null,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    await store.insert(tx, release);
    await deps.tracking.link(tx, [
      {
        from: { kind: 'model-version', id: `${release.model}/${release.version}` },
        to: subjectOf(release),
        relation: 'released-by',
      },
    ]);
    await jobs.enqueue(tx, {
      kind: TEST_JOB,
      payload: { releaseId: release.id },
      dedupeKey: release.id,
      maxAttempts: TEST_ATTEMPTS,
    });
    tx.record(releaseRequested.of(subjectOf(release), { ...payloadOf(release), reason }, { after: release }));
    return release;
  });
}

/** @throws REL_ARMS_INVALID */
function refuseBeside({ endpoint, rollout }: ReleasePolicy): void {
  if (rollout.kind === 'bandit') return;
  throw releaseErrors.REL_ARMS_INVALID(
    `Versions of '${endpoint}' are released one at a time: its rollout is ${rollout.kind}, and only a bandit serves several.`,
    { data: { endpoint, rollout: rollout.kind } },
  );
}
