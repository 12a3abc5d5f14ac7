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

/** Version 2 beside version 1, and versions 3 and 4, of which the last was taken out. */
export function banditOf(name: string): NonNullable<Release['rollout']> {
  const { guardrails: own } = rolloutOf(name);
  const reason = `Error ratio 40 % of ${name}`;
  const arm = { deploymentId: 'd', guardrails: own };
  return rolloutOf(name, {
    spec: {
      ...{ kind: 'bandit', algorithm: 'thompson', epsilon: 0, floor: 0.05, metric: 'reward', redrawMs: 60_000 },
      ...{ endAt: 0.99, minRewards: 100, guardrails, ...wait },
    },
    stableVersion: 1,
    others: [
      { ...arm, version: 3, releaseId: 'rel3', weight: 0.3 },
      { ...arm, version: 4, releaseId: 'rel4', weight: 0, takenOut: { reason, atMs: NOW_MS } },
    ],
    experiment: { arms: [{ role: 'other', version: 3, observed: 12, best: 0.75, weight: 0.3 }] },
  });
}
