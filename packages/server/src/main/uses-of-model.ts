import type { ModelUse } from '../rooms/registry/index.js';
import type { ServingService } from '../rooms/serving/index.js';

/** Where serving uses a model: endpoints that answer with it, and what is deployed of it. */
export async function usesOfModel(
  serving: Pick<ServingService, 'endpoints' | 'deployments'>,
  model: string,
): Promise<ModelUse[]> {
  const endpoints = (await serving.endpoints()).filter((endpoint) => endpoint.model === model);
  const uses: ModelUse[] = endpoints.map(({ name }) => ({ version: null, what: `endpoint ${name}` }));
  for (const { name: endpoint } of endpoints) {
    for (const { version, environment, state } of await serving.deployments({ endpoint })) {
      if (state !== 'loading' && state !== 'ready') continue;
      uses.push({ version, what: `version ${version} on endpoint ${endpoint} in ${environment}` });
    }
  }
  return uses;
}
