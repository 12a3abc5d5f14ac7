import type { LineageNode } from '../../tracking/index.js';
import { type DatasetWriter, known } from './event-datasets.js';
import { facetWriter, producerOf, RUN_EVENT_SCHEMA } from './facets.js';
import { namespaceOf, type OpenLineageDeps } from './openlineage-deps.js';
import { uuidOf } from './openlineage-names.js';
import type { EventDataset, EventJob, EventType, Facets, RunEvent } from './openlineage-types.js';

export interface EventWriter extends DatasetWriter {
  readonly deps: OpenLineageDeps;
  /** Everything that all events have. */
  event(facts: EventFacts): RunEvent;
}

interface EventFacts {
  readonly type: EventType;
  readonly atMs: number;
  readonly runId: string;
  readonly runFacets?: Facets;
  readonly job: Omit<EventJob, 'namespace'>;
  readonly inputs?: readonly EventDataset[];
  readonly outputs?: readonly EventDataset[];
}

export function eventWriter(deps: OpenLineageDeps): EventWriter {
  const namespace = namespaceOf(deps.config);
  const facet = facetWriter(deps.version);
  const engine = facet('ProcessingEngineRunFacet', { name: 'Fairlead', version: deps.version });
  return {
    deps,
    namespace,
    facet,
    event: ({ type, atMs, runId, runFacets, job, inputs = [], outputs = [] }) => ({
      eventType: type,
      eventTime: new Date(atMs).toISOString(),
      producer: producerOf(deps.version),
      schemaURL: RUN_EVENT_SCHEMA,
      run: { runId: uuidOf(runId), facets: { processing_engine: engine, ...runFacets } },
      job: { namespace, name: job.name, ...(job.facets !== undefined && { facets: job.facets }) },
      inputs,
      outputs,
    }),
  };
}

/** What is one step away from a node in the graph. */
export async function neighbours(
  { tracking }: Pick<OpenLineageDeps, 'tracking'>,
  node: LineageNode,
  direction: 'up' | 'down',
): Promise<LineageNode[]> {
  const { nodes } = await tracking.lineage(node, { direction, maxNodes: 2_000, maxDepth: 1 });
  return nodes.slice(1);
}

/** Runs of one experiment are runs of one job; the steps of a pipeline are jobs of their own. */
export async function jobNameOf(
  { tracking }: Pick<OpenLineageDeps, 'tracking'>,
  run: { experimentId: string; tags: Readonly<Record<string, string>> },
): Promise<string> {
  const { 'fairlead.pipeline': pipeline, 'fairlead.step': step } = run.tags;
  if (pipeline !== undefined) return step === undefined ? pipeline : `${pipeline}.${step}`;
  return (await known(tracking.experiment(run.experimentId)))?.name ?? run.experimentId;
}
