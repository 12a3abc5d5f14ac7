import { createHash } from 'node:crypto';
import { canonicalJson } from '@fairlead/kernel';
import type { ChangeContext } from '../../../platform/db/index.js';
import type { LineageNode } from '../../tracking/index.js';
import { governanceErrors } from '../governance-errors.js';
import { lineageReceived } from '../governance-events.js';
import { known } from './event-datasets.js';
import { eventEdges, type Identities, identitiesOf, parentOf } from './event-edges-rules.js';
import { namespaceOf, type OpenLineageDeps } from './openlineage-deps.js';
import { externalId, type OwnName, ownName, runIdOf } from './openlineage-names.js';
import type { EventDataset, OpenLineageEvent, Received, StoredEvent } from './openlineage-types.js';
import { parseEvent } from './parse-event-rules.js';

const MAX_EVENTS = 1_000;
const MAX_ISSUES = 20;

/**
 * Takes events in: all of them or none. The same event again changes nothing.
 *
 * @throws GOV_LINEAGE_EVENT_INVALID, GOV_LINEAGE_TOO_MANY
 */
export async function receiveLineage(
  deps: OpenLineageDeps,
  context: ChangeContext,
  values: readonly unknown[],
): Promise<Received> {
  const events = parseAll(values);
  const identities = await identify(deps, events);
  const receivedAtMs = deps.clock.nowMs();
  const byId = new Map(events.map((event) => [digestOf(event), event]));
  const stored = [...byId].map(([id, event]) => toStored(event, { id, receivedAtMs }));
  return deps.db.transact(context, async (tx) => {
    const fresh = await deps.store.insert(tx, stored);
    const edges = fresh.flatMap(({ id }) => {
      const event = byId.get(id);
      return event === undefined ? [] : eventEdges(event, identities);
    });
    await deps.tracking.link(tx, edges);
    if (fresh.length > 0) {
      const facts = { events: fresh.length, producers: [...new Set(fresh.map(producerOf))].sort().slice(0, 10) };
      tx.record(lineageReceived.of({ kind: 'lineage', id: 'openlineage' }, facts));
    }
    return { received: values.length, stored: fresh.length };
  });
}

function parseAll(values: readonly unknown[]): OpenLineageEvent[] {
  if (values.length > MAX_EVENTS) {
    throw governanceErrors.GOV_LINEAGE_TOO_MANY(`${values.length} events came at once.`, {
      data: { events: values.length, limit: MAX_EVENTS },
    });
  }
  const parsed = values.map(parseEvent);
  const issues = parsed.flatMap((found, index) =>
    'issues' in found ? found.issues.map((issue) => ({ event: index, ...issue })) : [],
  );
  const [first] = issues;
  if (first !== undefined) {
    const where = `${values.length > 1 ? `event ${first.event}, ` : ''}${first.path === '' ? 'the event' : first.path}`;
    throw governanceErrors.GOV_LINEAGE_EVENT_INVALID(`${where}: expected ${first.expected}.`, {
      data: { issues: issues.slice(0, MAX_ISSUES), total: issues.length },
    });
  }
  return parsed.flatMap((found) => ('event' in found ? [found.event] : []));
}

const digestOf = ({ event }: OpenLineageEvent) => createHash('sha256').update(canonicalJson(event)).digest('hex');
const producerOf = ({ event }: StoredEvent) => String(event.producer).slice(0, 200);

function toStored({ kind, event }: OpenLineageEvent, { id, receivedAtMs }: { id: string; receivedAtMs: number }) {
  const subject = kind === 'dataset' ? event.dataset : event.job;
  return {
    id,
    receivedAtMs,
    eventAtMs: Date.parse(event.eventTime.replace(' ', 'T')),
    kind,
    eventType: kind === 'run' ? (event.eventType ?? null) : null,
    namespace: subject.namespace,
    name: subject.name,
    runId: kind === 'run' ? runIdOf(event.run.runId) : null,
    event: event as unknown as StoredEvent['event'],
  };
}

/** Looks up which runs and dataset versions of the events are ours, before the transaction begins. */
async function identify(deps: OpenLineageDeps, events: readonly OpenLineageEvent[]): Promise<Identities> {
  const own = namespaceOf(deps.config);
  const runIds = new Set<string>();
  const versions = new Map<string, string>();
  for (const { kind, event } of events) {
    if (kind === 'run') for (const id of [event.run.runId, parentOf(event)]) if (id !== undefined) runIds.add(id);
    if (kind === 'dataset') continue;
    for (const dataset of [...(event.inputs ?? []), ...(event.outputs ?? [])]) {
      for (const name of identitiesOf(dataset)) {
        const found = ownName(name, own);
        if (found?.kind !== 'dataset-version' || versions.has(keyOf(found))) continue;
        const version = await known(deps.data.version(found.dataset, found.number));
        if (version !== undefined) versions.set(keyOf(found), version.id);
      }
    }
  }
  const ownRuns = new Set<string>();
  for (const uuid of runIds) if ((await known(deps.tracking.run(runIdOf(uuid)))) !== undefined) ownRuns.add(uuid);
  return {
    isOwnJob: ({ namespace }) => namespace === own,
    run: (uuid) => ({ kind: ownRuns.has(uuid) ? 'run' : 'external-run', id: runIdOf(uuid) }),
    dataset: (dataset) => ownNodeOf(dataset, { own, versions }) ?? externalNode(dataset),
  };
}

const keyOf = ({ dataset, number }: { dataset: string; number: number }) => `${dataset}\n${number}`;
const externalNode = ({ namespace, name }: EventDataset): LineageNode => ({
  kind: 'external-dataset',
  id: externalId(namespace, name),
});

function ownNodeOf(
  dataset: EventDataset,
  { own, versions }: { own: string; versions: ReadonlyMap<string, string> },
): LineageNode | undefined {
  const nodes = identitiesOf(dataset).map((name): LineageNode | undefined => {
    const found: OwnName | undefined = ownName(name, own);
    if (found?.kind !== 'dataset-version') return found?.node;
    const id = versions.get(keyOf(found));
    return id === undefined ? undefined : { kind: 'dataset-version', id };
  });
  return nodes.find((node) => node !== undefined);
}
