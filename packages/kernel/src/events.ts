import type { Actor } from './actor.js';

/** The thing an event is about, for example `{kind: 'model-version', id: 'rain/3'}`. */
export interface Subject {
  readonly kind: string;
  readonly id: string;
}

/** The state of the subject around the change, for the audit log. JSON values. */
export interface Change {
  readonly before?: unknown;
  readonly after?: unknown;
}

/** An event as a service hands it to the transaction that makes the change. */
export interface NewEvent<P = unknown> extends Change {
  readonly type: string;
  readonly subject: Subject;
  readonly payload: P;
  /** `denied` and `error` record attempts that changed nothing. */
  readonly outcome?: 'ok' | 'denied' | 'error';
}

/** An event as it stands in the ledger: numbered, dated, signed with the actor and chained by hash. */
export interface RecordedEvent<P = unknown> extends NewEvent<P> {
  readonly seq: number;
  readonly id: string;
  readonly atMs: number;
  readonly actor: Actor;
  readonly requestId: string | null;
  readonly outcome: 'ok' | 'denied' | 'error';
  readonly hash: string;
  readonly previousHash: string;
}

/** A kind of event that a room publishes. `of` makes one, `is` recognises one. */
export interface EventKind<P> {
  readonly type: string;
  readonly title: string;
  of(subject: Subject, payload: P, change?: Change & { outcome?: 'ok' | 'denied' | 'error' }): NewEvent<P>;
  is(event: RecordedEvent): event is RecordedEvent<P>;
}

const kinds = new WeakSet<object>();

/**
 * Declares a kind of event. `type` is `room.fact-in-past-tense`, for example `data.version-created`.
 */
export function defineEvent<P>(type: string, title: string): EventKind<P> {
  const kind: EventKind<P> = {
    type,
    title,
    of: (subject, payload, change = {}) => ({ type, subject, payload, ...change }),
    is: (event): event is RecordedEvent<P> => event.type === type,
  };
  kinds.add(kind);
  return kind;
}

/** True for values made by {@link defineEvent}: used to generate docs/reference/events.md. */
export function isEventKind(value: unknown): value is EventKind<unknown> {
  return typeof value === 'object' && value !== null && kinds.has(value);
}
