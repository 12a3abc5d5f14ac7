import { isFairleadError } from '@fairlead/kernel';
import type { ModelVersion } from '../registry/index.js';
import { loadEnvironment } from './environments/environment-record.js';
import { gateTypeOf } from './gates/run-gates.js';
import { PRODUCTION, type ReleaseDeps } from './release-deps.js';
import { loadPolicy, OPEN_STATES } from './release-record.js';
import type { ReleasePlan, ReleaseService } from './release-types.js';
import { type ArmsWanted, chooseArms } from './rollout/choose-arms.js';
import { planAbTest } from './rollout/experiment-rules.js';
import { stableOf } from './stable-version.js';

/**
 * What asking for this release now would set going; nothing is changed.
 *
 * @throws SRV_ENDPOINT_NOT_FOUND, REL_POLICY_NOT_FOUND, REL_ENVIRONMENT_NOT_FOUND, REG_VERSION_NOT_FOUND, REG_NOT_SERVABLE
 */
export async function planRelease(
  deps: ReleaseDeps,
  { endpoint, environment = PRODUCTION, version: number }: Parameters<ReleaseService['plan']>[0],
): Promise<ReleasePlan> {
  const { model } = await deps.serving.endpoint(endpoint);
  const { approval } = await loadEnvironment(deps, environment);
  const policy = await loadPolicy(deps, { endpoint, environment });
  const version = await deps.registry.version(model, number);
  const live = stableOf(await deps.serving.routing(endpoint, environment))?.version ?? null;
  const open = await deps.store.releases(deps.db, { endpoint, environment, states: OPEN_STATES, limit: 100 });
  const rolling = open.find(({ state }) => state === 'rolling-out');
  const commands = policy.gates.flatMap((gate) => (gate.kind === 'command' ? [gate.name] : []));
  return {
    ...{ endpoint, environment, model, version: version.version, modelDigest: version.digest, live },
    policyDigest: policy.digest,
    gates: policy.gates.map((spec) => {
      const { kind: _, ...parameters } = spec;
      return { type: gateTypeOf(spec), parameters };
    }),
    signatures: policy.approval.required,
    mayNotSign: policy.approval.excludeAuthor ? [version.createdBy, 'whoever requests it'] : [],
    expiresAfterHours: policy.approval.expiresAfterHours,
    waivers: policy.waivers ?? null,
    // Nothing to compare with: the first release takes all traffic whatever the policy says.
    rollout: live === null ? { kind: 'all-at-once' } : policy.rollout,
    sampleSize: live !== null && policy.rollout.kind === 'ab-test' ? planAbTest(policy.rollout) : null,
    supersedes: rolling === undefined ? open.map(({ id }) => id) : [],
    inTheWay: [
      ...(approval === 'none' ? [`${environment} needs no approval: deploy there instead`] : []),
      ...(rolling === undefined ? [] : [`release ${rolling.id} is rolling out`]),
      ...(await missingReport(deps, version)),
      ...(await armsInTheWay(deps, {
        endpoint,
        environment,
        candidate: version,
        live: live ?? undefined,
        spec: policy.rollout,
      })),
      ...commands
        .filter((name) => !Object.hasOwn(deps.gateCommands, name))
        .map((name) => `the server has no gate command ${name}`),
    ],
  };
}

/** Why the arms that the policy names could not take part if the rollout started now. */
async function armsInTheWay(deps: ReleaseDeps, wanted: ArmsWanted): Promise<string[]> {
  if (wanted.spec.kind !== 'bandit') return [];
  try {
    await chooseArms(deps, wanted);
    return [];
  } catch (error) {
    if (!isFairleadError(error) || error.fault !== 'user') throw error;
    return [error.message];
  }
}

async function missingReport({ evaluation }: ReleaseDeps, { reportDigest }: ModelVersion): Promise<string[]> {
  if (reportDigest === null) return ['nobody has evaluated the version: gates on its rows stay insufficient'];
  if ((await evaluation.report(reportDigest)).question !== undefined) return [];
  return [
    'its evaluation is of a former version of Fairlead: gates that judge by it stay insufficient until the pipeline runs again',
  ];
}
