import { runInThread, workerEntry } from '../../../../platform/compute/index.js';
import type { TreeMemory } from '../../../../platform/telemetry/index.js';
import type { LoadTrialSpec } from '../gate-types.js';
import type { LoadPlan, LoadSeen } from './generate-load.js';

/** What our own load generator saw on the test deployment. */
export interface LoadTrial {
  readonly requests: number;
  readonly concurrency: number;
  readonly ratePerSecond: number | null;
  readonly errors: number;
  readonly failures: readonly string[];
  readonly durationMs: number;
  /** Answers per second, errors left out. */
  readonly throughput: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Most that the server and all processes below it held more than before, sampled while requests were under way. */
  readonly memoryGrowthBytes: number;
  /** Most of them at a time. */
  readonly processes: number;
}

export interface LoadTrialOptions {
  readonly spec: LoadTrialSpec;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Real rows to send, one per request, in turn. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly signal: AbortSignal;
  readonly memory: Pick<TreeMemory, 'residentBytes' | 'processes' | 'look'>;
}

const WARM_UP = 20;
const TIMEOUT_MS = 30_000;
const SAMPLE_EVERY_MS = 50;

/** Sends requests over HTTP from a thread of its own to a deployment of this very server. */
export async function runLoadTrial(options: LoadTrialOptions): Promise<LoadTrial> {
  const { spec, url, headers, rows, signal, memory } = options;
  const { requests, concurrency, ratePerSecond } = spec;
  const plan: LoadPlan = {
    ...{ url, headers: { 'content-type': 'application/json', ...headers }, requests, concurrency },
    bodies: rows.map((row) => JSON.stringify({ rows: [row] })),
    warmUp: Math.min(WARM_UP, requests),
    timeoutMs: TIMEOUT_MS,
    ...(ratePerSecond !== undefined && { ratePerSecond }),
  };
  const before = memory.residentBytes();
  let most = { bytes: before, processes: memory.processes() };
  const sample = () => {
    most = {
      bytes: Math.max(most.bytes, memory.residentBytes()),
      processes: Math.max(most.processes, memory.processes()),
    };
  };
  const sampling = setInterval(sample, SAMPLE_EVERY_MS);
  const entry = workerEntry(import.meta.url, 'load-worker.js');
  try {
    const seen = await runInThread<LoadSeen>({ entry, input: plan, signal });
    await memory.look();
    sample();
    return { ...summarise(spec, seen), memoryGrowthBytes: most.bytes - before, processes: most.processes };
  } finally {
    clearInterval(sampling);
  }
}

function summarise(
  { requests, concurrency, ratePerSecond }: LoadTrialSpec,
  { latenciesMs, errors, failures, durationMs }: LoadSeen,
): Omit<LoadTrial, 'memoryGrowthBytes' | 'processes'> {
  const sorted = latenciesMs.filter((value) => !Number.isNaN(value)).sort();
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  return {
    ...{ requests, concurrency, ratePerSecond: ratePerSecond ?? null, errors, failures, durationMs },
    throughput: (requests - errors) / (durationMs / 1_000),
    ...{ p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99), maxMs: sorted.at(-1) ?? Number.NaN },
  };
}
