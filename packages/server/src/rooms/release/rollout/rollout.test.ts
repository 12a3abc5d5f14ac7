import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  approve,
  bringLive,
  canary,
  freshEndpoint,
  idle,
  openReleaseBench,
  policy,
  type ReleaseBench,
  type Running,
  send,
  shares,
  unwatched,
} from '../release.fixture.js';
import type { RolloutSpec } from './rollout-types.js';

const machine = { actor: systemActor };
const HOUR_MS = 3_600_000;

let bench: ReleaseBench;
let running: Running;
beforeAll(async () => {
  bench = await openReleaseBench();
  running = await bench.start(unwatched);
});
afterAll(() => bench.dispose());

const endpointWith = (change?: Parameters<typeof freshEndpoint>[1]) => freshEndpoint(running, change);

describe('a rollout', () => {
  it('gives the first release of an endpoint all traffic', async () => {
    const endpoint = await endpointWith({ rollout: canary() });
    expect(await bringLive(running, endpoint, 1)).toMatchObject({ state: 'released' });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
  });

  it('started twice at once happens once, and routing says what the release says', async () => {
    const endpoint = await endpointWith({ rollout: canary() });
    await bringLive(running, endpoint, 1);
    const { id } = await approve(running, endpoint, 2);
    const both = await Promise.allSettled([running.release.rollOut(machine, id), running.release.rollOut(machine, id)]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const release = await running.release.release(id);
    const routing = await running.serving.routing(endpoint, 'production');
    expect(routing?.entries.map((entry) => entry.deploymentId)).toContain(release.productionDeploymentId);
    const ready = await running.serving.deployments({ endpoint, environment: 'production', state: 'ready' });
    expect(ready.filter((deployment) => deployment.version === 2)).toHaveLength(1);
  });

  it('advances a canary on enough answered requests; refused inputs are no evidence', async () => {
    const endpoint = await endpointWith({
      rollout: canary({
        steps: [
          { weight: 0.5, minRequests: 10 },
          { weight: 1, minRequests: 0 },
        ],
      }),
    });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    expect(await shares(running, endpoint)).toEqual({ 1: 0.5, 2: 0.5 });
    await send(running, endpoint, 60, { wind: 'strong' });
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'rolling-out', rollout: { step: 0 } });
    await send(running, endpoint, 60);
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'released' });
    expect(await shares(running, endpoint)).toEqual({ 2: 1 });
  });

  it('counts a step from its own beginning', async () => {
    const endpoint = await endpointWith({
      rollout: canary({
        steps: [
          { weight: 0.5, minRequests: 10 },
          { weight: 0.6, minRequests: 30 },
          { weight: 1, minRequests: 0 },
        ],
      }),
    });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await send(running, endpoint, 60);
    expect(await running.release.advance(machine, id)).toMatchObject({ rollout: { step: 1, weight: 0.6 } });
    expect(await running.release.advance(machine, id)).toMatchObject({
      rollout: {
        step: 1,
        note: '0 of 30 requests at this step',
        guardrails: [{ verdict: 'insufficient' }, {}, { verdict: 'insufficient' }],
      },
    });
  });

  it('goes back on answers that are not finite, and says why', async () => {
    const endpoint = await endpointWith({
      rollout: canary({
        steps: [
          { weight: 0.5, minRequests: 10 },
          { weight: 1, minRequests: 0 },
        ],
        guardrails: { maxErrorRatio: 1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 },
      }),
    });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await send(running, endpoint, 20, { wind: 3e38 }, 2);
    const release = await running.release.advance(machine, id);
    expect(release).toMatchObject({
      state: 'rolled-back',
      endedBecause: expect.stringContaining('Non-finite outputs'),
    });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
    const digest = release.modelDigest;
    expect(await running.release.mayServe({ endpoint, environment: 'production', digest })).toBe(false);
  });

  it('goes back on errors even when somebody forces it on', async () => {
    const endpoint = await endpointWith({
      rollout: canary({
        advance: 'manual',
        guardrails: { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 1 },
      }),
    });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await send(running, endpoint, 60, { wind: 3e38 }, 2);
    expect(await running.release.advance(machine, id, { force: true })).toMatchObject({
      state: 'rolled-back',
      endedBecause: expect.stringContaining('Error ratio'),
    });
  });

  it.each([
    ['hold', 'rolling-out'],
    ['rollback', 'rolled-back'],
  ] as const)('without traffic for too long does what the policy says: %s', async (onMaxWait, state) => {
    const endpoint = await endpointWith({ rollout: canary({ onMaxWait }) });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    bench.clock.advance(60_001);
    expect(await running.release.advance(machine, id)).toMatchObject({ state });
  });

  it('keeps to the rollout that was signed when the policy changes under way', async () => {
    const endpoint = await endpointWith({ rollout: canary({ onMaxWait: 'rollback' }) });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await running.release.declarePolicy(machine, endpoint, policy({ rollout: { kind: 'shadow' } }));
    bench.clock.advance(60_001);
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
  });

  it('as a shadow answers nobody until somebody promotes it', async () => {
    const endpoint = await endpointWith({ rollout: { kind: 'shadow' } });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    expect(new Set(await send(running, endpoint, 10))).toEqual(new Set([1]));
    await running.serving.flushCapture();
    expect(await running.release.advance(machine, id)).toMatchObject({
      state: 'rolling-out',
      rollout: { experiment: { pairs: 10, agreeing: 10, meanProbabilityDifference: expect.any(Number) } },
    });
    expect(await running.release.advance(machine, id, { force: true })).toMatchObject({ state: 'released' });
    expect(new Set(await send(running, endpoint, 10))).toEqual(new Set([2]));
  });
});

const rails = { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 };
const waiting = { maxWaitMs: HOUR_MS, onMaxWait: 'hold' } as const;

describe('the way a model is served', () => {
  it('is part of what was signed: changed after the gates, the release does not start', async () => {
    const endpoint = await endpointWith({ rollout: canary() });
    await bringLive(running, endpoint, 1);
    const { id } = await approve(running, endpoint, 2);
    const configure = (configuration: object) =>
      running.serving.declareEndpoint(machine, { name: endpoint, model: 'rain', configuration });
    await configure({ runTimeoutMs: 250 });
    await expect(running.release.rollOut(machine, id)).rejects.toMatchObject({ code: 'REL_CONFIGURATION_CHANGED' });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
    await configure({});
    expect(await running.release.rollOut(machine, id)).toMatchObject({ state: 'rolling-out' });
    // Going back is to what was served then, not to what the endpoint was configured to since.
    await configure({ runTimeoutMs: 250 });
    await running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    const routing = await running.serving.routing(endpoint, 'production');
    const [{ deploymentId } = { deploymentId: '' }] = routing?.entries ?? [];
    expect((await running.serving.deployment(deploymentId)).configuration).toEqual({});
  });

  it('deploys anew as it was deployed then, when the former deployment was retired meanwhile', async () => {
    const endpoint = await freshEndpoint(running);
    const configure = (configuration: object) =>
      running.serving.declareEndpoint(machine, { name: endpoint, model: 'rain', configuration });
    await configure({ runTimeoutMs: 250 });
    const first = await bringLive(running, endpoint, 1);
    await configure({});
    await bringLive(running, endpoint, 2);
    await bringLive(running, endpoint, 3);
    await idle(running);
    expect((await running.serving.deployment(first.productionDeploymentId ?? '')).state).toBe('retired');
    await running.release.rollBack(machine, endpoint, { toVersion: 1, reason: 'known good' });
    const [entry] = (await running.serving.routing(endpoint, 'production'))?.entries ?? [];
    expect(entry?.deploymentId).not.toBe(first.productionDeploymentId);
    expect((await running.serving.deployment(entry?.deploymentId ?? '')).configuration).toEqual({ runTimeoutMs: 250 });
  });
});

describe('a pause', () => {
  it('keeps a rollout where it is, for as long as it takes, and counts towards no longest wait', async () => {
    const endpoint = await endpointWith({ rollout: canary({ onMaxWait: 'rollback' }) });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await running.release.pause(machine, id, { reason: 'a sale is on' });
    await send(running, endpoint, 100);
    bench.clock.advance(10 * HOUR_MS);
    expect(await running.release.advance(machine, id)).toMatchObject({
      state: 'rolling-out',
      rollout: { step: 0, paused: { reason: 'a sale is on' } },
    });
    await running.release.resume(machine, id);
    expect(await running.release.advance(machine, id)).toMatchObject({ rollout: { step: 1, paused: null } });
    expect(await bench.events('release.rollout-paused')).not.toEqual([]);
    expect(await bench.events('release.rollout-resumed')).not.toEqual([]);
  });

  it('does not keep a guardrail from going back', async () => {
    const endpoint = await endpointWith({ rollout: canary() });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await running.release.pause(machine, id, { reason: 'lunch' });
    await send(running, endpoint, 60, { wind: 3e38 }, 2);
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
    await expect(running.release.pause(machine, id, { reason: 'late' })).rejects.toMatchObject({
      code: 'REL_WRONG_STATE',
    });
  });
});

describe('a blue-green switch', () => {
  const rollout = { kind: 'blue-green', holdMs: 60_000, minRequests: 10, guardrails: rails, ...waiting } as const;

  it('serves everything at once, keeps the former version loaded, and is released when it held', async () => {
    const endpoint = await endpointWith({ rollout });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    expect(await shares(running, endpoint)).toEqual({ 1: 0, 2: 1 });
    expect(new Set(await send(running, endpoint, 12))).toEqual(new Set([2]));
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'rolling-out' });
    bench.clock.advance(60_001);
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'released' });
    expect(await shares(running, endpoint)).toEqual({ 2: 1 });
  });

  it('goes back to the former version in one switch when a guardrail breaks', async () => {
    const endpoint = await endpointWith({ rollout });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await send(running, endpoint, 20, { wind: 3e38 }, 2);
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
  });
});

/** Posts what came true of every answer so far: of this version's answers this share was right. */
async function tellTruth(endpoint: string, rightByVersion: Readonly<Record<number, number>>): Promise<void> {
  const seen = new Map<number, number>();
  for (const { id, version, label } of await running.serving.captured({ endpoint, environment: 'production' })) {
    const number = seen.get(version) ?? 0;
    seen.set(version, number + 1);
    const right = number % 10 < (rightByVersion[version] ?? 0) * 10;
    bench.outcomes.set(id, { label: right ? label : 'neither', reward: null });
  }
}

describe('an A/B test', () => {
  const rollout: RolloutSpec = {
    ...{ kind: 'ab-test', weight: 0.5, metric: 'accuracy', baseline: 0.5, effect: 0.3, alpha: 0.05, power: 0.8 },
    ...{ onNoDifference: 'hold', guardrails: rails, ...waiting },
  };

  it('is decided once, at the horizon that was planned', async () => {
    const endpoint = await endpointWith({ rollout });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    await send(running, endpoint, 20);
    await tellTruth(endpoint, { 1: 0.3, 2: 0.9 });
    const early = await running.release.advance(machine, id);
    expect(early).toMatchObject({ state: 'rolling-out', rollout: { experiment: { result: null } } });
    await send(running, endpoint, 140);
    await tellTruth(endpoint, { 1: 0.3, 2: 0.9 });
    // The log is not read at every look.
    const decided = await vi.waitFor(
      async () => {
        const release = await running.release.advance(machine, id);
        expect(release.state).toBe('released');
        return release;
      },
      { timeout: 15_000, interval: 200 },
    );
    expect(decided.rollout?.note).toContain('better at the horizon');
  });
});

describe('a bandit', () => {
  const rollout: RolloutSpec = {
    ...{ kind: 'bandit', algorithm: 'thompson', epsilon: 0, floor: 0.05, metric: 'accuracy', redrawMs: 1_000 },
    ...{ endAt: 0.999, minRewards: 1_000, guardrails: rails, ...waiting },
  };

  it('moves traffic to the version that earns more, and says what it saw', async () => {
    const endpoint = await endpointWith({ rollout });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    expect(await shares(running, endpoint)).toEqual({ 1: 0.5, 2: 0.5 });
    await send(running, endpoint, 60);
    await tellTruth(endpoint, { 1: 0.2, 2: 0.9 });
    bench.clock.advance(1_001);
    const moved = await running.release.advance(machine, id);
    expect(moved).toMatchObject({
      state: 'rolling-out',
      rollout: { step: 1, experiment: { candidateBest: expect.any(Number) } },
    });
    expect((await shares(running, endpoint))[2]).toBeGreaterThan(0.9);
    const counted = moved.rollout?.carried;
    expect((counted?.candidate.requests ?? 0) + (counted?.stable?.requests ?? 0)).toBe(60);
  });
});

describe('a version that is bad on both sides', () => {
  it('is not called back to one that is as bad', async () => {
    const endpoint = await endpointWith({ rollout: canary() });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    for (const version of [1, 2]) await send(running, endpoint, 30, { wind: 3e38 }, version);
    expect(await running.release.advance(machine, id)).toMatchObject({
      state: 'rolling-out',
      rollout: { note: expect.stringContaining('the stable version breaks it too') },
    });
  });
});

describe('a rollback', () => {
  it('goes to the version before, then to the one before that, then nowhere', async () => {
    const endpoint = await endpointWith();
    for (const version of [1, 2, 3]) await bringLive(running, endpoint, version);
    const back = () => running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    expect(await back()).toMatchObject({ version: 3, state: 'rolled-back', endedBecause: 'complaints' });
    expect(await shares(running, endpoint)).toEqual({ 2: 1 });
    await back();
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
    await expect(back()).rejects.toMatchObject({ code: 'REL_NOTHING_TO_ROLL_BACK' });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
  });

  it('that is undone leaves the older version to go back to again', async () => {
    const endpoint = await endpointWith();
    for (const version of [1, 2]) await bringLive(running, endpoint, version);
    await running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    await running.release.rollBack(machine, endpoint, { toVersion: 2, reason: 'it was not the model' });
    expect(await shares(running, endpoint)).toEqual({ 2: 1 });
    const states = (await running.release.releases({ endpoint, limit: 9 })).map(({ state }) => state);
    expect(states).toEqual(['released', 'released']);
    await running.release.rollBack(machine, endpoint, { reason: 'it was' });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
  });

  it('reaches a version whose deployment was retired, and refuses one that never served', async () => {
    const endpoint = await endpointWith();
    for (const version of [1, 2, 3]) await bringLive(running, endpoint, version);
    await idle(running);
    const retired = await running.serving.deployments({ endpoint, environment: 'production', state: 'retired' });
    expect(retired.map((deployment) => deployment.version)).toEqual([1]);
    const back = (toVersion: number) => running.release.rollBack(machine, endpoint, { toVersion, reason: 'r' });
    await expect(back(4)).rejects.toMatchObject({ code: 'REL_NOTHING_TO_ROLL_BACK' });
    await back(1);
    expect(new Set(await send(running, endpoint, 5))).toEqual(new Set([1]));
  });

  it('during a canary takes its share away', async () => {
    const endpoint = await endpointWith({ rollout: canary() });
    await bringLive(running, endpoint, 1);
    const { id } = await bringLive(running, endpoint, 2);
    expect(await running.release.rollBack(machine, endpoint, { reason: 'no' })).toMatchObject({
      id,
      state: 'rolled-back',
    });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
    await expect(running.release.advance(machine, id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
  });

  it('during a canary to an older version ends the canary too', async () => {
    const endpoint = await endpointWith({
      rollout: canary({
        steps: [
          { weight: 0.6, minRequests: 1 },
          { weight: 1, minRequests: 1 },
        ],
      }),
    });
    await bringLive(running, endpoint, 1);
    const second = await bringLive(running, endpoint, 2);
    await running.release.advance(machine, second.id, { force: true });
    await running.release.advance(machine, second.id, { force: true });
    const third = await bringLive(running, endpoint, 3);
    expect(await shares(running, endpoint)).toEqual({ 2: expect.closeTo(0.4), 3: 0.6 });
    await running.release.rollBack(machine, endpoint, { toVersion: 1, reason: 'both are bad' });
    expect(await shares(running, endpoint)).toEqual({ 1: 1 });
    expect((await running.release.release(third.id)).state).toBe('rolled-back');
    expect((await running.release.release(second.id)).state).toBe('rolled-back');
  });
});
