import type { Table } from '@fairlead/frame';
import { messageOf, throwIfAborted } from '@fairlead/kernel';
import type { ServingService } from '../../serving/index.js';
import type { LoadTrial } from './gate-facts.js';

export interface LoadTrialOptions {
  readonly endpoint: string;
  readonly environment: string;
  /** Sent to this version whatever else is deployed there meanwhile: the gate judges this model and no other. */
  readonly version: number;
  readonly requests: number;
  readonly concurrency: number;
  /** Real rows to send, one per request, in turn. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly signal?: AbortSignal;
  readonly nowMs: () => number;
  readonly residentBytes: () => number;
}

const WARM_UP = 20;

/**
 * A closed loop of `concurrency` callers on the serving path of a deployment, HTTP left out: what is measured is the
 * model with validation, routing, batching and capture, on this very machine.
 */
export async function runLoadTrial(
  serving: Pick<ServingService, 'predict'>,
  options: LoadTrialOptions,
): Promise<LoadTrial> {
  const { requests, concurrency, rows, nowMs, residentBytes } = options;
  const latencies: number[] = [];
  const failures: string[] = [];
  let next = 0;
  const send = async (number: number): Promise<number> => {
    const startedMs = nowMs();
    const row = rows[number % rows.length] ?? {};
    try {
      await serving.predict({
        endpoint: options.endpoint,
        environment: options.environment,
        targetVersion: options.version,
        requestId: `load-trial-${number}`,
        consumer: 'load-trial',
        input: { kind: 'rows', rows: [row] },
      });
    } catch (error) {
      failures.push(messageOf(error));
    }
    return nowMs() - startedMs;
  };
  for (let i = 0; i < Math.min(WARM_UP, requests); i += 1) await send(i);
  failures.length = 0;
  const before = residentBytes();
  const startedMs = nowMs();
  const caller = async () => {
    while (next < requests) {
      throwIfAborted(options.signal);
      const number = next;
      next += 1;
      latencies.push(await send(number));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  const durationMs = nowMs() - startedMs;
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  return {
    requests,
    concurrency,
    errors: failures.length,
    durationMs,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    memoryGrowthBytes: Math.max(0, residentBytes() - before),
  };
}

/** Rows of a table as request bodies with the columns an endpoint takes; missing values are left out. */
export function requestRows(
  table: Table,
  columns: readonly string[],
  toRows: (table: Table) => Record<string, unknown>[],
) {
  return toRows(table).map((row) =>
    Object.fromEntries(columns.filter((name) => row[name] != null).map((name) => [name, row[name]])),
  );
}
