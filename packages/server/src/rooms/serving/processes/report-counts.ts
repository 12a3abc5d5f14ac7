import type { LiveTable } from '../routing/live-table.js';
import type { AnsweredRows, ProcessRequest, ReportedCounts } from './process-messages.js';

export interface CountsReporter {
  /** Rows of an endpoint were answered and captured. */
  answered(endpoint: string, environment: string, rows: number): void;
  /** Resolves when the server has added what was counted so far to its own counts. */
  report(): Promise<void>;
}

/** Hands what a serving process counted over to the server, which sums the processes. */
export function reportCounts(
  live: LiveTable,
  send: (request: Extract<ProcessRequest, { type: 'counts' }>) => Promise<unknown>,
): CountsReporter {
  const rowsByPlace = new Map<string, AnsweredRows>();
  return {
    answered: (endpoint, environment, rows) => {
      const key = `${endpoint}@${environment}`;
      const before = rowsByPlace.get(key)?.rows ?? 0;
      rowsByPlace.set(key, { endpoint, environment, rows: before + rows });
    },
    report: async () => {
      const counts = live.servables().flatMap(({ deployment, counters }): ReportedCounts[] => {
        const taken = counters.take();
        if (taken === undefined) return [];
        return [{ deploymentId: deployment.id, revision: live.revisionOf(deployment) ?? 0, counts: taken }];
      });
      const answered = [...rowsByPlace.values()];
      rowsByPlace.clear();
      if (counts.length > 0 || answered.length > 0) await send({ type: 'counts', counts, answered });
    },
  };
}
