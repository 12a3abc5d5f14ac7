import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  approve,
  bringLive,
  canary,
  declare,
  idle,
  openReleaseBench,
  policy,
  type ReleaseBench,
  type Running,
  send,
  shares,
} from './release.fixture.js';

const machine = { actor: systemActor };
const HOUR_MS = 3_600_000;
// So long that no look is made unless a test asks for one.
const NEVER_MS = 1_000 * HOUR_MS;

let bench: ReleaseBench;
let running: Running;
beforeAll(async () => {
  bench = await openReleaseBench();
  running = await bench.start((deps) => ({ ...deps, advanceEveryMs: NEVER_MS }));
});
afterAll(() => bench.dispose());

let endpoints = 0;
/** A fresh endpoint with a policy. */
async function endpointWith(change: Parameters<typeof policy>[0] = {}): Promise<string> {
  endpoints += 1;
  const name = `rain-${endpoints}`;
  await declare(running, name, policy(change));
  return name;
}

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
    await send(running, endpoint, 20, { wind: 3e38 });
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
    await send(running, endpoint, 60, { wind: 3e38 });
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
    expect(await running.release.advance(machine, id)).toMatchObject({ state: 'rolling-out' });
    expect(await running.release.advance(machine, id, { force: true })).toMatchObject({ state: 'released' });
    expect(new Set(await send(running, endpoint, 10))).toEqual(new Set([2]));
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
