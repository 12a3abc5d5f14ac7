import type { Release, ReleasePolicy } from '../../rooms/release/index.js';
import { NOW_MS, release } from './home-page.fixture.js';
import type { ReleasePageView } from './release-page-view.js';

const guardrails = { maxErrorRatio: 0.01, maxP99Ms: 250, maxNonFiniteRatio: 0 };
const wait = { maxWaitMs: 86_400_000, onMaxWait: 'hold' } as const;

/** A page of a release in this state; every name that people give is `name`. */
export function releaseView(name: string, change: Partial<Release>): ReleasePageView {
  const policy: ReleasePolicy = {
    endpoint: name,
    gates: [],
    approval: {
      required: [
        { role: 'qa', count: 2 },
        { role: 'product-owner', count: 1 },
      ],
      excludeAuthor: true,
      expiresAfterHours: 168,
    },
    rollout: { kind: 'all-at-once' },
    waivers: { roles: ['risk-manager'], maxHours: 336, never: ['contract'] },
    digest: 'p',
  };
  return {
    atMs: NOW_MS,
    version: '1.2.3',
    release: { ...release(name, 'testing'), ...change },
    policy,
    authors: [name],
  };
}

/** A rollout whose guardrail cannot be judged yet. */
export function rolloutOf(
  name: string,
  change: Partial<NonNullable<Release['rollout']>> = {},
): NonNullable<Release['rollout']> {
  const steps = [
    { weight: 0.2, minRequests: 50 },
    { weight: 1, minRequests: 0 },
  ];
  return {
    step: 0,
    weight: 0.2,
    sinceMs: NOW_MS - 60_000,
    guardrails: [
      {
        kind: 'guardrail',
        title: 'Error ratio',
        verdict: 'insufficient',
        observed: `0 % of 3 requests of ${name}`,
        required: 'at most 1 %',
        evidence: { requests: 3, name },
      },
    ],
    spec: { kind: 'canary', steps, guardrails, advance: 'auto', ...wait },
    note: `3 of 50 requests of ${name}`,
    ...change,
  };
}
