import { approvalHolds } from './approval-rules.js';
import { loadEnvironment } from './environments/environment-record.js';
import { policyIn } from './environments/environment-rules.js';
import { type ReleaseDeps, TEST } from './release-deps.js';
import type { Release, ReleaseService } from './release-types.js';
import { stillApproved } from './roll-back-rules.js';
import { expiredWaiver } from './waiver-rules.js';

type Subject = Parameters<ReleaseService['mayServe']>[0];

/** See {@link ReleaseService.mayServe}. */
export async function mayServe(deps: ReleaseDeps, subject: Subject): Promise<boolean> {
  const { environment } = subject;
  if (environment === TEST) return true;
  if ((await loadEnvironment(deps, environment)).approval === 'none') return true;
  return (await standingApproval(deps, subject)) !== undefined;
}

/**
 * The newest release whose approval lets this digest serve, given in `version` one of that version. Undefined: none does.
 *
 * @throws REL_ENVIRONMENT_NOT_FOUND
 */
export async function standingApproval(
  deps: ReleaseDeps,
  { endpoint, environment, digest, configurationDigest, version }: Subject & { readonly version?: number },
): Promise<Release | undefined> {
  const { db, store, clock } = deps;
  const place = await loadEnvironment(deps, environment);
  const declared = await store.policy(db, endpoint);
  const policy = declared && policyIn(declared, place);
  let newest: Release | undefined;
  for (const { releaseId, approvedAtMs } of await store.approvals(db, { endpoint, modelDigest: digest })) {
    const release = await store.release(db, releaseId);
    if (release?.environment !== environment || (version !== undefined && release.version !== version)) continue;
    // Of releases older than this was kept nobody knows; their rollout compared it.
    const way = release.configurationDigest ?? configurationDigest;
    if (configurationDigest !== undefined && way !== configurationDigest) continue;
    const nowMs = clock.nowMs();
    const holds =
      policy !== undefined &&
      approvalHolds(policy.approval, approvedAtMs, nowMs) &&
      expiredWaiver(release.waivers, nowMs) === undefined;
    if (!stillApproved(release, holds)) continue;
    if (newest === undefined || release.createdAtMs > newest.createdAtMs) newest = release;
  }
  return newest;
}
