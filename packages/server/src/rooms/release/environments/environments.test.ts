import { describe, expect, it } from 'vitest';
import type { ModelVersion } from '../../registry/index.js';
import { ann, canary, machine, openReleaseFile, paul, policy, quinn, unwatched } from '../release.fixture.js';
import type { Environment } from './environment-types.js';

const HOUR_MS = 3_600_000;
const staging: Environment = {
  name: 'staging',
  description: 'one signature',
  approval: 'required',
  policy: { approval: { required: [{ role: 'qa', count: 1 }], excludeAuthor: true, expiresAfterHours: 24 } },
};
const sandbox: Environment = { name: 'sandbox', description: '', approval: 'none', policy: {} };

const at = openReleaseFile({
  prepare: async ({ running }) => {
    await running.release.declareEnvironment(machine, staging);
    await running.release.declareEnvironment(machine, sandbox);
  },
});

const version = (number: number) => at.bench.versions[number - 1] as ModelVersion;
async function requestTo(endpoint: string, environment: string, number: number) {
  const { id } = await at.running.release.request(ann, { endpoint, environment, version: number, reason: 'why' });
  return at.running.release.waitFor(id, ['awaiting-approval', 'gates-failed', 'failed'], { timeoutMs: 20_000 });
}
async function toStaging(endpoint: string, number: number) {
  const { id } = await requestTo(endpoint, 'staging', number);
  await at.running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  return at.running.release.rollOut(machine, id);
}
const sharesIn = async (endpoint: string, environment: string) =>
  (await at.running.serving.routing(endpoint, environment))?.entries.map(({ version: number, weight }) => [
    number,
    weight,
  ]);

describe('an environment', () => {
  it('is data: declared once, told in the ledger, listed beside the built-in ones', async () => {
    expect(await at.running.release.declareEnvironment(machine, staging)).toMatchObject({ changed: false });
    expect((await at.running.release.environments()).map(({ name }) => name)).toEqual([
      ...['test', 'production', 'sandbox', 'staging'],
    ]);
    expect(await at.bench.events('release.environment-declared')).toHaveLength(2);
    await expect(at.running.release.environment('attic')).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_NOT_FOUND' });
  });

  it.each([
    ['test', { ...sandbox, name: 'test' }],
    ['a production without approval', { ...sandbox, name: 'production' }],
    ['to need an approval no more', { ...staging, approval: 'none', policy: {} }],
    ['a policy where none is needed', { ...sandbox, policy: staging.policy }],
    ['a name that is none', { ...sandbox, name: 'a/b' }],
  ] as const)('is refused: %s', async (_, environment) => {
    await expect(at.running.release.declareEnvironment(machine, environment as Environment)).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_INVALID',
    });
  });

  it('does not begin to need approvals for what it serves already', async () => {
    const endpoint = await at.freshEndpoint();
    await at.running.release.declareEnvironment(machine, { ...sandbox, name: 'lab' });
    await at.running.serving.deployOpenly(machine, { endpoint, environment: 'lab', version: version(1) });
    await expect(
      at.running.release.declareEnvironment(machine, { ...sandbox, name: 'lab', approval: 'required' }),
    ).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_IN_USE' });
  });
});

describe('a release to an environment', () => {
  it('asks for the signatures of that environment, and serves there and nowhere else', async () => {
    const endpoint = await at.freshEndpoint();
    const waiting = await requestTo(endpoint, 'staging', 1);
    expect(waiting).toMatchObject({ environment: 'staging', waitingFor: '1 signature: 1 qa' });
    const atStaging = { endpoint, environment: 'staging', digest: version(1).digest };
    expect(await at.running.release.mayServe(atStaging)).toBe(false);
    await at.running.release.sign(quinn, waiting.id, { meaning: 'approved', role: 'qa', comment: '' });
    expect(await at.running.release.mayServe(atStaging)).toBe(true);
    expect(await at.running.release.mayServe({ ...atStaging, environment: 'production' })).toBe(false);
    expect(await at.running.release.rollOut(machine, waiting.id)).toMatchObject({ state: 'released' });
    expect(await sharesIn(endpoint, 'staging')).toEqual([[1, 1]]);
    expect(await sharesIn(endpoint, 'production')).toBeUndefined();
    const place = { endpoint, environment: 'production', version: version(1) };
    await expect(at.running.serving.deploy(machine, place)).rejects.toMatchObject({ code: 'SRV_NOT_APPROVED' });
  });

  it('goes its way beside one to production, and is rolled back by itself', async () => {
    const endpoint = await at.freshEndpoint({ rollout: canary() });
    await at.bringLive(endpoint, 1);
    await at.bringLive(endpoint, 2);
    await toStaging(endpoint, 3);
    await toStaging(endpoint, 4);
    expect(await at.shares(endpoint)).toEqual({ 1: 0.8, 2: 0.2 });
    expect(Object.fromEntries((await sharesIn(endpoint, 'staging')) ?? [])).toEqual({ 3: 0.8, 4: 0.2 });
    await at.send(endpoint, 20);
    await at.running.release.rollBack(machine, endpoint, { environment: 'staging', reason: 'worse' });
    expect(await sharesIn(endpoint, 'staging')).toEqual([[3, 1]]);
    expect(await at.shares(endpoint)).toEqual({ 1: 0.8, 2: 0.2 });
    await at.idle();
    const ready = await at.running.serving.deployments({ endpoint, environment: 'staging', state: 'ready' });
    expect(ready.map((deployment) => deployment.version)).toEqual([3]);
  });

  it('is superseded when the policy of its environment changes, and only then', async () => {
    const endpoint = await at.freshEndpoint();
    const pre: Environment = { ...staging, name: 'pre' };
    await at.running.release.declareEnvironment(machine, pre);
    const there = await requestTo(endpoint, 'pre', 1);
    const { id } = await requestTo(endpoint, 'production', 1);
    const longer = { required: [{ role: 'qa', count: 1 }], excludeAuthor: true, expiresAfterHours: 25 } as const;
    await at.running.release.declareEnvironment(machine, { ...pre, policy: { approval: longer } });
    expect((await at.running.release.release(there.id)).state).toBe('superseded');
    expect((await at.running.release.release(id)).state).toBe('awaiting-approval');
    await at.declare(endpoint, policy({ rollout: { kind: 'shadow' } }));
    expect((await at.running.release.release(id)).state).toBe('superseded');
  });

  it('is not needed where no approval is, and such a place takes no release', async () => {
    const endpoint = await at.freshEndpoint();
    await expect(requestTo(endpoint, 'sandbox', 1)).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_OPEN' });
    await expect(requestTo(endpoint, 'attic', 1)).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_NOT_FOUND' });
    const open = { endpoint, environment: 'sandbox', version: version(1) };
    expect(await at.running.serving.deployOpenly(machine, open)).toMatchObject({
      deployment: { environment: 'sandbox', state: 'ready' },
    });
    await expect(at.running.serving.deployOpenly(machine, { ...open, environment: 'staging' })).rejects.toMatchObject({
      code: 'SRV_RELEASE_NEEDED',
    });
    await expect(at.running.serving.deployOpenly(machine, { ...open, environment: 'attic' })).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_NOT_FOUND',
    });
  });
});

describe('an approval', () => {
  it('is for bytes served in one way: with another configuration they are not loaded', async () => {
    const endpoint = await at.freshEndpoint();
    await at.bringLive(endpoint, 1);
    const production = { endpoint, environment: 'production', version: version(1) };
    await expect(
      at.running.serving.deploy(machine, { ...production, configuration: { runTimeoutMs: 500 } }),
    ).rejects.toMatchObject({ code: 'SRV_NOT_APPROVED' });
    expect(await at.running.serving.deploy(machine, production)).toMatchObject({ state: 'ready' });
  });

  it('of staging survives a restart', async () => {
    const endpoint = await at.freshEndpoint();
    await toStaging(endpoint, 2);
    await at.running.stop();
    at.running = await at.bench.start(unwatched);
    const live = at.running.serving.liveEndpoints().find((one) => one.endpoint === endpoint);
    expect(live).toMatchObject({ environment: 'staging', version: 2, reason: null });
  });
});

it('production keeps asking for both signatures', async () => {
  const endpoint = await at.freshEndpoint();
  const { id } = await requestTo(endpoint, 'production', 1);
  await at.running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  const signed = await at.running.release.sign(paul, id, { meaning: 'approved', role: 'product-owner', comment: '' });
  expect(signed.state).toBe('approved');
});

describe('the plan of a release', () => {
  it('says what it would go through, and changes nothing', async () => {
    const wait = { maxWaitMs: HOUR_MS, onMaxWait: 'hold' } as const;
    const guardrails = { maxErrorRatio: 0.1, maxP99Ms: 60_000, maxNonFiniteRatio: 0 };
    const test = { kind: 'ab-test', weight: 0.5, metric: 'accuracy', baseline: 0.8, effect: 0.1 } as const;
    const rollout = { ...test, alpha: 0.05, power: 0.8, onNoDifference: 'hold', guardrails, ...wait } as const;
    const gates = [
      { kind: 'onnx-parity', maxAbsDifference: 1 },
      { kind: 'command', name: 'nowhere' },
    ] as const;
    const endpoint = await at.freshEndpoint({ rollout, gates });
    const first = await at.running.release.plan({ endpoint, version: 1 });
    expect(first).toMatchObject({
      ...{ environment: 'production', live: null, rollout: { kind: 'all-at-once' }, sampleSize: null },
      gates: [{ type: 'onnx-parity@1', parameters: { maxAbsDifference: 1 } }, { type: 'command@1' }],
      signatures: [{ role: 'qa' }, { role: 'product-owner' }],
      mayNotSign: ['mia', 'whoever requests it'],
      inTheWay: ['the server has no gate command nowhere'],
    });
    await at.declare(endpoint, policy());
    await at.bringLive(endpoint, 1);
    await at.declare(endpoint, policy({ rollout }));
    const second = await at.running.release.plan({ endpoint, version: 2 });
    expect(second).toMatchObject({ live: 1, rollout: { kind: 'ab-test' } });
    // Fleiss: 0.8 against 0.9 at 5 % and 80 % needs about two hundred of either.
    expect(second.sampleSize?.candidate).toBeGreaterThan(150);
    expect(second.sampleSize?.stable).toBe(second.sampleSize?.candidate);
    const open = await requestTo(endpoint, 'staging', 2);
    const there = await at.running.release.plan({ endpoint, environment: 'staging', version: 3 });
    expect(there).toMatchObject({ signatures: [{ role: 'qa', count: 1 }], supersedes: [open.id], live: null });
    expect((await at.running.release.releases({ endpoint, limit: 10 })).map(({ version: number }) => number)).toEqual([
      2, 1,
    ]);
    await expect(at.running.release.plan({ endpoint, environment: 'attic', version: 1 })).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_NOT_FOUND',
    });
  });
});
