import { type Actor, isName, messageOf } from '@fairlead/kernel';
import type { ServingParts } from '../serving-deps.js';
import { servingErrors } from '../serving-errors.js';
import { modelNameOf } from '../serving-rules.js';
import type { Deployment, ModelPlace, RepositoryEntry, ServingService } from '../serving-types.js';
import { dropFromMemory, ensureLoaded, readStored } from './deployment-service.js';

/** The model repository of the Open Inference Protocol: what could answer here, and what of it is in memory. */
export function createModelRepository(
  parts: ServingParts,
): Pick<ServingService, 'repository' | 'loadModel' | 'unloadModel' | 'inferenceStatistics'> {
  const { live } = parts;
  return {
    repository: () => listRepository(parts),
    loadModel: (place) => parts.inTurn(() => loadModel(parts, place)),
    unloadModel: (actor, place) => parts.inTurn(() => unloadModel(parts, actor, place)),
    inferenceStatistics: async () => {
      await parts.followers.tell({ type: 'flush' });
      return live.servables().map(({ deployment, counters }) => {
        const { endpoint, environment, version } = deployment;
        return { endpoint, environment, version, ...counters.readInference() };
      });
    },
  };
}

async function listRepository(parts: ServingParts): Promise<RepositoryEntry[]> {
  const { db, store } = parts;
  const [endpoints, stored] = await Promise.all([store.listEndpoints(db), store.listDeployments(db, {})]);
  const entries = new Map<string, RepositoryEntry>();
  for (const { deployment } of stored) {
    if (deployment.state === 'retired') continue;
    const { endpoint, environment, version } = deployment;
    const key = `${modelNameOf(endpoint, environment)} ${version}`;
    const entry: RepositoryEntry = { endpoint, environment, version, ...stateOf(parts, deployment) };
    // Of several deployments of a version the one that can answer speaks for it, else the newest, which comes first.
    if (!entries.has(key) || entry.state === 'READY') entries.set(key, entry);
  }
  const deployed = new Set(stored.map(({ deployment }) => deployment.endpoint));
  const others = endpoints
    .filter(({ name }) => !deployed.has(name))
    .map(
      ({ name }): RepositoryEntry => ({
        ...{ endpoint: name, environment: 'production', version: null },
        ...{ state: 'UNAVAILABLE', reason: 'nothing is deployed' },
      }),
    );
  return [...entries.values(), ...others];
}

function stateOf({ live }: ServingParts, { id, state, error }: Deployment): Pick<RepositoryEntry, 'state' | 'reason'> {
  if (state === 'loading') return { state: 'LOADING', reason: '' };
  if (state === 'failed') return { state: 'UNAVAILABLE', reason: error ?? 'it could not be loaded' };
  const failure = live.failureOf(id);
  return failure === null ? { state: 'READY', reason: '' } : { state: 'UNAVAILABLE', reason: failure };
}

/** Bytes that are loaded have the digest of their deployment, so what is in memory already stays as it is. */
async function loadModel(parts: ServingParts, place: ModelPlace): Promise<void> {
  const { db, store } = parts;
  await checkPlace(parts, place);
  const routed = await routedIds(parts, place);
  const ready = await store.listDeployments(db, { ...place, state: 'ready' });
  const newest = ready[0]?.deployment.id;
  const ids = routed.length > 0 ? routed : newest === undefined ? [] : [newest];
  if (ids.length === 0) {
    throw servingErrors.SRV_NOT_ROUTED(`Endpoint ${place.endpoint} has nothing to load in ${place.environment}.`, {
      data: { ...place },
    });
  }
  for (const id of ids) {
    try {
      await ensureLoaded(parts, await readStored(parts, id));
    } catch (error) {
      await failEverywhere(parts, id, messageOf(error));
      throw error;
    }
  }
}

async function unloadModel(parts: ServingParts, actor: Actor, place: ModelPlace): Promise<void> {
  const { live } = parts;
  await checkPlace(parts, place);
  if ((await routedIds(parts, place)).length > 0 && (await parts.authority.needsApproval(place.environment))) {
    throw servingErrors.SRV_IN_USE(`Endpoint ${place.endpoint} is routed in ${place.environment}: it stays loaded.`, {
      data: { ...place },
    });
  }
  const loaded = live
    .servables()
    .map(({ deployment }) => deployment)
    .filter(({ endpoint, environment }) => endpoint === place.endpoint && environment === place.environment);
  for (const deployment of loaded) {
    await failEverywhere(parts, deployment.id, `it was unloaded by ${actor.id}`);
    await dropFromMemory(parts, deployment);
  }
}

async function failEverywhere({ live, followers }: ServingParts, deploymentId: string, reason: string): Promise<void> {
  live.fail(deploymentId, reason);
  await followers.tell({ type: 'fail', deploymentId, reason });
}

/** @throws SRV_NAME_INVALID, SRV_ENDPOINT_NOT_FOUND */
async function checkPlace({ db, store }: ServingParts, { endpoint, environment }: ModelPlace): Promise<void> {
  const odd = [endpoint, environment].find((name) => !isName(name));
  if (odd !== undefined) {
    throw servingErrors.SRV_NAME_INVALID(`No model is named ${odd.slice(0, 100)}.`, { data: { name: odd } });
  }
  if ((await store.readEndpoint(db, endpoint)) !== undefined) return;
  throw servingErrors.SRV_ENDPOINT_NOT_FOUND(`There is no endpoint ${endpoint}.`, { data: { endpoint } });
}

async function routedIds({ db, store }: ServingParts, { endpoint, environment }: ModelPlace): Promise<string[]> {
  const table = await store.readRouting(db, endpoint, environment);
  return table === null ? [] : [...table.entries.map(({ deploymentId }) => deploymentId), ...table.shadows];
}
