import { type ClientOptions, createTransport } from './create-transport.js';
import { jobsClient, projectsClient, storageClient, systemClient } from './main-client.js';
import { peopleClient } from './people-client.js';
import { rulesClient } from './rooms/automation-client.js';
import { batchesClient } from './rooms/batches-client.js';
import { datasetsClient } from './rooms/data-client.js';
import { environmentsClient } from './rooms/environments-client.js';
import { evaluationsClient } from './rooms/evaluation-client.js';
import { filesClient } from './rooms/files-client.js';
import { auditClient, modelReportsOf } from './rooms/governance-client.js';
import { importsClient } from './rooms/imports-client.js';
import { lineageClient } from './rooms/lineage-client.js';
import { loggedModelsClient } from './rooms/logged-models-client.js';
import { alertsClient, monitorsClient, performanceOf, rewardsClient, truthsClient } from './rooms/monitoring-client.js';
import { pipelineRunsClient, pipelinesClient } from './rooms/pipelines-client.js';
import { modelRecordsClient, modelsClient } from './rooms/registry-client.js';
import { releasesClient } from './rooms/release-client.js';
import { endpointsClient } from './rooms/serving-client.js';
import { streamsClient } from './rooms/streams-client.js';
import { experimentsClient, runsClient, trackingClient } from './rooms/tracking-client.js';

/**
 * A typed client of one server. Errors of the server are thrown as FairleadApiError with its code and remedy; faults on
 * the way carry the codes SDK_….
 *
 * @example
 * const client = createClient({ token: process.env.FAIRLEAD_TOKEN });
 * const { predictions } = await client.endpoints.predict('rain', { rows: [{ wind: 3.2, weather: 'rain' }] });
 */
export function createClient(options: ClientOptions = {}) {
  const transport = createTransport(options);
  return {
    url: transport.url,
    datasets: datasetsClient(transport),
    pipelines: pipelinesClient(transport),
    pipelineRuns: pipelineRunsClient(transport),
    rules: rulesClient(transport),
    experiments: experimentsClient(transport),
    runs: runsClient(transport),
    tracking: trackingClient(transport),
    loggedModels: loggedModelsClient(transport),
    files: filesClient(transport),
    audit: auditClient(transport),
    lineage: lineageClient(transport),
    evaluations: evaluationsClient(transport),
    modelRecords: modelRecordsClient(transport),
    models: { ...modelsClient(transport), ...modelReportsOf(transport) },
    batches: batchesClient(transport),
    streams: streamsClient(transport),
    endpoints: { ...endpointsClient(transport), performance: performanceOf(transport) },
    monitors: monitorsClient(transport),
    truths: truthsClient(transport),
    rewards: rewardsClient(transport),
    alerts: alertsClient(transport),
    releases: releasesClient(transport),
    environments: environmentsClient(transport),
    imports: importsClient(transport),
    jobs: jobsClient(transport),
    projects: projectsClient(transport),
    people: peopleClient(transport),
    storage: storageClient(transport),
    system: systemClient(transport),
  };
}

export type FairleadClient = ReturnType<typeof createClient>;
