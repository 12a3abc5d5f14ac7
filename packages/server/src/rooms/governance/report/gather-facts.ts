import { isFairleadError, type Subject } from '@fairlead/kernel';
import type { TableProfile } from '@fairlead/num';
import type { ModelVersion } from '../../registry/index.js';
import type { Deployment } from '../../serving/index.js';
import type { LineageEdge, LineageGraph, RunSearch } from '../../tracking/index.js';
import { REPORTED_IN } from '../governance-events.js';
import type { ReportDeps } from './report-deps.js';
import type { ReportFacts } from './report-facts.js';

const MAX_NODES = 60;
const MAX_TRIALS = 200;
const MAX_RELEASES = 1_000;
const MAX_EVENTS = 40;
const MAX_REPORTS = 10;
/** Joined predictions per window of accuracy over time. */
const WINDOW_ROWS = 30;

/** Reads every fact of a model version. What nobody stored is null or empty; anything else that fails, fails the report. */
export async function gatherFacts(deps: ReportDeps, version: ModelVersion): Promise<ReportFacts> {
  const { registry } = deps;
  const [data, training, release, operation] = await Promise.all([
    dataFacts(deps, version),
    trainingFacts(deps, version),
    releaseFacts(deps, version),
    operationFacts(deps, version),
  ]);
  const subjects = [
    ...subjectsOf(version),
    ...release.releases.map(({ id }) => ({ kind: 'release', id })),
    ...operation.deployments.map(({ id }) => ({ kind: 'deployment', id })),
  ];
  return {
    version,
    model: await stored(registry.model(version.model)),
    card: await stored(registry.card(version.model, version.version)),
    ...data,
    ...training,
    ...release,
    ...operation,
    audit: await deps.audit.auditOf(subjects, MAX_EVENTS),
  };
}

/** Null when the room says that there is no such thing. */
async function stored<T>(fact: Promise<T>): Promise<T | null> {
  try {
    return await fact;
  } catch (error) {
    if (isFairleadError(error) && error.status === 404) return null;
    throw error;
  }
}

function subjectsOf({ model, version, source }: ModelVersion): Subject[] {
  return [
    { kind: 'model-version', id: `${model}/${version}` },
    ...(source.splitId === null ? [] : [{ kind: 'split', id: source.splitId }]),
    ...(source.datasetVersionId === null ? [] : [{ kind: 'dataset-version', id: source.datasetVersionId }]),
    ...(source.trackingRunId === null ? [] : [{ kind: 'run', id: source.trackingRunId }]),
    ...(source.pipelineRunId === null ? [] : [{ kind: 'pipeline-run', id: source.pipelineRunId }]),
  ];
}

async function dataFacts({ data, objects }: ReportDeps, { source, profileDigest }: ModelVersion) {
  const { datasetVersionId, splitId } = source;
  const datasetVersion = datasetVersionId === null ? null : await stored(data.versionById(datasetVersionId));
  const dataset = datasetVersion && (await stored(data.get(datasetVersion.dataset)));
  const all = (datasetVersion && (await stored(data.deliveries(datasetVersion.dataset)))) ?? [];
  const inside = new Set(datasetVersion?.files.map(({ deliveryId }) => deliveryId));
  return {
    datasetVersion,
    dataset,
    split: splitId === null ? null : await stored(data.splitById(splitId)),
    deliveries: all.filter(({ id }) => inside.has(id)),
    otherDeliveries: all.filter(({ id }) => !inside.has(id)),
    profile: asProfile(profileDigest === null ? null : await stored(objects.readBytes(profileDigest))),
  };
}

/** The bytes as a profile; null when they are something else. */
function asProfile(bytes: Uint8Array | null): TableProfile | null {
  if (bytes === null) return null;
  try {
    const value = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<TableProfile> | null;
    const whole = typeof value?.rowCount === 'number' && Array.isArray(value.columns);
    return whole ? (value as TableProfile) : null;
  } catch {
    return null;
  }
}

const childrenOf = (runId: string): RunSearch => ({
  where: [{ field: 'parent', comparison: '=', value: runId }],
  limit: MAX_TRIALS,
});

async function trainingFacts({ tracking, evaluation }: ReportDeps, version: ModelVersion) {
  const { trackingRunId } = version.source;
  const run = trackingRunId === null ? null : await stored(tracking.run(trackingRunId));
  const found = run === null ? null : await stored(tracking.searchRuns(childrenOf(run.id)));
  const root = { kind: 'model-version', id: `${version.model}/${version.version}` };
  return {
    run,
    trials: found?.items ?? [],
    evaluation: version.reportDigest === null ? null : await stored(evaluation.report(version.reportDigest)),
    lineage: withoutReports(await stored(tracking.lineage(root, { direction: 'both', maxNodes: MAX_NODES }))),
  };
}

/** Reports stored earlier are no facts of the version: with them in it, storing a report would change the next one. */
function withoutReports(graph: LineageGraph | null): LineageGraph | null {
  if (graph === null) return null;
  const isReport = ({ relation }: LineageEdge) => relation === REPORTED_IN;
  const reports = new Set(graph.edges.filter(isReport).map(({ to }) => `${to.kind}/${to.id}`));
  return {
    ...graph,
    nodes: graph.nodes.filter(({ kind, id }) => !reports.has(`${kind}/${id}`)),
    edges: graph.edges.filter((edge) => !isReport(edge)),
  };
}

async function releaseFacts({ release }: ReportDeps, { model, version }: ModelVersion) {
  const all = await release.releases({ limit: MAX_RELEASES });
  const releases = all.filter((candidate) => candidate.model === model && candidate.version === version);
  const endpoints = [...new Set(releases.map(({ endpoint }) => endpoint))].sort();
  const policies = await Promise.all(endpoints.map((endpoint) => stored(release.policy(endpoint))));
  return { releases, policies: policies.filter((policy) => policy !== null) };
}

async function operationFacts({ serving, monitoring }: ReportDeps, version: ModelVersion) {
  const all = await serving.deployments({});
  const deployments = all
    .filter((deployment) => deployment.model === version.model && deployment.version === version.version)
    .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? 1 : -1));
  const endpoints = [...new Set(deployments.map(({ endpoint }) => endpoint))].sort();
  const histories = await Promise.all(
    placesOf(deployments).map(({ endpoint, environment }) => serving.routingHistory(endpoint, environment, 200)),
  );
  const declared = (await monitoring.list()).filter(({ spec }) => endpoints.includes(spec.endpoint));
  const monitors = await Promise.all(
    declared.map(async (monitor) => {
      const reports = await monitoring.reports(monitor.name, 200);
      return { monitor, reports: reports.filter((r) => r.version === version.version).slice(0, MAX_REPORTS) };
    }),
  );
  const alerts = await Promise.all(endpoints.map((endpoint) => monitoring.alerts({ endpoint, limit: 100 })));
  const performance = await Promise.all(
    endpoints.map(async (endpoint) => ({
      endpoint,
      windows: (await stored(monitoring.performance(endpoint, { rows: WINDOW_ROWS }))) ?? [],
    })),
  );
  return {
    deployments,
    routing: histories.filter((history) => history.length > 0).map((history) => [...history].reverse()),
    monitors,
    alerts: alerts.flat(),
    performance,
  };
}

function placesOf(deployments: readonly Deployment[]): { endpoint: string; environment: string }[] {
  const keys = new Set(deployments.map(({ endpoint, environment }) => JSON.stringify([endpoint, environment])));
  return [...keys].sort().map((key) => {
    const [endpoint, environment] = JSON.parse(key) as [string, string];
    return { endpoint, environment };
  });
}
