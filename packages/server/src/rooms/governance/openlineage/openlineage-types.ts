/** Any facet: an object with who made it and which schema it has. */
export type Facet = Readonly<Record<string, unknown>>;
export type Facets = Readonly<Record<string, Facet>>;

export interface EventDataset {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

export interface EventJob {
  readonly namespace: string;
  readonly name: string;
  readonly facets?: Facets;
}

export const EVENT_TYPES = ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What all events have (OpenLineage 2-0-2). Unknown members are kept as they came. */
interface BaseEvent {
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
}

export interface RunEvent extends BaseEvent {
  readonly eventType?: EventType;
  readonly run: { readonly runId: string; readonly facets?: Facets };
  readonly job: EventJob;
  readonly inputs?: readonly EventDataset[];
  readonly outputs?: readonly EventDataset[];
}

export interface JobEvent extends BaseEvent {
  readonly job: EventJob;
  readonly inputs?: readonly EventDataset[];
  readonly outputs?: readonly EventDataset[];
}

export interface DatasetEvent extends BaseEvent {
  readonly dataset: EventDataset;
}

export type OpenLineageEvent =
  | ({ readonly kind: 'run' } & { readonly event: RunEvent })
  | ({ readonly kind: 'job' } & { readonly event: JobEvent })
  | ({ readonly kind: 'dataset' } & { readonly event: DatasetEvent });

/** An event as it was received, with what it is found by. */
export interface StoredEvent {
  /** sha256 of the canonical JSON: the same event again is the same row. */
  readonly id: string;
  readonly receivedAtMs: number;
  readonly eventAtMs: number;
  readonly kind: OpenLineageEvent['kind'];
  readonly eventType: EventType | null;
  readonly namespace: string;
  readonly name: string;
  readonly runId: string | null;
  readonly event: Readonly<Record<string, unknown>>;
}

export interface EventQuery {
  readonly runId?: string;
  /** Of the job, or of the dataset of a dataset event. */
  readonly namespace?: string;
  readonly name?: string;
  readonly after?: { readonly receivedAtMs: number; readonly id: string };
  readonly limit: number;
}

export interface Received {
  readonly received: number;
  /** Those that were not there yet. */
  readonly stored: number;
}
