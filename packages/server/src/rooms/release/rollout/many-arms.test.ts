import { describe, expect, it, vi } from 'vitest';
import { registryErrors } from '../../registry/index.js';
import { ann, machine, openReleaseFile, paul, policy, quinn, rails, unwatched, waiting } from '../release.fixture.js';
import type { ReleaseDeps } from '../release-deps.js';
import type { Release } from '../release-types.js';
import type { ArmRef, BanditSpec } from './rollout-types.js';

/** Versions by number, `challenger` is version 3, version 9 reads another column, and there are more from 10 on. */
const registryOf = ({ registry }: Pick<ReleaseDeps, 'registry'>): ReleaseDeps['registry'] => ({
  ...registry,
  version: async (model, ref) => {
    if (String(ref) === '9') {
      const { signature, ...version } = await registry.version(model, 1);
      const [wind] = signature.inputs;
      return { ...version, version: 9, signature: { ...signature, inputs: [{ ...wind, name: 'gusts' } as never] } };
    }
    if (Number(ref) >= 10) return { ...(await registry.version(model, 1)), version: Number(ref) };
    const found = await registry.version(model, ref === 'challenger' ? 3 : ref);
    if (found !== undefined) return found;
    throw registryErrors.REG_VERSION_NOT_FOUND(`There is no version ${ref}.`, { data: {} });
  },
});
const start = (deps: Omit<ReleaseDeps, 'store'>) => ({ ...unwatched(deps), registry: registryOf(deps) });
const at = openReleaseFile({ start });

const rollout: BanditSpec = {
  ...{ kind: 'bandit', algorithm: 'thompson', epsilon: 0, floor: 0.05, metric: 'accuracy', redrawMs: 1_000 },
  ...{ endAt: 0.99, minRewards: 1_000, guardrails: rails, ...waiting },
};

async function approve(endpoint: string, version: number, beside = true): Promise<Release> {
  const { release } = at.running;
  const { id } = await release.request(ann, { endpoint, version, reason: 'try it', beside });
  await release.waitFor(id, ['awaiting-approval', 'gates-failed', 'failed'], { timeoutMs: 20_000 });
  await release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  return release.sign(paul, id, { meaning: 'approved', role: 'product-owner', comment: '' });
}

/** Version 1 is live; versions 2, 3 and 4 are approved, and the last is to be the candidate. */
async function prepare(change: Partial<BanditSpec> = {}): Promise<{ endpoint: string; releases: Release[] }> {
  const endpoint = await at.freshEndpoint({ rollout: { ...rollout, ...change } });
  await at.bringLive(endpoint, 1);
  const releases = [];
  for (const version of [2, 3, 4]) releases.push(await approve(endpoint, version));
  return { endpoint, releases };
}

async function begin(change: Partial<BanditSpec> = {}, arms: readonly ArmRef[] = [2, 'challenger']) {
  const { endpoint, releases } = await prepare(change);
  const [second, third, candidate] = releases as [Release, Release, Release];
  const release = await at.running.release.rollOut(machine, candidate.id, { arms });
  return { endpoint, id: release.id, second: second.id, third: third.id, release };
}

/** Posts what came true of every answer so far: of this version's answers this share was right. */
async function tellTruth(endpoint: string, rightByVersion: Readonly<Record<number, number>>): Promise<void> {
  const seen = new Map<number, number>();
  await at.running.serving.flushCapture();
  for (const { id, version, label } of await at.running.serving.captured({ endpoint, environment: 'production' })) {
    const number = seen.get(version) ?? 0;
    seen.set(version, number + 1);
    const right = number % 10 < (rightByVersion[version] ?? 0) * 10;
    at.bench.outcomes.set(id, { label: right ? label : 'neither', reward: null });
  }
}

const stateOf = async (id: string) => (await at.running.release.release(id)).state;
const advance = (id: string) => at.running.release.advance(machine, id);

/** The log is not read at every look. */
const until = (id: string, state: Release['state']) =>
  vi.waitFor(
    async () => {
      const release = await advance(id);
      expect(release.state).toBe(state);
      return release;
    },
    { timeout: 15_000, interval: 200 },
  );

describe('a bandit of four versions', () => {
  it('begins with equal shares, answers by each, and keeps the propensity of every answer', async () => {
    const { endpoint, release, second } = await begin();
    expect(await at.shares(endpoint)).toEqual({ 1: 0.25, 2: 0.25, 3: 0.25, 4: 0.25 });
    expect(release.rollout).toMatchObject({ stableVersion: 1, others: [{ version: 2 }, { version: 3 }] });
    expect(await at.running.release.release(second)).toMatchObject({ state: 'approved', armOf: release.id });
    expect(new Set(await at.send(endpoint, 60))).toEqual(new Set([1, 2, 3, 4]));
    await at.running.serving.flushCapture();
    const rows = await at.running.serving.captured({ endpoint, environment: 'production' });
    expect(new Set(rows.map(({ propensity }) => propensity))).toEqual(new Set([0.25]));
  });

  it('takes the arms that its policy names unless others are asked for', async () => {
    const { endpoint, releases } = await prepare({ arms: ['challenger'] });
    await at.running.release.rollOut(machine, (releases[2] as Release).id);
    expect(await at.shares(endpoint)).toEqual({ 1: expect.closeTo(1 / 3, 9), 3: 1 / 3, 4: 1 / 3 });
    // Version 2 was approved beside what was live before.
    expect(await stateOf((releases[0] as Release).id)).toBe('superseded');
  });

  it('moves traffic as late rewards of each arm arrive, and over a restart forgets nothing', async () => {
    const { endpoint, id } = await begin();
    await at.send(endpoint, 120);
    at.bench.clock.advance(1_001);
    expect(await advance(id)).toMatchObject({ rollout: { step: 0, note: expect.stringContaining('0 rewards') } });
    await at.running.stop();
    at.running = await at.bench.start(start);
    await tellTruth(endpoint, { 1: 0.2, 2: 0.2, 3: 0.9, 4: 0.2 });
    const moved = await at.running.release.advance(machine, id);
    expect(moved.rollout).toMatchObject({
      step: 1,
      others: [{ version: 2 }, { version: 3, weight: expect.any(Number) }],
    });
    const shares = await at.shares(endpoint);
    expect(shares[3]).toBeGreaterThan(0.7);
    for (const version of [1, 2, 4]) expect(shares[version]).toBeGreaterThanOrEqual(0.05 - 1e-9);
    const [, third] = moved.rollout?.others ?? [];
    const { candidate, stable } = moved.rollout?.carried ?? {};
    const counted = [candidate, stable, ...(moved.rollout?.others ?? []).map(({ carried }) => carried)];
    expect(counted.reduce((sum, arm) => sum + (arm?.requests ?? 0), 0)).toBe(120);
    expect(third?.carried?.requests).toBeGreaterThan(0);
    const [table] = await at.running.serving.routingHistory(endpoint, 'production', 1);
    expect(table).toMatchObject({ spread: 'rendezvous', entries: { length: 4 } });
    expect(table?.entries.at(-1)?.version).toBe(1);
  });

  it('ends with a further arm when that is the best, and its release is the one that stands', async () => {
    const { endpoint, id, second, third } = await begin({ minRewards: 5 });
    await at.send(endpoint, 200);
    await tellTruth(endpoint, { 1: 0.2, 2: 0.2, 3: 0.9, 4: 0.2 });
    const ended = await until(id, 'superseded');
    expect(ended).toMatchObject({
      endedBecause: expect.stringMatching(/^version 3 is the best with probability 0\.99/),
      rollout: { winner: 3 },
    });
    expect(await at.shares(endpoint)).toEqual({ 3: 1 });
    expect(await at.running.release.release(third)).toMatchObject({ state: 'released', armOf: null });
    expect(await at.running.release.release(second)).toMatchObject({ state: 'superseded', armOf: null });
    // What a rollback goes to is what was live before.
    await at.running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
  });

  it.each([
    [4, 'released', { 1: 0.2, 2: 0.2, 3: 0.2, 4: 0.9 }],
    [1, 'rolled-back', { 1: 0.9, 2: 0.2, 3: 0.2, 4: 0.2 }],
  ] as const)('ends with version %d as %s when that is the best', async (winner, state, truth) => {
    const { endpoint, id, second, third } = await begin({ minRewards: 5 });
    await at.send(endpoint, 200);
    await tellTruth(endpoint, truth);
    expect(await until(id, state)).toMatchObject({ rollout: { winner } });
    expect(await at.shares(endpoint)).toEqual({ [winner]: 1 });
    for (const other of [second, third]) expect(await stateOf(other)).toBe('superseded');
    const { digest } = at.bench.versions[1] as { digest: string };
    expect(await at.running.release.mayServe({ endpoint, environment: 'production', digest })).toBe(false);
  });

  it('takes out an arm that breaks a guardrail, also in a pause, and goes on with the others', async () => {
    const { endpoint, id, second } = await begin();
    const before = await at.running.serving.routing(endpoint, 'production');
    await at.running.release.pause(machine, id, { reason: 'lunch' });
    at.bench.clock.advance(3_600_000);
    await at.send(endpoint, 40, { wind: 3e38 }, 2);
    const release = await advance(id);
    expect(release).toMatchObject({
      state: 'rolling-out',
      rollout: {
        note: expect.stringContaining('version 2 is taken out: Error ratio'),
        others: [{ version: 2, weight: 0, takenOut: { reason: expect.any(String) } }, { version: 3 }],
      },
    });
    const shares = await at.shares(endpoint);
    expect(Object.keys(shares)).toEqual(['1', '3', '4']);
    for (const share of Object.values(shares)) expect(share).toBeCloseTo(1 / 3, 9);
    expect(await at.running.release.release(second)).toMatchObject({
      state: 'rolled-back',
      endedBecause: expect.stringContaining('Error ratio'),
    });
    const after = await at.running.serving.routing(endpoint, 'production');
    expect(after?.revision).toBe((before?.revision ?? 0) + 1);
    // Looking again changes nothing.
    await advance(id);
    expect((await at.running.serving.routing(endpoint, 'production'))?.revision).toBe(after?.revision);
    // Only what of the pause lies in the step that the removal began is left out of it.
    const resumed = await at.running.release.resume(machine, id);
    expect(resumed.rollout?.pausedMs).toBeGreaterThanOrEqual(3_600_000);
    expect(resumed.rollout?.stepPausedMs).toBeLessThan(3_600_000);
  });

  it('goes back when its candidate breaks a guardrail, and its arms end with it', async () => {
    const { endpoint, id, second, third } = await begin();
    await at.send(endpoint, 40, { wind: 3e38 }, 4);
    expect(await advance(id)).toMatchObject({ state: 'rolled-back', rollout: { winner: 1 } });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    for (const other of [second, third]) expect(await stateOf(other)).toBe('superseded');
  });

  it('is taken back by hand to the version that was live, not to an arm with a larger share', async () => {
    const { endpoint, id } = await begin();
    await at.send(endpoint, 120);
    await tellTruth(endpoint, { 1: 0.2, 2: 0.9, 3: 0.2, 4: 0.2 });
    at.bench.clock.advance(1_001);
    await vi.waitFor(async () => expect((await advance(id)).rollout?.step).toBe(1), { timeout: 15_000, interval: 200 });
    await at.running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    expect(await stateOf(id)).toBe('rolled-back');
  });

  it('may have a version again that served everything before, whose release stays what it was', async () => {
    const endpoint = await at.freshEndpoint();
    const first = await at.bringLive(endpoint, 1);
    await at.bringLive(endpoint, 2);
    await at.running.release.declarePolicy(machine, endpoint, policy({ rollout }));
    const { id } = await approve(endpoint, 4, false);
    await at.running.release.rollOut(machine, id, { arms: [1] });
    expect(Object.keys(await at.shares(endpoint))).toEqual(['1', '2', '4']);
    await at.running.release.advance(machine, id, { force: true });
    expect(await at.shares(endpoint)).toEqual({ 4: 1 });
    expect(await stateOf(first.id)).toBe('released');
  });

  it('outlives the age of its approvals and a change of the policy', async () => {
    const { endpoint, id, second } = await begin();
    at.bench.clock.advance(48 * 3_600_000);
    await at.running.release.declarePolicy(machine, endpoint, policy({ rollout: { kind: 'all-at-once' } }));
    expect(await stateOf(second)).toBe('approved');
    const { digest } = at.bench.versions[1] as { digest: string };
    expect(await at.running.release.mayServe({ endpoint, environment: 'production', digest })).toBe(true);
    await expect(at.running.release.rollOut(machine, second)).rejects.toMatchObject({ code: 'REL_ACTIVE' });
    expect(await stateOf(id)).toBe('rolling-out');
  });
});

describe('arms that cannot take part', () => {
  it.each([
    ['an unknown version', [2, 7], 'REG_VERSION_NOT_FOUND', /no version 7/],
    ['an unknown alias', ['nobody'], 'REG_VERSION_NOT_FOUND', /nobody/],
    ['a version that nobody approved', [2, 5], 'REL_NOT_APPROVED', /Version 5 .* no approval/],
    ['a version twice, once by its alias', [3, 'challenger'], 'REL_ARMS_INVALID', /version 3 takes part already/],
    ['the candidate', [4], 'REL_ARMS_INVALID', /already as the candidate/],
    ['the live version', [1], 'REL_ARMS_INVALID', /already as the live version/],
    [
      'more versions than ten',
      [10, 11, 12, 13, 14, 15, 16, 17, 18],
      'REL_ARMS_INVALID',
      /11 versions are more than 10/,
    ],
    ['a version with other inputs', [2, 9], 'REL_ARM_INCOMPATIBLE', /does not know the column wind/],
  ] as const)('are refused before anything is loaded: %s', async (_, arms, code, message) => {
    const { endpoint, id, deployments } = await refused();
    await expect(at.running.release.rollOut(machine, id, { arms })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    expect(await stateOf(id)).toBe('approved');
    expect(await at.running.serving.deployments({ endpoint, environment: 'production' })).toHaveLength(deployments);
  });

  let prepared: Promise<{ endpoint: string; id: string; deployments: number }> | undefined;
  /** One endpoint for all of them, as a refusal changes nothing. */
  const refused = () => {
    prepared ??= prepare().then(async ({ endpoint, releases }) => {
      const { length } = await at.running.serving.deployments({ endpoint, environment: 'production' });
      return { endpoint, id: (releases[2] as Release).id, deployments: length };
    });
    return prepared;
  };

  it('are refused where the floor leaves them no share, and where the rollout is no bandit', async () => {
    const { releases } = await prepare({ floor: 0.3 });
    const [, , candidate] = releases as [Release, Release, Release];
    await expect(at.running.release.rollOut(machine, candidate.id, { arms: [2, 3] })).rejects.toMatchObject({
      code: 'REL_ARMS_INVALID',
      message: expect.stringContaining('the floor of 4 versions is at most 0.25'),
    });
    const endpoint = await at.freshEndpoint();
    await at.bringLive(endpoint, 1);
    await expect(approve(endpoint, 2)).rejects.toMatchObject({ code: 'REL_ARMS_INVALID' });
    const { id } = await approve(endpoint, 2, false);
    await expect(at.running.release.rollOut(machine, id, { arms: [3] })).rejects.toMatchObject({
      code: 'REL_ARMS_INVALID',
      message: expect.stringContaining('all-at-once'),
    });
  });

  it('are refused of a first release, which takes all traffic', async () => {
    const endpoint = await at.freshEndpoint({ rollout: { ...rollout, arms: [3] } });
    const { id } = await at.approve(endpoint, 1);
    await expect(at.running.release.rollOut(machine, id, { arms: [2] })).rejects.toMatchObject({
      code: 'REL_ARMS_INVALID',
    });
    expect(await at.running.release.rollOut(machine, id)).toMatchObject({ state: 'released' });
  });

  it('are named by the plan as what is in the way', async () => {
    const endpoint = await at.freshEndpoint({ rollout: { ...rollout, arms: [3] } });
    await at.bringLive(endpoint, 1);
    const { inTheWay } = await at.running.release.plan({ endpoint, version: 2 });
    expect(inTheWay).toEqual([expect.stringContaining('Version 3 takes no part')]);
  });
});

describe('a version that is asked for beside others', () => {
  it('takes the place of nobody but an older request of its own version', async () => {
    const { endpoint, releases } = await prepare();
    const again = await approve(endpoint, 2);
    expect(await Promise.all(releases.map(({ id }) => stateOf(id)))).toEqual(['superseded', 'approved', 'approved']);
    await approve(endpoint, 3, false);
    expect(await stateOf(again.id)).toBe('superseded');
  });
});
