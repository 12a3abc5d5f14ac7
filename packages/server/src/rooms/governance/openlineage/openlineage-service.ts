import type { ChangeContext, EventConsumer } from '../../../platform/db/index.js';
import { createEmitter, handleEmitJobs } from './emit-lineage.js';
import type { OpenLineageDeps } from './openlineage-deps.js';
import { externalId } from './openlineage-names.js';
import { sqlOpenLineageStore } from './openlineage-store.sql.js';
import type { EventQuery, Received, StoredEvent } from './openlineage-types.js';
import { receiveLineage } from './receive-lineage.js';

export interface OpenLineageService {
  /** All of the events or none; the same event again changes nothing. @throws GOV_LINEAGE_EVENT_INVALID, GOV_LINEAGE_TOO_MANY */
  receive(context: ChangeContext, events: readonly unknown[]): Promise<Received>;
  /** What was received, newest first. */
  events(query: EventQuery): Promise<StoredEvent[]>;
  /** The last event of each run of another system that is known here. */
  lastOfRuns(runIds: readonly string[]): Promise<StoredEvent[]>;
}

export interface OpenLineage {
  readonly service: OpenLineageService;
  /** Present when events are to be sent; `main` gives it to the event dispatcher. */
  readonly consumer: EventConsumer | null;
}

export function createOpenLineage(given: Omit<OpenLineageDeps, 'store'>): OpenLineage {
  const deps: OpenLineageDeps = { ...given, store: sqlOpenLineageStore(externalId) };
  const { db, store, config } = deps;
  handleEmitJobs(deps);
  return {
    service: {
      receive: (context, events) => receiveLineage(deps, context, events),
      events: (query) => store.find(db, query),
      lastOfRuns: (runIds) => store.lastOfRuns(db, runIds),
    },
    consumer: config.openlineage?.url === undefined ? null : createEmitter(deps),
  };
}
