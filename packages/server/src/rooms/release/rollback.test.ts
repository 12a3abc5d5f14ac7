import { describe, expect, it } from 'vitest';
import { canary, machine, openReleaseFile } from './release.fixture.js';

const at = openReleaseFile();

describe('a rollback', () => {
  it('goes to the version before, then to the one before that, then nowhere', async () => {
    const endpoint = await at.freshEndpoint();
    for (const version of [1, 2, 3]) await at.bringLive(endpoint, version);
    const back = () => at.running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    expect(await back()).toMatchObject({ version: 3, state: 'rolled-back', endedBecause: 'complaints' });
    expect(await at.shares(endpoint)).toEqual({ 2: 1 });
    await back();
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    await expect(back()).rejects.toMatchObject({ code: 'REL_NOTHING_TO_ROLL_BACK' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
  });

  it('that is undone leaves the older version to go back to again', async () => {
    const endpoint = await at.freshEndpoint();
    for (const version of [1, 2]) await at.bringLive(endpoint, version);
    await at.running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    await at.running.release.rollBack(machine, endpoint, { toVersion: 2, reason: 'it was not the model' });
    expect(await at.shares(endpoint)).toEqual({ 2: 1 });
    const states = (await at.running.release.releases({ endpoint, limit: 9 })).map(({ state }) => state);
    expect(states).toEqual(['released', 'released']);
    await at.running.release.rollBack(machine, endpoint, { reason: 'it was' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
  });

  it('leaves its version in memory until the next release, so that undoing it is one switch too', async () => {
    const endpoint = await at.freshEndpoint();
    for (const version of [1, 2, 3]) await at.bringLive(endpoint, version);
    const versionsInMemory = async () => {
      await at.idle();
      const ready = await at.running.serving.deployments({ endpoint, environment: 'production', state: 'ready' });
      return ready.map(({ id, version }) => `${version} ${id}`).sort();
    };
    const both = await versionsInMemory();
    expect(both).toEqual([expect.stringMatching(/^2 /), expect.stringMatching(/^3 /)]);
    await at.running.release.rollBack(machine, endpoint, { reason: 'complaints' });
    expect(await versionsInMemory()).toEqual(both);
    await at.running.release.rollBack(machine, endpoint, { toVersion: 3, reason: 'it was not the model' });
    expect(await at.shares(endpoint)).toEqual({ 3: 1 });
    expect(await versionsInMemory()).toEqual(both);
  });

  it('reaches a version whose deployment was retired, and refuses one that never served', async () => {
    const endpoint = await at.freshEndpoint();
    for (const version of [1, 2, 3]) await at.bringLive(endpoint, version);
    await at.idle();
    const retired = await at.running.serving.deployments({ endpoint, environment: 'production', state: 'retired' });
    expect(retired.map((deployment) => deployment.version)).toEqual([1]);
    const back = (toVersion: number) => at.running.release.rollBack(machine, endpoint, { toVersion, reason: 'r' });
    await expect(back(4)).rejects.toMatchObject({ code: 'REL_NOTHING_TO_ROLL_BACK' });
    await back(1);
    expect(new Set(await at.send(endpoint, 5))).toEqual(new Set([1]));
  });

  it('during a canary takes its share away', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout: canary() });
    expect(await at.running.release.rollBack(machine, endpoint, { reason: 'no' })).toMatchObject({
      id,
      state: 'rolled-back',
    });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    await expect(at.running.release.advance(machine, id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
  });

  it('during a canary to an older version ends the canary too', async () => {
    const endpoint = await at.freshEndpoint({
      rollout: canary({
        steps: [
          { weight: 0.6, minRequests: 1 },
          { weight: 1, minRequests: 1 },
        ],
      }),
    });
    await at.bringLive(endpoint, 1);
    const second = await at.bringLive(endpoint, 2);
    await at.running.release.advance(machine, second.id, { force: true });
    await at.running.release.advance(machine, second.id, { force: true });
    const third = await at.bringLive(endpoint, 3);
    expect(await at.shares(endpoint)).toEqual({ 2: expect.closeTo(0.4), 3: 0.6 });
    await at.running.release.rollBack(machine, endpoint, { toVersion: 1, reason: 'both are bad' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
    expect((await at.running.release.release(third.id)).state).toBe('rolled-back');
    expect((await at.running.release.release(second.id)).state).toBe('rolled-back');
  });
});
