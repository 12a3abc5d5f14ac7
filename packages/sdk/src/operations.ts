/** One route of the server. `path` is written as in the OpenAPI document. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
}

const get = (path: string): Operation => ({ method: 'GET', path });
const post = (path: string): Operation => ({ method: 'POST', path });
const put = (path: string): Operation => ({ method: 'PUT', path });
const patch = (path: string): Operation => ({ method: 'PATCH', path });
const remove = (path: string): Operation => ({ method: 'DELETE', path });

/** Every operation that the client knows, by operationId: the only place where paths are written. */
export const OPERATIONS = {
  getVersion: get('/api/v1/version'),
  whoami: get('/api/v1/whoami'),

  listPeople: get('/api/v1/people'),
  addPerson: post('/api/v1/people'),
  getPerson: get('/api/v1/people/{name}'),
  setRoles: put('/api/v1/people/{name}/roles'),
  disablePerson: post('/api/v1/people/{name}/disable'),
  listTokens: get('/api/v1/people/{name}/tokens'),
  issueToken: post('/api/v1/people/{name}/tokens'),
  revokeToken: remove('/api/v1/people/{name}/tokens/{id}'),

  planProject: post('/api/v1/projects/plan'),
  applyProject: post('/api/v1/projects/apply'),
  reproduceRun: post('/api/v1/runs/{runId}/reproduce'),
  getJob: get('/api/v1/jobs/{id}'),
  cancelJob: post('/api/v1/jobs/{id}/cancel'),

  listDatasets: get('/api/v1/datasets'),
  getDataset: get('/api/v1/datasets/{name}'),
  declareDataset: put('/api/v1/datasets/{name}'),
  ingestDelivery: post('/api/v1/datasets/{name}/deliveries'),
  listDeliveries: get('/api/v1/datasets/{name}/deliveries'),
  getDelivery: get('/api/v1/deliveries/{id}'),
  listQuarantine: get('/api/v1/deliveries/{id}/quarantine'),
  uploadDataFile: post('/api/v1/datasets/{name}/uploads'),
  listDatasetVersions: get('/api/v1/datasets/{name}/versions'),
  getDatasetVersion: get('/api/v1/datasets/{name}/versions/{version}'),
  previewDatasetRows: get('/api/v1/datasets/{name}/versions/{version}/rows'),
  getDatasetProfile: get('/api/v1/datasets/{name}/versions/{version}/profile'),
  createSplit: post('/api/v1/datasets/{name}/versions/{version}/splits'),
  listSplits: get('/api/v1/datasets/{name}/versions/{version}/splits'),
  getSplit: get('/api/v1/splits/{id}'),
  getSplitProfile: get('/api/v1/splits/{id}/parts/{part}/profile'),

  listPipelines: get('/api/v1/pipelines'),
  getPipeline: get('/api/v1/pipelines/{name}'),
  putPipeline: put('/api/v1/pipelines/{name}'),
  listBuiltInSteps: get('/api/v1/pipeline-steps'),
  startPipelineRun: post('/api/v1/pipelines/{name}/runs'),
  listPipelineRuns: get('/api/v1/pipeline-runs'),
  getPipelineRun: get('/api/v1/pipeline-runs/{runId}'),
  cancelPipelineRun: post('/api/v1/pipeline-runs/{runId}/cancel'),
  resumePipelineRun: post('/api/v1/pipeline-runs/{runId}/resume'),

  listMonitors: get('/api/v1/monitors'),
  getMonitor: get('/api/v1/monitors/{name}'),
  putMonitor: put('/api/v1/monitors/{name}'),
  checkMonitor: post('/api/v1/monitors/{name}/checks'),
  listMonitorReports: get('/api/v1/monitors/{name}/reports'),
  getMonitorReport: get('/api/v1/monitor-reports/{id}'),
  postTruths: post('/api/v1/endpoints/{name}/truths'),
  getPerformance: get('/api/v1/endpoints/{name}/performance'),
  listAlerts: get('/api/v1/alerts'),
  getAlert: get('/api/v1/alerts/{id}'),
  acknowledgeAlert: post('/api/v1/alerts/{id}/acknowledge'),

  listAuditEvents: get('/api/v1/audit'),
  verifyAudit: get('/api/v1/audit/verification'),
  exportAudit: get('/api/v1/audit/export'),
  getModelReport: get('/api/v1/models/{model}/versions/{version}/report'),
  storeModelReport: post('/api/v1/models/{model}/versions/{version}/report'),

  listRules: get('/api/v1/rules'),
  getRule: get('/api/v1/rules/{name}'),
  declareRule: put('/api/v1/rules/{name}'),
  rehearseRule: post('/api/v1/rules/{name}/rehearsals'),
  listActionRuns: get('/api/v1/action-runs'),
  getActionRun: get('/api/v1/action-runs/{id}'),

  listExperiments: get('/api/v1/experiments'),
  createExperiment: post('/api/v1/experiments'),
  searchRuns: get('/api/v1/runs'),
  startRun: post('/api/v1/runs'),
  getRun: get('/api/v1/runs/{runId}'),
  logRunBatch: post('/api/v1/runs/{runId}/batch'),
  endRun: post('/api/v1/runs/{runId}/end'),
  getMetricHistory: get('/api/v1/runs/{runId}/metric-history'),
  listRunArtifacts: get('/api/v1/runs/{runId}/artifacts'),
  downloadRunArtifact: get('/api/v1/runs/{runId}/artifacts/{*}'),
  uploadRunArtifact: put('/api/v1/runs/{runId}/artifacts/{*}'),
  getLineage: get('/api/v1/lineage'),

  getEvaluationReport: get('/api/v1/evaluation-reports/{digest}'),

  listModels: get('/api/v1/models'),
  getModel: get('/api/v1/models/{model}'),
  listModelVersions: get('/api/v1/models/{model}/versions'),
  getModelVersion: get('/api/v1/models/{model}/versions/{version}'),
  getModelCard: get('/api/v1/models/{model}/versions/{version}/card'),
  setModelCardText: put('/api/v1/models/{model}/versions/{version}/card'),
  setModelVersionTags: patch('/api/v1/models/{model}/versions/{version}/tags'),
  downloadModelFile: get('/api/v1/models/{model}/versions/{version}/files/{*}'),
  listAliasHistory: get('/api/v1/models/{model}/alias-history'),
  setModelAlias: put('/api/v1/models/{model}/aliases/{alias}'),
  removeModelAlias: remove('/api/v1/models/{model}/aliases/{alias}'),

  listEndpoints: get('/api/v1/endpoints'),
  getEndpoint: get('/api/v1/endpoints/{name}'),
  declareEndpoint: put('/api/v1/endpoints/{name}'),
  listDeployments: get('/api/v1/endpoints/{name}/deployments'),
  deployToTest: post('/api/v1/environments/test/endpoints/{name}/deployments'),
  getRouting: get('/api/v1/endpoints/{name}/routing'),
  getRoutingHistory: get('/api/v1/endpoints/{name}/routing/history'),
  getEndpointStatistics: get('/api/v1/endpoints/{name}/statistics'),
  getEndpointOpenApi: get('/api/v1/endpoints/{name}/openapi.json'),
  predict: post('/api/v1/endpoints/{name}/predict'),
  predictInEnvironment: post('/api/v1/environments/{environment}/endpoints/{name}/predict'),

  listReleases: get('/api/v1/releases'),
  getRelease: get('/api/v1/releases/{id}'),
  requestRelease: post('/api/v1/releases'),
  signRelease: post('/api/v1/releases/{id}/signatures'),
  startRollout: post('/api/v1/releases/{id}/rollout'),
  advanceRollout: post('/api/v1/releases/{id}/advance'),
  rollBackEndpoint: post('/api/v1/endpoints/{endpoint}/rollback'),
  getReleasePolicy: get('/api/v1/endpoints/{endpoint}/release-policy'),
} as const satisfies Readonly<Record<string, Operation>>;

export type OperationId = keyof typeof OPERATIONS;
