import type { ChangeContext } from '../../../platform/db/index.js';
import { ensureLoaded, readStored } from '../deployments/deployment-service.js';
import { recordedIn } from '../deployments/serving-lineage.js';
import type { ServingParts } from '../serving-deps.js';
import { servingErrors } from '../serving-errors.js';
import { routingChanged } from '../serving-events.js';
import { newestFirst, routingProblem } from '../serving-rules.js';
import type { StoredDeployment } from '../serving-store.js';
import type { Environment, RoutingTable, ServingService } from '../serving-types.js';

type RouteRequest = Parameters<ServingService['route']>[1] & { readonly also?: Also | undefined };
type Also = NonNullable<Parameters<ServingService['route']>[2]>;

/** Changes who serves which share, and tells who did. */
export function createRoutingService(
  parts: ServingParts,
): Pick<ServingService, 'route' | 'routing' | 'routingHistory'> {
  const { db, store } = parts;
  return {
    route: (context, request, also) => parts.inTurn(() => route(parts, context, { ...request, also })),
    routing: (endpoint, environment) => store.readRouting(db, endpoint, environment),
    routingHistory: (endpoint, environment, limit, atMs) =>
      store.routingHistory(db, { endpoint, environment, limit, atMs }),
  };
}

async function route(parts: ServingParts, context: ChangeContext, request: RouteRequest): Promise<RoutingTable> {
  const { db, store, clock, live, tracking } = parts;
  const { endpoint, environment, entries, shadows = [], spread, reason } = request;
  const problem = routingProblem(entries, shadows);
  if (problem !== null) {
    throw servingErrors.SRV_ROUTING_INVALID(`The routing table of ${endpoint} is refused: ${problem}.`, {
      data: { endpoint, environment, problem },
    });
  }
  const weights = new Map(entries.map(({ deploymentId, weight }) => [deploymentId, weight]));
  const deployments = [];
  for (const id of [...weights.keys(), ...shadows]) deployments.push((await readyFor(parts, request, id)).deployment);
  const answering = deployments.filter(({ id }) => weights.has(id));
  const routed = spread === undefined ? newestFirst(answering) : answering;
  const table = await db.transact(context, async (tx) => {
    const before = await store.readRouting(tx, endpoint, environment);
    const after: RoutingTable = {
      endpoint,
      environment,
      revision: (before?.revision ?? 0) + 1,
      entries: routed.map(({ id, version }) => ({ deploymentId: id, version, weight: weights.get(id) ?? 0 })),
      shadows: [...shadows],
      ...(spread !== undefined && { spread }),
      reason,
      setBy: context.actor.id,
      setAtMs: clock.nowMs(),
    };
    await store.appendRouting(tx, after);
    const fact = { endpoint, environment, revision: after.revision };
    tx.record(routingChanged.of({ kind: 'endpoint', id: endpoint }, fact, { before, after }));
    const links = [...weights.keys(), ...shadows].map((id) => recordedIn(id, { endpoint, environment }));
    await tracking.link(tx, links);
    await request.also?.(tx);
    return after;
  });
  live.swap(table);
  for (const id of [...weights.keys(), ...shadows]) live.get(id)?.counters.beginRouting();
  await parts.followers.tell({ type: 'table', table });
  return table;
}

/** @throws SRV_DEPLOYMENT_NOT_FOUND, SRV_NOT_READY, SRV_NOT_APPROVED */
async function readyFor(
  parts: ServingParts,
  { endpoint, environment }: { endpoint: string; environment: Environment },
  id: string,
): Promise<StoredDeployment> {
  const stored = await readStored(parts, id);
  const { deployment } = stored;
  if (deployment.endpoint !== endpoint || deployment.environment !== environment) {
    throw servingErrors.SRV_NOT_READY(
      `Deployment ${id} belongs to ${deployment.endpoint} in ${deployment.environment}, not to ${endpoint} in ${environment}.`,
      { data: { deploymentId: id, endpoint, environment } },
    );
  }
  if (deployment.state !== 'ready') {
    const why = deployment.error === null ? '' : `: ${deployment.error}`;
    throw servingErrors.SRV_NOT_READY(`Deployment ${id} is ${deployment.state}${why}.`, {
      data: { deploymentId: id, state: deployment.state, error: deployment.error },
    });
  }
  const { digest, configurationDigest, version } = deployment;
  if (!(await parts.authority.mayServe({ endpoint, environment, digest, configurationDigest }))) {
    throw servingErrors.SRV_NOT_APPROVED(`Version ${version} is not approved for ${endpoint} in ${environment}.`, {
      data: { deploymentId: id, endpoint, environment, digest },
    });
  }
  await ensureLoaded(parts, stored).catch((cause) => {
    throw servingErrors.SRV_NOT_READY(`Deployment ${id} cannot be loaded again.`, {
      data: { deploymentId: id },
      cause,
    });
  });
  return stored;
}
