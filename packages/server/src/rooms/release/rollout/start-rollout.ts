import type { ChangeContext } from '../../../platform/db/index.js';
import { configurationDigest } from '../../serving/index.js';
import type { ReleaseDeps } from '../release-deps.js';
import { releaseErrors } from '../release-errors.js';
import { loadPolicy, loadRelease, requireState } from '../release-record.js';
import type { ArmRef, OtherArm, Release } from '../release-types.js';
import { expireIfOld } from '../sign-service.js';
import { stableOf } from '../stable-version.js';
import { chooseArms } from './choose-arms.js';
import { finish, moveTo } from './rollout-moves.js';
import type { RolloutSpec } from './rollout-types.js';

/**
 * Starts the rollout of an approved release: loads it in production, with the further arms of a bandit, and gives each its first
 * share of traffic. What can be refused is refused before anything is loaded.
 */
export async function startRollout(
  deps: ReleaseDeps,
  context: ChangeContext,
  { id, arms: asked }: { id: string; arms?: readonly ArmRef[] },
): Promise<Release> {
  const found = await loadRelease(deps, id);
  if (found.state === 'approved') await refuseWhileActive(deps, found);
  const approved = await expireIfOld(deps, context, found);
  requireState(approved, ['approved'], 'rolled out');
  const { endpoint, environment } = approved;
  const { rollout: spec, digest } = await loadPolicy(deps, approved);
  if (digest !== approved.policyDigest) {
    throw releaseErrors.REL_WRONG_STATE(`Release ${id} was approved under another policy.`, { data: { id, digest } });
  }
  const { configuration } = await deps.serving.endpoint(endpoint);
  await refuseOtherConfiguration(deps, approved, configurationDigest(configuration));
  const version = await deps.registry.version(approved.model, approved.version);
  const live = stableOf(await deps.serving.routing(endpoint, environment))?.version;
  const chosen = await chooseArms(deps, { endpoint, environment, candidate: version, live, spec, asked });
  const deployment = await deps.serving.deploy(context, { endpoint, environment, version });
  // Somebody may have changed it while the model was loaded.
  await refuseOtherConfiguration(deps, approved, deployment.configurationDigest);
  const stable = stableOf(await deps.serving.routing(endpoint, environment));
  const release = { ...approved, productionDeploymentId: deployment.id };
  // Nothing to compare with: the first release of an endpoint takes all its traffic whatever the strategy.
  if (stable === undefined) return finish(deps, context, { release, reason: 'first release of the endpoint' });
  if (stable.deploymentId === deployment.id) return finish(deps, context, { release, reason: 'it is live already' });
  if (spec.kind === 'all-at-once') return finish(deps, context, { release, reason: 'all at once' });
  if (spec.kind === 'canary' && spec.steps.length === 1) {
    return finish(deps, context, { release, reason: 'canary of a single step' });
  }
  // A bandit that knows nothing yet shares alike.
  const alike = 1 / (chosen.length + 2);
  const others: OtherArm[] = [];
  for (const arm of chosen) {
    const { id: deploymentId } = await deps.serving.deploy(context, { endpoint, environment, version: arm.version });
    const own = { version: arm.version.version, deploymentId, releaseId: arm.release.id };
    others.push({ ...own, weight: alike, guardrails: [] });
  }
  const weight = spec.kind === 'bandit' ? alike : firstWeight(spec);
  const among = others.length === 0 ? '' : ` with ${others.length + 2} versions`;
  const move = { release, spec, step: 0, weight, stable, others };
  return moveTo(deps, context, { ...move, reason: `${spec.kind} begins${among}` });
}

/** Several versions may be approved for one bandit, and of those one rolls out at a time. */
async function refuseWhileActive({ db, store }: ReleaseDeps, { id, endpoint, environment, armOf }: Release) {
  if (armOf != null) {
    throw releaseErrors.REL_ACTIVE(`Release ${id} takes part in the bandit of release ${armOf}.`, {
      data: { id: armOf },
    });
  }
  const [rolling] = await store.releases(db, { endpoint, environment, states: ['rolling-out'], limit: 1 });
  if (rolling === undefined) return;
  throw releaseErrors.REL_ACTIVE(`Release ${rolling.id} of '${endpoint}' is rolling out in ${environment}.`, {
    data: { id: rolling.id },
  });
}

/**
 * The way a model is served is part of what was tested and signed: bytes that were approved behind our own runtime are not
 * approved behind somebody's program.
 */
async function refuseOtherConfiguration(
  { serving }: ReleaseDeps,
  { id, endpoint, testDeploymentId }: Release,
  now: string,
) {
  if (testDeploymentId === null) return;
  const tested = (await serving.deployment(testDeploymentId)).configurationDigest;
  if (tested === now) return;
  throw releaseErrors.REL_CONFIGURATION_CHANGED(
    `The configuration of '${endpoint}' changed since the gates of release ${id} ran.`,
    { data: { id, endpoint, tested, now } },
  );
}

function firstWeight(spec: RolloutSpec): number {
  switch (spec.kind) {
    case 'canary':
      return spec.steps[0]?.weight ?? 1;
    case 'ab-test':
      return spec.weight;
    case 'shadow':
      return 0;
    default:
      return 1;
  }
}
