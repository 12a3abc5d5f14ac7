import { type App, actorOf } from '../../../platform/http/index.js';
import { requireCan } from '../../../platform/identity/index.js';
import { parseModelName, type ServingService } from '../../../rooms/serving/index.js';
import { hidden } from '../mlflow-protocol.js';

interface DeploymentsDeps {
  readonly serving: Pick<ServingService, 'live' | 'liveEndpoints'>;
}

const PATH = '/api/2.0/endpoints';
const PRODUCTION = 'production';

/**
 * What `mlflow.deployments.get_deploy_client(address)` reads: the endpoints that answer, each one or all of them. `predict` of that client
 * goes to `/endpoints/{name}/invocations`, which the scoring routes answer; it never makes endpoints or deployments.
 */
export function deploymentsRoutes({ serving }: DeploymentsDeps): (app: App) => Promise<void> {
  return async (app) => {
    // The client asks with the slash, MLflow's gateway answers both.
    for (const path of [PATH, `${PATH}/`]) {
      app.get(path, hidden, async (request) => {
        requireCan(actorOf(request), 'endpoint:read');
        const names = serving
          .liveEndpoints()
          .map(({ endpoint, environment }) => (environment === PRODUCTION ? endpoint : `${endpoint}@${environment}`));
        const endpoints = [...new Set(names)].sort().flatMap((name) => presentLive(serving, name) ?? []);
        return { endpoints, next_page_token: null };
      });
    }
    app.get(`${PATH}/:name`, hidden, async (request) => {
      requireCan(actorOf(request), 'endpoint:read');
      return present(serving, (request.params as { name: string }).name);
    });
  };
}

/** Undefined for one that stopped answering meanwhile, or whose model is not loaded. */
function presentLive(serving: DeploymentsDeps['serving'], name: string) {
  try {
    return present(serving, name);
  } catch {
    return undefined;
  }
}

/** An `Endpoint` as the client reads it. @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_UNAVAILABLE */
function present(serving: DeploymentsDeps['serving'], name: string) {
  const { endpoint, environment } = parseModelName(name);
  const { deployment } = serving.live(endpoint, environment);
  return {
    name,
    endpoint_type: 'model/predictions',
    model: { name: `${deployment.model}/${deployment.version}`, provider: 'fairlead' },
    endpoint_url: `/endpoints/${encodeURIComponent(name)}/invocations`,
    limit: null,
  };
}
