import { type Clock, isFairleadError } from '@fairlead/kernel';
import type { RegistryService } from '../../rooms/registry/index.js';
import type { ReleaseService } from '../../rooms/release/index.js';
import { fairleadVersion } from '../version.js';
import type { StepsOf } from './release-steps.js';

/** The rooms that the page of a release reads. */
export interface ReleasePageRooms {
  readonly release: Pick<ReleaseService, 'release' | 'policy'>;
  readonly registry: Pick<RegistryService, 'versions'>;
}

export interface ReleasePageView extends StepsOf {
  readonly atMs: number;
  readonly version: string;
}

/** Reads everything the page of a release shows. @throws REL_NOT_FOUND */
export async function readReleasePage(
  { release: releases, registry }: ReleasePageRooms,
  { id, clock }: { id: string; clock: Clock },
): Promise<ReleasePageView> {
  const release = await releases.release(id);
  const [policy, versions] = await Promise.all([
    // Environment or model may have been removed since: then nothing can be done here, and nothing is wrong.
    orNull(releases.policy(release.endpoint, release.environment)),
    orNull(registry.versions(release.model)),
  ]);
  const maker = versions?.find(({ version }) => version === release.version)?.createdBy;
  const authors = [...new Set([release.requestedBy, ...(maker === undefined ? [] : [maker])])];
  return { atMs: clock.nowMs(), version: fairleadVersion, release, policy, authors };
}

const REMOVED = new Set(['REL_POLICY_NOT_FOUND', 'REL_ENVIRONMENT_NOT_FOUND', 'REG_MODEL_NOT_FOUND']);

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (isFairleadError(error) && REMOVED.has(error.code)) return null;
    throw error;
  }
}
