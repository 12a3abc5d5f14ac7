import { instanceOf } from '../backends/configuration-digest.js';
import type { ServingParts } from '../serving-deps.js';
import type { Deployment } from '../serving-types.js';

type Memory = Pick<ServingParts, 'live' | 'host'>;

/** Takes a deployment out of memory; accepted requests finish first. Does nothing for one that is not there. */
export async function forgetModel(memory: Memory, deploymentId: string): Promise<void> {
  const servable = memory.live.get(deploymentId);
  memory.live.remove(deploymentId);
  if (servable === undefined) return;
  if (servable.backend.shared) await unloadUnused(memory, servable.deployment);
  else await servable.backend.close();
}

/** Frees a model that no deployment in memory uses; accepted requests finish first. */
export async function unloadUnused({ live, host }: Memory, { digest, configuration }: Deployment): Promise<void> {
  const instance = instanceOf(configuration);
  const used = live
    .servables()
    .some(({ deployment }) => deployment.digest === digest && instanceOf(deployment.configuration) === instance);
  if (!used) await host.unload(digest, instance);
}
