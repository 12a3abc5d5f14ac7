import type { LineageEdge, LineageNode } from '../../tracking/index.js';
import { externalId } from './openlineage-names.js';
import type { EventDataset, OpenLineageEvent, RunEvent } from './openlineage-types.js';

/** Which nodes the runs and datasets of events are: our own where they are known, else those of other systems. */
export interface Identities {
  run(runId: string): LineageNode;
  dataset(dataset: EventDataset): LineageNode;
  /** True for jobs of our own namespace: what they did stands in the graph already, in our own words. */
  isOwnJob(job: { readonly namespace: string }): boolean;
}

/** What an event says of the graph. A dataset event says nothing of it: it describes one dataset. */
export function eventEdges({ kind, event }: OpenLineageEvent, identities: Identities): LineageEdge[] {
  if (kind === 'dataset' || identities.isOwnJob(event.job)) return [];
  const job = { kind: 'external-job', id: externalId(event.job.namespace, event.job.name) };
  const at = kind === 'run' ? identities.run(event.run.runId) : job;
  const edges: LineageEdge[] = kind === 'run' ? [{ from: job, to: at, relation: 'run-as' }] : [];
  const parent = kind === 'run' ? parentOf(event) : undefined;
  if (parent !== undefined) edges.push({ from: identities.run(parent), to: at, relation: 'started' });
  for (const dataset of event.inputs ?? []) {
    edges.push({ from: identities.dataset(dataset), to: at, relation: 'input-of' });
  }
  for (const dataset of event.outputs ?? []) {
    edges.push({ from: at, to: identities.dataset(dataset), relation: 'output-of' });
  }
  return edges;
}

export function parentOf({ run }: RunEvent): string | undefined {
  const parent = run.facets?.parent as { run?: { runId?: string } } | undefined;
  return parent?.run?.runId;
}

/** The names a dataset goes by: its own, then those of its facet `symlinks`. */
export function identitiesOf(dataset: EventDataset): EventDataset[] {
  const links = (dataset.facets?.symlinks as { identifiers?: unknown } | undefined)?.identifiers;
  const others = (Array.isArray(links) ? links : []).filter(
    (link): link is EventDataset =>
      typeof link === 'object' && link !== null && typeof link.namespace === 'string' && typeof link.name === 'string',
  );
  const { facets } = dataset;
  return [dataset, ...others.map(({ namespace, name }) => ({ namespace, name, ...(facets && { facets }) }))];
}
