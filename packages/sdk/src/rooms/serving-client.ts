import type {
  DeclaredEndpointSchema,
  DeclareEndpointSchema,
  DeployedSchema,
  DeploymentStatisticsView,
  DeploymentView,
  EndpointView,
  PredictAnswerView,
  RoutingTableView,
  Wire,
} from '@fairlead/contracts';
import type { CallOptions, List, Transport } from '../call-types.js';

export interface PredictRequest extends CallOptions {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** An id per row, by which its ground truth is posted later. */
  readonly ids?: readonly string[];
  /** Default: production. */
  readonly environment?: string;
  /** Requests with the same key go to the same version. */
  readonly routeKey?: string;
  /** Answer with this version; in test, or for the role ml-engineer. */
  readonly targetVersion?: number;
}

export function endpointsClient({ json }: Transport) {
  return {
    list: () => json<List<EndpointView>>('listEndpoints'),
    get: (name: string) => json<EndpointView>('getEndpoint', { params: { name } }),
    declare: (name: string, endpoint: Wire<typeof DeclareEndpointSchema>) =>
      json<Wire<typeof DeclaredEndpointSchema>>('declareEndpoint', { params: { name }, body: endpoint }),
    deployments: (name: string, query: { environment?: string; state?: DeploymentView['state'] } = {}) =>
      json<List<DeploymentView>>('listDeployments', { params: { name }, query }),
    /** In an environment that needs no approval, by default test. */
    deploy: (name: string, version: number, environment = 'test') =>
      json<Wire<typeof DeployedSchema>>('deploy', { params: { environment, name }, body: { version } }),
    routing: (name: string, query: { environment?: string } = {}) =>
      json<RoutingTableView>('getRouting', { params: { name }, query }),
    /** Newest first. */
    history: (name: string, query: { environment?: string; limit?: number; atMs?: number } = {}) =>
      json<List<RoutingTableView>>('getRoutingHistory', { params: { name }, query }),
    statistics: (name: string, query: { environment?: string } = {}) =>
      json<List<DeploymentStatisticsView>>('getEndpointStatistics', { params: { name }, query }),
    /** The OpenAPI document of one endpoint, with an example row that works. */
    openApi: (name: string, query: { environment?: string } = {}) =>
      json<Record<string, unknown>>('getEndpointOpenApi', { params: { name }, query }),
    predict: (name: string, request: PredictRequest) => {
      const { rows, ids, environment, routeKey, targetVersion, ...options } = request;
      const input = {
        ...options,
        body: { rows, ...(ids !== undefined && { ids }) },
        headers: {
          ...(routeKey !== undefined && { 'x-fairlead-route-key': routeKey }),
          ...(targetVersion !== undefined && { 'x-fairlead-target-version': String(targetVersion) }),
        },
      };
      return environment === undefined || environment === 'production'
        ? json<PredictAnswerView>('predict', { ...input, params: { name } })
        : json<PredictAnswerView>('predictInEnvironment', { ...input, params: { name, environment } });
    },
  };
}
