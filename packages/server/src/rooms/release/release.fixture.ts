import { type Actor, type Role, sleep, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll } from 'vitest';
import type { ChangeContext } from '../../platform/db/index.js';
import { openReleaseBench, type ReleaseBench, type Running } from './release-bench.fixture.js';
import type { ReleaseDeps } from './release-deps.js';
import type { PolicyContent, Release, ReleasePolicy } from './release-types.js';

export { openReleaseBench, type ReleaseBench, type Running } from './release-bench.fixture.js';

/** A person with a token. */
export const as = (id: string, ...roles: Role[]): ChangeContext => ({
  actor: { kind: 'user', id, roles, authenticated: true } satisfies Actor,
});
export const ann = as('ann', 'data-scientist');
export const quinn = as('quinn', 'qa');
export const paul = as('paul', 'product-owner');
export const machine: ChangeContext = { actor: systemActor };

type Canary = Extract<ReleasePolicy['rollout'], { kind: 'canary' }>;

/** Guardrails that answers keep. */
export const rails = { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 } as const;
/** How long a rollout waits for a judgement. */
export const waiting = { maxWaitMs: 3_600_000, onMaxWait: 'hold' } as const;

/** 20 %, then 50 %, then all; 10 requests at each step. */
export const canary = (change: Partial<Canary> = {}): Canary => ({
  kind: 'canary',
  steps: [
    { weight: 0.2, minRequests: 10 },
    { weight: 0.5, minRequests: 10 },
    { weight: 1, minRequests: 0 },
  ],
  guardrails: rails,
  advance: 'auto',
  maxWaitMs: 60_000,
  onMaxWait: 'hold',
  ...change,
});

export const policy = (change: Partial<PolicyContent> = {}): PolicyContent => ({
  gates: [
    { kind: 'onnx-parity', maxAbsDifference: 1e-5 },
    { kind: 'load-trial', requests: 5, concurrency: 1, maxP99Ms: 60_000, maxMemoryGrowthMb: 100_000 },
  ],
  approval: {
    required: [
      { role: 'qa', count: 1 },
      { role: 'product-owner', count: 1 },
    ],
    excludeAuthor: true,
    expiresAfterHours: 24,
  },
  rollout: { kind: 'all-at-once' },
  ...change,
});

const DECIDED = ['gates-failed', 'awaiting-approval', 'approved', 'failed', 'superseded'] as const;

/** Declares endpoint and policy. */
export async function declare({ serving, release }: Running, endpoint: string, content: PolicyContent): Promise<void> {
  await serving.declareEndpoint(machine, { name: endpoint, model: 'rain' });
  await release.declarePolicy(machine, endpoint, content);
}

let endpoints = 0;
/** A fresh endpoint with a policy. */
export async function freshEndpoint(running: Running, change: Partial<PolicyContent> = {}): Promise<string> {
  endpoints += 1;
  const name = `rain-${endpoints}`;
  await declare(running, name, policy(change));
  return name;
}

/** No look at the guardrails is made unless a test asks for one. */
export const unwatched = (deps: Omit<ReleaseDeps, 'store'>): Omit<ReleaseDeps, 'store'> => ({
  ...deps,
  advanceEveryMs: 3_600_000_000,
});

/** Ann asks for the version; gives the release once its gates are decided. */
export async function request({ release }: Running, endpoint: string, version: number): Promise<Release> {
  const { id } = await release.request(ann, { endpoint, version, reason: 'a better model' });
  return release.waitFor(id, DECIDED, { timeoutMs: 20_000 });
}

export async function approve(running: Running, endpoint: string, version: number): Promise<Release> {
  const { id } = await request(running, endpoint, version);
  await running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  return running.release.sign(paul, id, { meaning: 'approved', role: 'product-owner', comment: '' });
}

/** The whole way of a version into production, as far as the rollout lets it go at once. */
export async function bringLive(running: Running, endpoint: string, version: number): Promise<Release> {
  const { id } = await approve(running, endpoint, version);
  return running.release.rollOut(machine, id);
}

let requests = 0;

/**
 * Sends requests, each under its own routing key; gives the versions that answered, 0 for a refusal. With a wind of 3e38 all
 * versions fail, so `targetVersion` says whose fault it is to be.
 */
export async function send(
  { serving }: Running,
  endpoint: string,
  count: number,
  row: Record<string, unknown> = { wind: 0.5 },
  targetVersion?: number,
) {
  const versions: number[] = [];
  for (let i = 0; i < count; i += 1) {
    requests += 1;
    const answered = serving.predict({
      ...{ endpoint, environment: 'production', requestId: `r${requests}`, consumer: 'tests' },
      ...(targetVersion !== undefined && { targetVersion }),
      input: { kind: 'rows', rows: [row] },
    });
    versions.push(
      await answered.then(
        ({ version }) => version,
        () => 0,
      ),
    );
  }
  return versions;
}

/** Version → weight of what production routes to now. */
export async function shares({ serving }: Running, endpoint: string): Promise<Record<number, number>> {
  const table = await serving.routing(endpoint, 'production');
  return Object.fromEntries((table?.entries ?? []).map(({ version, weight }) => [version, weight]));
}

/** Resolves when no job waits or runs but the watches of rollouts. */
export async function idle({ jobs }: Running): Promise<void> {
  for (;;) {
    const left = [...(await jobs.list({ state: 'queued' })), ...(await jobs.list({ state: 'running' }))];
    if (left.every((job) => job.kind === 'release.advance')) return;
    await sleep(20);
  }
}

type Rest<F> = F extends (running: Running, ...rest: infer R) => infer A ? (...rest: R) => A : never;

/** A bench with the server that runs on it now, for all tests of a file, and what tests do with that. */
export interface ReleaseFile {
  bench: ReleaseBench;
  /** A test that stops it starts another one in its place. */
  running: Running;
  readonly declare: Rest<typeof declare>;
  readonly freshEndpoint: Rest<typeof freshEndpoint>;
  readonly request: Rest<typeof request>;
  readonly approve: Rest<typeof approve>;
  readonly bringLive: Rest<typeof bringLive>;
  /** Version 1 serves, and version 2 rolls out beside it. */
  readonly rollOutBeside: (change?: Partial<PolicyContent>) => Promise<{ endpoint: string; id: string }>;
  readonly send: Rest<typeof send>;
  readonly shares: Rest<typeof shares>;
  readonly idle: Rest<typeof idle>;
}

export interface OpenReleaseFile {
  /** What the server is started with; {@link unwatched} unless told. */
  readonly start?: Parameters<ReleaseBench['start']>[0];
  /** Before the server starts. */
  readonly furnish?: (bench: ReleaseBench) => Promise<void>;
  /** Once it runs. */
  readonly prepare?: (at: ReleaseFile) => Promise<void>;
}

/** Opens a bench before the tests of a file and puts it away after them. */
export function openReleaseFile({ start = unwatched, furnish, prepare }: OpenReleaseFile = {}): ReleaseFile {
  const at: ReleaseFile = {
    // Both stand here before the first test.
    bench: undefined as unknown as ReleaseBench,
    running: undefined as unknown as Running,
    declare: (...rest) => declare(at.running, ...rest),
    freshEndpoint: (...rest) => freshEndpoint(at.running, ...rest),
    request: (...rest) => request(at.running, ...rest),
    approve: (...rest) => approve(at.running, ...rest),
    bringLive: (...rest) => bringLive(at.running, ...rest),
    rollOutBeside: async (change) => {
      const endpoint = await freshEndpoint(at.running, change);
      await bringLive(at.running, endpoint, 1);
      return { endpoint, id: (await bringLive(at.running, endpoint, 2)).id };
    },
    send: (...rest) => send(at.running, ...rest),
    shares: (...rest) => shares(at.running, ...rest),
    idle: () => idle(at.running),
  };
  beforeAll(async () => {
    at.bench = await openReleaseBench();
    await furnish?.(at.bench);
    at.running = await at.bench.start(start);
    await prepare?.(at);
  });
  afterAll(() => at.bench.dispose());
  return at;
}
