import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import type { DeploymentConfiguration } from './configuration-types.js';

/** sha256 of the canonical JSON: equal for configurations that say the same. */
export function configurationDigest(configuration: DeploymentConfiguration): string {
  return createHash('sha256').update(canonicalJson(configuration)).digest('hex');
}

/** Under which name a model is loaded; deployments that say nothing share the one of their digest. */
export function instanceOf(configuration: DeploymentConfiguration): string {
  return Object.keys(configuration).length === 0 ? '' : configurationDigest(configuration);
}
