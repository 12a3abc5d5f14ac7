import { describe, expect, it } from 'vitest';
import { canary, machine, openReleaseFile } from '../release.fixture.js';

const at = openReleaseFile();

describe('the way a model is served', () => {
  it('is part of what was signed: changed after the gates, the release does not start', async () => {
    const endpoint = await at.freshEndpoint({ rollout: canary() });
    await at.bringLive(endpoint, 1);
    const { id } = await at.approve(endpoint, 2);
    const configure = (configuration: object) =>
      at.running.serving.declareEndpoint(machine, { name: endpoint, model: 'rain', configuration });
    await configure({ runTimeoutMs: 250 });
    await expect(at.running.release.rollOut(machine, id)).rejects.toMatchObject({ code: 'REL_CONFIGURATION_CHANGED' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    await configure({});
    expect(await at.running.release.rollOut(machine, id)).toMatchObject({ state: 'rolling-out' });
    // Going back is to what was served then, not to what the endpoint was configured to since.
    await configure({ runTimeoutMs: 250 });
    await at.running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    const routing = await at.running.serving.routing(endpoint, 'production');
    const [{ deploymentId } = { deploymentId: '' }] = routing?.entries ?? [];
    expect((await at.running.serving.deployment(deploymentId)).configuration).toEqual({});
  });

  it('deploys anew as it was deployed then, when the former deployment was retired meanwhile', async () => {
    const endpoint = await at.freshEndpoint();
    const configure = (configuration: object) =>
      at.running.serving.declareEndpoint(machine, { name: endpoint, model: 'rain', configuration });
    await configure({ runTimeoutMs: 250 });
    const first = await at.bringLive(endpoint, 1);
    await configure({});
    await at.bringLive(endpoint, 2);
    await at.bringLive(endpoint, 3);
    await at.idle();
    expect((await at.running.serving.deployment(first.productionDeploymentId ?? '')).state).toBe('retired');
    await at.running.release.rollBack(machine, endpoint, { toVersion: 1, reason: 'known good' });
    const [entry] = (await at.running.serving.routing(endpoint, 'production'))?.entries ?? [];
    expect(entry?.deploymentId).not.toBe(first.productionDeploymentId);
    expect((await at.running.serving.deployment(entry?.deploymentId ?? '')).configuration).toEqual({
      runTimeoutMs: 250,
    });
  });
});
