import type { ModelVersion } from '../../registry/index.js';
import { configurationDigest } from '../../serving/index.js';
import { standingApproval } from '../may-serve.js';
import type { ReleaseDeps } from '../release-deps.js';
import { releaseErrors } from '../release-errors.js';
import type { Release } from '../release-types.js';
import { armsProblem, signatureProblem } from './arm-rules.js';
import type { ArmRef, RolloutSpec } from './rollout-types.js';

/** A version that may take part, and the release whose approval lets it. */
export interface ChosenArm {
  readonly version: ModelVersion;
  readonly release: Release;
}

export interface ArmsWanted {
  readonly endpoint: string;
  readonly environment: string;
  readonly candidate: ModelVersion;
  /** The version that serves now; undefined: none. */
  readonly live: number | undefined;
  readonly spec: RolloutSpec;
  /** In the place of those of the policy. */
  readonly asked?: readonly ArmRef[] | undefined;
}

/**
 * The further arms of a bandit, each found and checked before anything is loaded.
 *
 * @throws REL_ARMS_INVALID, REL_ARM_INCOMPATIBLE, REL_NOT_APPROVED, REG_VERSION_NOT_FOUND
 */
export async function chooseArms(deps: ReleaseDeps, wanted: ArmsWanted): Promise<ChosenArm[]> {
  const { endpoint, environment, candidate, live, spec, asked } = wanted;
  const refs = asked ?? (spec.kind === 'bandit' ? spec.arms : undefined) ?? [];
  const invalid = (problem: string) =>
    releaseErrors.REL_ARMS_INVALID(`The bandit of '${endpoint}' cannot run so: ${problem}.`, {
      data: { endpoint, environment, arms: refs, problem },
    });
  if (refs.length === 0) return [];
  if (spec.kind !== 'bandit') throw invalid(`the rollout of its policy is ${spec.kind}, which has no further arms`);
  if (live === undefined) {
    // The first release takes all traffic whatever the policy says; what somebody asks for in words is refused, not forgotten.
    if (asked === undefined) return [];
    throw invalid('nothing is live yet, so the first release takes all traffic');
  }
  const versions: ModelVersion[] = [];
  for (const ref of refs) versions.push(await deps.registry.version(candidate.model, ref));
  const problem = armsProblem(spec, { candidate: candidate.version, live, arms: versions.map((v) => v.version) });
  if (problem !== null) throw invalid(problem);
  const { configuration } = await deps.serving.endpoint(endpoint);
  const way = configurationDigest(configuration);
  const chosen: ChosenArm[] = [];
  for (const version of versions) {
    refuseIncompatible(candidate, version);
    const { digest, version: number } = version;
    const subject = { endpoint, environment, digest, configurationDigest: way, version: number };
    const release = await standingApproval(deps, subject);
    if (release === undefined) {
      throw releaseErrors.REL_NOT_APPROVED(
        `Version ${number} takes no part in the bandit of '${endpoint}': no approval lets it serve in ${environment} as the endpoint is configured.`,
        { data: subject },
      );
    }
    chosen.push({ version, release });
  }
  return chosen;
}

function refuseIncompatible(candidate: ModelVersion, { version, signature }: ModelVersion): void {
  const problem = signatureProblem(candidate.signature, signature);
  if (problem === null) return;
  throw releaseErrors.REL_ARM_INCOMPATIBLE(
    `Version ${version} cannot answer the requests of version ${candidate.version}: ${problem}.`,
    { data: { version, candidate: candidate.version, problem } },
  );
}
