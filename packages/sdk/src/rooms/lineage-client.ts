import type { LineageEventView, LineageGraphView, LineageReceivedView } from '@fairlead/contracts';
import type { Page, Transport } from '../call-types.js';

export interface LineageOptions {
  readonly direction?: 'up' | 'down' | 'both';
  readonly maxNodes?: number;
  /** Steps from the root at most; absent: to the ends. */
  readonly maxDepth?: number;
  /** Only these kinds and the root; the others are walked through. */
  readonly kinds?: readonly string[];
}

export interface LineageEventQuery {
  readonly runId?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly limit?: number;
  readonly pageToken?: string;
}

export function lineageClient({ json }: Transport) {
  return {
    /** What something was made from, what was made from it, or both. `cutOff` says which limit left something out. */
    walk: (kind: string, id: string, { kinds, ...options }: LineageOptions = {}) =>
      json<LineageGraphView>('getLineage', {
        query: { kind, id, ...options, ...(kinds !== undefined && { kinds: kinds.join(',') }) },
      }),
    /** Hands OpenLineage events in, all of them or none; sending them again is harmless. */
    receive: (events: readonly object[]) => json<LineageReceivedView>('receiveLineageBatch', { body: events }),
    /** OpenLineage events that were handed in, newest first. */
    events: (query: LineageEventQuery = {}) => json<Page<LineageEventView>>('listLineageEvents', { query }),
  };
}
