import { describe, expect, it } from 'vitest';
import type { ModelVersion } from '../../registry/index.js';
import { ann, machine, openReleaseFile, quinn, unwatched } from '../release.fixture.js';
import type { Environment } from './environment-types.js';

const reason = 'not needed any more';
const place = (name: string, approval: Environment['approval'] = 'none'): Environment => ({
  ...{ name, description: '', approval },
  policy:
    approval === 'none'
      ? {}
      : { approval: { required: [{ role: 'qa', count: 1 }], excludeAuthor: true, expiresAfterHours: 24 } },
});

const at = openReleaseFile();

const version = (number: number) => at.bench.versions[number - 1] as ModelVersion;
const ask = (endpoint: string, environment: string) =>
  at.running.serving.predict({
    ...{ endpoint, environment, requestId: 'r', consumer: 'tests' },
    input: { kind: 'rows', rows: [{ wind: 0.5 }] },
  });

describe('an environment', () => {
  it('is removed once nothing serves there, which the ledger tells, and test and production never', async () => {
    const endpoint = await at.freshEndpoint();
    await at.running.release.declareEnvironment(machine, place('sandbox'));
    await at.running.serving.deployOpenly(machine, { endpoint, environment: 'sandbox', version: version(1) });
    await expect(at.running.release.removeEnvironment(machine, 'sandbox')).rejects.toMatchObject({
      ...{ code: 'REL_ENVIRONMENT_IN_USE', message: expect.stringContaining(`version 1 of ${endpoint}`) },
    });
    expect((await ask(endpoint, 'sandbox')).version).toBe(1);
    await at.running.release.withdraw(machine, endpoint, { environment: 'sandbox', reason });
    await expect(ask(endpoint, 'sandbox')).rejects.toMatchObject({ code: 'SRV_NOT_ROUTED' });
    await at.running.release.removeEnvironment(machine, 'sandbox');
    expect((await at.running.release.environments()).map(({ name }) => name)).toEqual(['test', 'production']);
    expect(await at.bench.events('release.environment-removed')).toMatchObject([
      { subject: { kind: 'environment', id: 'sandbox' }, before: { approval: 'none' } },
    ]);
    for (const name of ['test', 'production']) {
      await expect(at.running.release.removeEnvironment(machine, name)).rejects.toMatchObject({
        code: 'REL_ENVIRONMENT_IN_USE',
      });
    }
    await expect(at.running.release.removeEnvironment(machine, 'sandbox')).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_NOT_FOUND',
    });
  });

  it('is not removed while a release is on its way to it', async () => {
    const endpoint = await at.freshEndpoint();
    await at.running.release.declareEnvironment(machine, place('staging', 'required'));
    const request = { endpoint, environment: 'staging', version: 1, reason };
    const { id } = await at.running.release.request(ann, request);
    await at.running.release.waitFor(id, ['awaiting-approval'], { timeoutMs: 20_000 });
    const inUse = { code: 'REL_ENVIRONMENT_IN_USE', message: expect.stringContaining(`${id} to it is`) };
    await expect(at.running.release.removeEnvironment(machine, 'staging')).rejects.toMatchObject(inUse);
    await expect(
      at.running.release.withdraw(machine, endpoint, { environment: 'staging', reason }),
    ).rejects.toMatchObject({ code: 'REL_ACTIVE' });
    await at.running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
    expect(await at.running.release.rollOut(machine, id)).toMatchObject({ state: 'released' });
    await at.running.release.withdraw(machine, endpoint, { environment: 'staging', reason });
    await at.running.release.removeEnvironment(machine, 'staging');
    // A server that starts again has nothing to load there.
    await at.running.stop();
    at.running = await at.bench.start(unwatched);
    expect(at.running.serving.liveEndpoints().filter(({ environment }) => environment === 'staging')).toEqual([]);
  });

  it('from which an endpoint is withdrawn has its releases withdrawn; only a new one brings it back', async () => {
    const endpoint = await at.freshEndpoint();
    await at.running.release.declareEnvironment(machine, place('staging', 'required'));
    const release = async (number: number): Promise<string> => {
      const { id } = await at.running.release.request(ann, {
        endpoint,
        environment: 'staging',
        version: number,
        reason,
      });
      await at.running.release.waitFor(id, ['awaiting-approval'], { timeoutMs: 20_000 });
      await at.running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
      await at.running.release.rollOut(machine, id);
      return id;
    };
    const stateOf = async (id: string) => (await at.running.release.release(id)).state;
    const first = await release(1);
    const { modelDigest: digest } = await at.running.release.release(first);
    const mayServe = () => at.running.release.mayServe({ endpoint, environment: 'staging', digest });
    expect([await stateOf(first), await mayServe()]).toEqual(['released', true]);
    await at.running.release.withdraw(machine, endpoint, { environment: 'staging', reason });
    expect(await at.running.release.release(first)).toMatchObject({ state: 'withdrawn', endedBecause: reason });
    expect(await mayServe()).toBe(false);
    expect(await at.running.serving.routingHistory(endpoint, 'staging', 1)).toMatchObject([{ entries: [], reason }]);
    expect((await at.bench.events('release.withdrawn')).at(-1)).toMatchObject({
      ...{ subject: { kind: 'release', id: first }, before: 'released', after: 'withdrawn', payload: { reason } },
    });
    const wrong = { code: 'REL_WRONG_STATE' };
    await expect(at.running.release.rollOut(machine, first)).rejects.toMatchObject(wrong);
    await expect(at.running.release.advance(machine, first, { force: true })).rejects.toMatchObject(wrong);
    await expect(at.running.release.pause(machine, first, { reason })).rejects.toMatchObject(wrong);
    const back = (toVersion?: number) =>
      at.running.release.rollBack(machine, endpoint, {
        ...{ environment: 'staging', reason },
        ...(toVersion !== undefined && { toVersion }),
      });
    const nothing = { code: 'REL_NOTHING_TO_ROLL_BACK' };
    await expect(back()).rejects.toMatchObject(nothing);
    // Another one begins as the first did: nothing serves that it could be compared with.
    const second = await release(2);
    expect([await stateOf(second), await stateOf(first)]).toEqual(['released', 'withdrawn']);
    expect((await ask(endpoint, 'staging')).version).toBe(2);
    await expect(back()).rejects.toMatchObject(nothing);
    await expect(back(1)).rejects.toMatchObject(nothing);
    // Also the same version again.
    expect(await stateOf(await release(1))).toBe('released');
    await at.running.release.withdraw(machine, endpoint, { environment: 'staging', reason });
    expect(await stateOf(second)).toBe('withdrawn');
    // Twice is once.
    await at.running.release.withdraw(machine, endpoint, { environment: 'staging', reason });
    await at.running.release.removeEnvironment(machine, 'staging');
  });

  it('that is production serves on: nothing is taken out of it', async () => {
    const endpoint = await at.freshEndpoint();
    await at.bringLive(endpoint, 1);
    await expect(
      at.running.release.withdraw(machine, endpoint, { environment: 'production', reason }),
    ).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_IN_USE' });
    expect((await ask(endpoint, 'production')).version).toBe(1);
  });
});
