import { isFairleadError } from '@fairlead/kernel';
import type { Reader, Tx } from '../../platform/db/index.js';
import { loadEnvironment } from './environments/environment-record.js';
import { policyIn } from './environments/environment-rules.js';
import type { ReleaseDeps } from './release-deps.js';
import { releaseErrors } from './release-errors.js';
import type { ReleasePayload } from './release-events.js';
import type { Release, ReleasePolicy, ReleaseState } from './release-types.js';

/** States in which a release still wants something. */
export const OPEN_STATES: readonly ReleaseState[] = ['testing', 'awaiting-approval', 'approved', 'rolling-out'];

export async function loadRelease(
  { db, store }: { readonly db: Reader; readonly store: ReleaseDeps['store'] },
  id: string,
): Promise<Release> {
  const found = await store.release(db, id);
  if (found === undefined) throw releaseErrors.REL_NOT_FOUND(`There is no release '${id}'.`, { data: { id } });
  return found;
}

/** The policy of an endpoint as it holds in an environment. @throws REL_POLICY_NOT_FOUND, REL_ENVIRONMENT_NOT_FOUND */
export async function loadPolicy(
  place: { readonly db: Reader; readonly store: ReleaseDeps['store'] },
  { endpoint, environment }: { readonly endpoint: string; readonly environment: string },
): Promise<ReleasePolicy> {
  const found = await place.store.policy(place.db, endpoint);
  if (found !== undefined) return policyIn(found, await loadEnvironment(place, environment));
  throw releaseErrors.REL_POLICY_NOT_FOUND(`The endpoint '${endpoint}' has no release policy.`, { data: { endpoint } });
}

/** Saves the next state of a release inside a transaction; throws REL_WRONG_STATE when somebody was faster. */
export async function saveRelease(
  { store, clock }: Pick<ReleaseDeps, 'store' | 'clock'>,
  tx: Tx & Reader,
  { release, change }: { release: Release; change: Partial<Release> },
): Promise<Release> {
  const next: Release = { ...release, ...change, revision: release.revision + 1, updatedAtMs: clock.nowMs() };
  if (await store.update(tx, next)) return next;
  throw releaseErrors.REL_WRONG_STATE(`The release ${release.id} was changed by somebody else at the same moment.`, {
    data: { id: release.id, revision: release.revision },
  });
}

/** True for the refusal of {@link saveRelease}: the release stands otherwise than when it was read. */
export function isConflict(error: unknown): boolean {
  return isFairleadError(error) && error.code === 'REL_WRONG_STATE' && 'revision' in error.data;
}

export function requireState(release: Release, states: readonly ReleaseState[], verb: string): void {
  if (states.includes(release.state)) return;
  throw releaseErrors.REL_WRONG_STATE(`A release that is ${release.state} cannot be ${verb}.`, {
    data: { id: release.id, state: release.state, allowed: states },
  });
}

export const subjectOf = (release: Pick<Release, 'id'>) => ({ kind: 'release', id: release.id });

export function payloadOf(release: Release): ReleasePayload {
  const { id, endpoint, environment, model, version, modelDigest, state } = release;
  return { releaseId: id, endpoint, environment, model, version, modelDigest, state };
}
