import { describe, expect, it } from 'vitest';
import { canary, machine, openReleaseFile, policy } from '../release.fixture.js';

const at = openReleaseFile();

describe('a rollout', () => {
  it('gives the first release of an endpoint all traffic', async () => {
    const endpoint = await at.freshEndpoint({ rollout: canary() });
    expect(await at.bringLive(endpoint, 1)).toMatchObject({ state: 'released' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
  });

  it('started twice at once happens once, and routing says what the release says', async () => {
    const endpoint = await at.freshEndpoint({ rollout: canary() });
    await at.bringLive(endpoint, 1);
    const { id } = await at.approve(endpoint, 2);
    const both = await Promise.allSettled([
      at.running.release.rollOut(machine, id),
      at.running.release.rollOut(machine, id),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    const release = await at.running.release.release(id);
    const routing = await at.running.serving.routing(endpoint, 'production');
    expect(routing?.entries.map((entry) => entry.deploymentId)).toContain(release.productionDeploymentId);
    const ready = await at.running.serving.deployments({ endpoint, environment: 'production', state: 'ready' });
    expect(ready.filter((deployment) => deployment.version === 2)).toHaveLength(1);
  });

  it('advances a canary on enough answered requests; refused inputs are no evidence', async () => {
    const { endpoint, id } = await at.rollOutBeside({
      rollout: canary({
        steps: [
          { weight: 0.5, minRequests: 10 },
          { weight: 1, minRequests: 0 },
        ],
      }),
    });
    expect(await at.shares(endpoint)).toEqual({ 1: 0.5, 2: 0.5 });
    await at.send(endpoint, 60, { wind: 'strong' });
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'rolling-out', rollout: { step: 0 } });
    await at.send(endpoint, 60);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'released' });
    expect(await at.shares(endpoint)).toEqual({ 2: 1 });
  });

  it('counts a step from its own beginning', async () => {
    const { endpoint, id } = await at.rollOutBeside({
      rollout: canary({
        steps: [
          { weight: 0.5, minRequests: 10 },
          { weight: 0.6, minRequests: 30 },
          { weight: 1, minRequests: 0 },
        ],
      }),
    });
    await at.send(endpoint, 60);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ rollout: { step: 1, weight: 0.6 } });
    expect(await at.running.release.advance(machine, id)).toMatchObject({
      rollout: {
        step: 1,
        note: '0 of 30 requests at this step',
        guardrails: [{ verdict: 'insufficient' }, {}, { verdict: 'insufficient' }],
      },
    });
  });

  it('goes back on answers that are not finite, and says why', async () => {
    const { endpoint, id } = await at.rollOutBeside({
      rollout: canary({
        steps: [
          { weight: 0.5, minRequests: 10 },
          { weight: 1, minRequests: 0 },
        ],
        guardrails: { maxErrorRatio: 1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 },
      }),
    });
    await at.send(endpoint, 20, { wind: 3e38 }, 2);
    const release = await at.running.release.advance(machine, id);
    expect(release).toMatchObject({
      state: 'rolled-back',
      endedBecause: expect.stringContaining('Non-finite outputs'),
    });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    const digest = release.modelDigest;
    expect(await at.running.release.mayServe({ endpoint, environment: 'production', digest })).toBe(false);
  });

  it('goes back on errors even when somebody forces it on', async () => {
    const { endpoint, id } = await at.rollOutBeside({
      rollout: canary({
        advance: 'manual',
        guardrails: { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 1 },
      }),
    });
    await at.send(endpoint, 60, { wind: 3e38 }, 2);
    expect(await at.running.release.advance(machine, id, { force: true })).toMatchObject({
      state: 'rolled-back',
      endedBecause: expect.stringContaining('Error ratio'),
    });
  });

  it.each([
    ['hold', 'rolling-out'],
    ['rollback', 'rolled-back'],
  ] as const)('without traffic for too long does what the policy says: %s', async (onMaxWait, state) => {
    const { id } = await at.rollOutBeside({ rollout: canary({ onMaxWait }) });
    at.bench.clock.advance(60_001);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state });
  });

  it('keeps to the rollout that was signed when the policy changes under way', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout: canary({ onMaxWait: 'rollback' }) });
    await at.running.release.declarePolicy(machine, endpoint, policy({ rollout: { kind: 'shadow' } }));
    at.bench.clock.advance(60_001);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
  });

  it('as a shadow answers nobody until somebody promotes it', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout: { kind: 'shadow' } });
    expect(new Set(await at.send(endpoint, 10))).toEqual(new Set([1]));
    await at.running.serving.flushCapture();
    expect(await at.running.release.advance(machine, id)).toMatchObject({
      state: 'rolling-out',
      rollout: { experiment: { pairs: 10, agreeing: 10, meanProbabilityDifference: expect.any(Number) } },
    });
    expect(await at.running.release.advance(machine, id, { force: true })).toMatchObject({ state: 'released' });
    expect(new Set(await at.send(endpoint, 10))).toEqual(new Set([2]));
  });
});

describe('a version that is bad on both sides', () => {
  it('is not called back to one that is as bad', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout: canary() });
    for (const version of [1, 2]) await at.send(endpoint, 30, { wind: 3e38 }, version);
    expect(await at.running.release.advance(machine, id)).toMatchObject({
      state: 'rolling-out',
      rollout: { note: expect.stringContaining('the stable version breaks it too') },
    });
  });
});
