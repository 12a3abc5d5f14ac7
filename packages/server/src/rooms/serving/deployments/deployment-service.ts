import { isFairleadError, isName, messageOf, newId, systemActor } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import { configurationDigest } from '../backends/configuration-digest.js';
import type { DeploymentConfiguration } from '../backends/configuration-types.js';
import { modelToLoad } from '../processes/answer-process.js';
import type { ServingParts } from '../serving-deps.js';
import { servingErrors } from '../serving-errors.js';
import { type DeploymentFact, deploymentFailed, deploymentReady, deploymentRetired } from '../serving-events.js';
import type { StoredDeployment } from '../serving-store.js';
import type { Deployment, Endpoint, ServingService } from '../serving-types.js';
import { forgetModel, unloadUnused } from './forget-model.js';
import { loadServable, type Servable } from './load-servable.js';
import { deployedAs } from './serving-lineage.js';

/** A request with what its endpoint says about the way. */
interface Wanted extends Omit<DeployRequest, 'configuration'> {
  readonly configuration: DeploymentConfiguration;
}

type DeployRequest = Parameters<ServingService['deploy']>[1];

const subjectOf = (id: string) => ({ kind: 'deployment', id });

const factOf = ({ id, endpoint, environment, model, version, digest }: Deployment): DeploymentFact => ({
  deploymentId: id,
  endpoint,
  environment,
  model,
  version,
  digest,
});

/** Makes model versions servable and takes them away again. */
export function createDeploymentService(
  parts: ServingParts,
): Pick<ServingService, 'deploy' | 'deployments' | 'deployment' | 'retire'> {
  const { db, store } = parts;
  return {
    deploy: async (context, request) => {
      const { configuration } = await checkRequest(parts, request);
      const wanted: Wanted = { configuration, ...request };
      await parts.objects.verify(request.version.digest).catch((cause) => {
        throw servingErrors.SRV_DEPLOY_FAILED(`The stored model is not usable: ${messageOf(cause)}`, { cause });
      });
      await refuseUnapproved(parts, context, wanted);
      const present = readyDeployment(parts, wanted) ?? (await reloadDeployment(parts, wanted));
      return present ?? load(parts, context, newDeployment(parts, context, wanted));
    },
    deployments: async (filter) => (await store.listDeployments(db, filter)).map(({ deployment }) => deployment),
    deployment: async (id) => (await readStored(parts, id)).deployment,
    retire: (context, id) => parts.inTurn(() => retire(parts, context, id)),
  };
}

/** @throws SRV_DEPLOYMENT_NOT_FOUND */
export async function readStored({ db, store }: ServingParts, id: string): Promise<StoredDeployment> {
  const stored = await store.readDeployment(db, id);
  if (stored === undefined) {
    throw servingErrors.SRV_DEPLOYMENT_NOT_FOUND(`There is no deployment ${id}.`, { data: { id } });
  }
  return stored;
}

/** The deployment in memory, loaded again when a restart has dropped it. @throws SRV_NOT_APPROVED */
export async function ensureLoaded(parts: ServingParts, stored: StoredDeployment): Promise<Servable> {
  const { id, endpoint, environment, digest, configurationDigest: way, version } = stored.deployment;
  const present = parts.live.get(id);
  if (present !== undefined) {
    // A serving process that could not load it when it was set up tries again.
    await parts.followers.tell({ type: 'load', model: modelToLoad(parts, stored) });
    return present;
  }
  if (!(await parts.authority.mayServe({ endpoint, environment, digest, configurationDigest: way }))) {
    throw servingErrors.SRV_NOT_APPROVED(`Version ${version} is not approved for ${endpoint} in ${environment}.`, {
      data: { deploymentId: id, endpoint, environment, digest },
    });
  }
  const servable = await loadEverywhere(parts, stored);
  await addEverywhere(parts, servable);
  return servable;
}

/** Loads a deployment here first, then in the serving processes; requests do not find it yet. */
async function loadEverywhere(parts: ServingParts, stored: StoredDeployment): Promise<Servable> {
  const servable = await loadServable(parts, stored);
  try {
    await parts.followers.tell({ type: 'load', model: modelToLoad(parts, stored) });
    return servable;
  } catch (error) {
    await parts.followers.tell({ type: 'unload', deploymentId: stored.deployment.id });
    if (!servable.backend.shared) await servable.backend.close();
    throw error;
  }
}

/** Lets requests find what was loaded. A serving process that has joined since then is told of it too. */
async function addEverywhere(parts: ServingParts, servable: Servable): Promise<void> {
  parts.live.add(servable);
  await parts.followers.tell({ type: 'load', model: modelToLoad(parts, servable) });
}

/** Deployments that a crash left in the middle: nobody loads them any more. */
export async function failInterrupted({ db, store }: ServingParts): Promise<void> {
  for (const { deployment } of await store.listDeployments(db, { state: 'loading' })) {
    const error = 'the server stopped while it was loading';
    await db.transact({ actor: systemActor }, async (tx) => {
      await store.setDeploymentState(tx, deployment.id, { state: 'failed', error });
      tx.record(deploymentFailed.of(subjectOf(deployment.id), { ...factOf(deployment), error }));
    });
  }
}

async function checkRequest(
  { db, store }: ServingParts,
  { endpoint, environment, version }: DeployRequest,
): Promise<Endpoint> {
  if (!isName(environment)) {
    throw servingErrors.SRV_NAME_INVALID(`An environment cannot be named ${environment}.`, { data: { environment } });
  }
  const declared = await store.readEndpoint(db, endpoint);
  if (declared === undefined) {
    throw servingErrors.SRV_ENDPOINT_NOT_FOUND(`There is no endpoint ${endpoint}.`, { data: { endpoint } });
  }
  if (declared.model !== version.model) {
    throw servingErrors.SRV_ENDPOINT_MODEL(`Endpoint ${endpoint} serves ${declared.model}, not ${version.model}.`, {
      data: { endpoint, expected: declared.model, got: version.model },
    });
  }
  return declared;
}

async function refuseUnapproved(parts: ServingParts, context: ChangeContext, request: Wanted): Promise<void> {
  const { endpoint, environment, version } = request;
  const asked = { endpoint, environment, digest: version.digest };
  const way = configurationDigest(request.configuration);
  if (await parts.authority.mayServe({ ...asked, configurationDigest: way })) return;
  const error = `version ${version.version} of ${version.model} is not approved for ${environment}`;
  const { id, ...deployment } = newDeployment(parts, context, request).deployment;
  await parts.db.transact(context, async (tx) => {
    const fact = { ...factOf({ ...deployment, id }), error };
    tx.record(deploymentFailed.of({ kind: 'endpoint', id: endpoint }, fact, { outcome: 'denied' }));
  });
  throw servingErrors.SRV_NOT_APPROVED(`Endpoint ${endpoint}: ${error}.`, {
    data: { endpoint, environment, version: version.version, digest: version.digest },
  });
}

function readyDeployment({ live }: ServingParts, { endpoint, environment, version, configuration }: Wanted) {
  const configured = configurationDigest(configuration);
  return live
    .servables()
    .find(
      ({ deployment }) =>
        deployment.endpoint === endpoint &&
        deployment.environment === environment &&
        deployment.version === version.version &&
        deployment.digest === version.digest &&
        deployment.configurationDigest === configured,
    )?.deployment;
}

/** One that a restart left ready but unloaded, as nothing was routed to it. Undefined: there is none that loads. */
async function reloadDeployment(parts: ServingParts, request: Wanted): Promise<Deployment | undefined> {
  const { endpoint, environment, version, configuration } = request;
  const configured = configurationDigest(configuration);
  const ready = await parts.store.listDeployments(parts.db, { endpoint, environment, state: 'ready' });
  const former = ready.find(
    ({ deployment }) => deployment.digest === version.digest && deployment.configurationDigest === configured,
  );
  if (former === undefined || former.deployment.version !== version.version) return undefined;
  return ensureLoaded(parts, former).then(
    ({ deployment }) => deployment,
    () => undefined,
  );
}

function newDeployment({ clock }: ServingParts, { actor }: ChangeContext, request: Wanted): StoredDeployment {
  const { endpoint, environment, version, configuration } = request;
  const createdAtMs = clock.nowMs();
  return {
    deployment: {
      id: newId(createdAtMs),
      endpoint,
      environment,
      model: version.model,
      version: version.version,
      digest: version.digest,
      configuration,
      configurationDigest: configurationDigest(configuration),
      state: 'loading',
      error: null,
      createdAtMs,
      createdBy: actor.id,
    },
    signature: version.signature,
  };
}

async function load(parts: ServingParts, context: ChangeContext, stored: StoredDeployment): Promise<Deployment> {
  const { db, store, tracking } = parts;
  const { deployment, signature } = stored;
  await db.transact(context, (tx) => store.insertDeployment(tx, stored));
  try {
    const ready: Deployment = { ...deployment, state: 'ready' };
    const servable = await loadEverywhere(parts, { deployment: ready, signature });
    await db.transact(context, async (tx) => {
      await store.setDeploymentState(tx, deployment.id, { state: 'ready', error: null });
      tx.record(deploymentReady.of(subjectOf(deployment.id), factOf(deployment), { after: ready }));
      await tracking.link(tx, [deployedAs(deployment)]);
    });
    await addEverywhere(parts, servable);
    return ready;
  } catch (cause) {
    const error = isFairleadError(cause) ? `${cause.code}: ${cause.message}` : messageOf(cause);
    await db.transact(context, async (tx) => {
      await store.setDeploymentState(tx, deployment.id, { state: 'failed', error });
      tx.record(deploymentFailed.of(subjectOf(deployment.id), { ...factOf(deployment), error }, { outcome: 'error' }));
    });
    await unloadUnused(parts, deployment);
    const name = `version ${deployment.version} of ${deployment.model}`;
    throw servingErrors.SRV_DEPLOY_FAILED(`Endpoint ${deployment.endpoint}: ${name} cannot be served. ${error}`, {
      data: { deploymentId: deployment.id, endpoint: deployment.endpoint, reason: error },
      cause,
    });
  }
}

async function retire(parts: ServingParts, context: ChangeContext, id: string): Promise<void> {
  const { db, store } = parts;
  const { deployment } = await readStored(parts, id);
  if (deployment.state === 'retired') return;
  const { endpoint, environment } = deployment;
  const table = await store.readRouting(db, endpoint, environment);
  if (table?.entries.some((entry) => entry.deploymentId === id) || table?.shadows.includes(id)) {
    throw servingErrors.SRV_IN_USE(`Deployment ${id} is in the routing table of ${endpoint} in ${environment}.`, {
      data: { deploymentId: id, endpoint, environment, revision: table.revision },
    });
  }
  await db.transact(context, async (tx) => {
    await store.setDeploymentState(tx, id, { state: 'retired', error: deployment.error });
    const after = { ...deployment, state: 'retired' };
    tx.record(deploymentRetired.of(subjectOf(id), factOf(deployment), { before: deployment, after }));
  });
  await dropFromMemory(parts, deployment);
}

/** Takes a deployment out of memory, here and in the serving processes; accepted requests finish first. */
export async function dropFromMemory(parts: ServingParts, deployment: Deployment): Promise<void> {
  const known = parts.live.get(deployment.id) !== undefined;
  await Promise.all([
    forgetModel(parts, deployment.id),
    parts.followers.tell({ type: 'unload', deploymentId: deployment.id }),
  ]);
  if (!known) await unloadUnused(parts, deployment);
}
