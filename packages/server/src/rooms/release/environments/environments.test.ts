import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelVersion } from '../../registry/index.js';
import {
  as,
  bringLive,
  canary,
  declare,
  freshEndpoint,
  idle,
  openReleaseBench,
  paul,
  policy,
  quinn,
  type ReleaseBench,
  type Running,
  send,
  shares,
  unwatched,
} from '../release.fixture.js';
import type { Environment } from './environment-types.js';

const machine = { actor: systemActor };
const HOUR_MS = 3_600_000;
const ann = as('ann', 'data-scientist');
const staging: Environment = {
  name: 'staging',
  description: 'one signature',
  approval: 'required',
  policy: { approval: { required: [{ role: 'qa', count: 1 }], excludeAuthor: true, expiresAfterHours: 24 } },
};
const sandbox: Environment = { name: 'sandbox', description: '', approval: 'none', policy: {} };

let bench: ReleaseBench;
let running: Running;
beforeAll(async () => {
  bench = await openReleaseBench();
  running = await bench.start(unwatched);
  await running.release.declareEnvironment(machine, staging);
  await running.release.declareEnvironment(machine, sandbox);
});
afterAll(() => bench.dispose());

const version = (number: number) => bench.versions[number - 1] as ModelVersion;
async function requestTo(endpoint: string, environment: string, number: number) {
  const { id } = await running.release.request(ann, { endpoint, environment, version: number, reason: 'why' });
  return running.release.waitFor(id, ['awaiting-approval', 'gates-failed', 'failed'], { timeoutMs: 20_000 });
}
async function toStaging(endpoint: string, number: number) {
  const { id } = await requestTo(endpoint, 'staging', number);
  await running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  return running.release.rollOut(machine, id);
}
const sharesIn = async (endpoint: string, environment: string) =>
  (await running.serving.routing(endpoint, environment))?.entries.map(({ version: number, weight }) => [
    number,
    weight,
  ]);

describe('an environment', () => {
  it('is data: declared once, told in the ledger, listed beside the built-in ones', async () => {
    expect(await running.release.declareEnvironment(machine, staging)).toMatchObject({ changed: false });
    expect((await running.release.environments()).map(({ name }) => name)).toEqual([
      ...['test', 'production', 'sandbox', 'staging'],
    ]);
    expect(await bench.events('release.environment-declared')).toHaveLength(2);
    await expect(running.release.environment('attic')).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_NOT_FOUND' });
  });

  it.each([
    ['test', { ...sandbox, name: 'test' }],
    ['a production without approval', { ...sandbox, name: 'production' }],
    ['to need an approval no more', { ...staging, approval: 'none', policy: {} }],
    ['a policy where none is needed', { ...sandbox, policy: staging.policy }],
    ['a name that is none', { ...sandbox, name: 'a/b' }],
  ] as const)('is refused: %s', async (_, environment) => {
    await expect(running.release.declareEnvironment(machine, environment as Environment)).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_INVALID',
    });
  });

  it('does not begin to need approvals for what it serves already', async () => {
    const endpoint = await freshEndpoint(running);
    await running.release.declareEnvironment(machine, { ...sandbox, name: 'lab' });
    await running.serving.deployOpenly(machine, { endpoint, environment: 'lab', version: version(1) });
    await expect(
      running.release.declareEnvironment(machine, { ...sandbox, name: 'lab', approval: 'required' }),
    ).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_IN_USE' });
  });
});

describe('a release to an environment', () => {
  it('asks for the signatures of that environment, and serves there and nowhere else', async () => {
    const endpoint = await freshEndpoint(running);
    const waiting = await requestTo(endpoint, 'staging', 1);
    expect(waiting).toMatchObject({ environment: 'staging', waitingFor: '1 signature: 1 qa' });
    const atStaging = { endpoint, environment: 'staging', digest: version(1).digest };
    expect(await running.release.mayServe(atStaging)).toBe(false);
    await running.release.sign(quinn, waiting.id, { meaning: 'approved', role: 'qa', comment: '' });
    expect(await running.release.mayServe(atStaging)).toBe(true);
    expect(await running.release.mayServe({ ...atStaging, environment: 'production' })).toBe(false);
    expect(await running.release.rollOut(machine, waiting.id)).toMatchObject({ state: 'released' });
    expect(await sharesIn(endpoint, 'staging')).toEqual([[1, 1]]);
    expect(await sharesIn(endpoint, 'production')).toBeUndefined();
    const place = { endpoint, environment: 'production', version: version(1) };
    await expect(running.serving.deploy(machine, place)).rejects.toMatchObject({ code: 'SRV_NOT_APPROVED' });
  });

  it('goes its way beside one to production, and is rolled back by itself', async () => {
    const endpoint = await freshEndpoint(running, { rollout: canary() });
    await bringLive(running, endpoint, 1);
    await bringLive(running, endpoint, 2);
    await toStaging(endpoint, 3);
    await toStaging(endpoint, 4);
    expect(await shares(running, endpoint)).toEqual({ 1: 0.8, 2: 0.2 });
    expect(Object.fromEntries((await sharesIn(endpoint, 'staging')) ?? [])).toEqual({ 3: 0.8, 4: 0.2 });
    await send(running, endpoint, 20);
    await running.release.rollBack(machine, endpoint, { environment: 'staging', reason: 'worse' });
    expect(await sharesIn(endpoint, 'staging')).toEqual([[3, 1]]);
    expect(await shares(running, endpoint)).toEqual({ 1: 0.8, 2: 0.2 });
    await idle(running);
    const ready = await running.serving.deployments({ endpoint, environment: 'staging', state: 'ready' });
    expect(ready.map((deployment) => deployment.version)).toEqual([3]);
  });

  it('is superseded when the policy of its environment changes, and only then', async () => {
    const endpoint = await freshEndpoint(running);
    const pre: Environment = { ...staging, name: 'pre' };
    await running.release.declareEnvironment(machine, pre);
    const there = await requestTo(endpoint, 'pre', 1);
    const { id } = await requestTo(endpoint, 'production', 1);
    const longer = { required: [{ role: 'qa', count: 1 }], excludeAuthor: true, expiresAfterHours: 25 } as const;
    await running.release.declareEnvironment(machine, { ...pre, policy: { approval: longer } });
    expect((await running.release.release(there.id)).state).toBe('superseded');
    expect((await running.release.release(id)).state).toBe('awaiting-approval');
    await declare(running, endpoint, policy({ rollout: { kind: 'shadow' } }));
    expect((await running.release.release(id)).state).toBe('superseded');
  });

  it('is not needed where no approval is, and such a place takes no release', async () => {
    const endpoint = await freshEndpoint(running);
    await expect(requestTo(endpoint, 'sandbox', 1)).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_OPEN' });
    await expect(requestTo(endpoint, 'attic', 1)).rejects.toMatchObject({ code: 'REL_ENVIRONMENT_NOT_FOUND' });
    const open = { endpoint, environment: 'sandbox', version: version(1) };
    expect(await running.serving.deployOpenly(machine, open)).toMatchObject({
      deployment: { environment: 'sandbox', state: 'ready' },
    });
    await expect(running.serving.deployOpenly(machine, { ...open, environment: 'staging' })).rejects.toMatchObject({
      code: 'SRV_RELEASE_NEEDED',
    });
    await expect(running.serving.deployOpenly(machine, { ...open, environment: 'attic' })).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_NOT_FOUND',
    });
  });
});

describe('an approval', () => {
  it('is for bytes served in one way: with another configuration they are not loaded', async () => {
    const endpoint = await freshEndpoint(running);
    await bringLive(running, endpoint, 1);
    const production = { endpoint, environment: 'production', version: version(1) };
    await expect(
      running.serving.deploy(machine, { ...production, configuration: { runTimeoutMs: 500 } }),
    ).rejects.toMatchObject({ code: 'SRV_NOT_APPROVED' });
    expect(await running.serving.deploy(machine, production)).toMatchObject({ state: 'ready' });
  });

  it('of staging survives a restart', async () => {
    const endpoint = await freshEndpoint(running);
    await toStaging(endpoint, 2);
    await running.stop();
    running = await bench.start(unwatched);
    const live = running.serving.liveEndpoints().find((one) => one.endpoint === endpoint);
    expect(live).toMatchObject({ environment: 'staging', version: 2, reason: null });
  });
});

it('production keeps asking for both signatures', async () => {
  const endpoint = await freshEndpoint(running);
  const { id } = await requestTo(endpoint, 'production', 1);
  await running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  const signed = await running.release.sign(paul, id, { meaning: 'approved', role: 'product-owner', comment: '' });
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
    const endpoint = await freshEndpoint(running, { rollout, gates });
    const first = await running.release.plan({ endpoint, version: 1 });
    expect(first).toMatchObject({
      ...{ environment: 'production', live: null, rollout: { kind: 'all-at-once' }, sampleSize: null },
      gates: [{ type: 'onnx-parity@1', parameters: { maxAbsDifference: 1 } }, { type: 'command@1' }],
      signatures: [{ role: 'qa' }, { role: 'product-owner' }],
      mayNotSign: ['mia', 'whoever requests it'],
      inTheWay: ['the server has no gate command nowhere'],
    });
    await declare(running, endpoint, policy());
    await bringLive(running, endpoint, 1);
    await declare(running, endpoint, policy({ rollout }));
    const second = await running.release.plan({ endpoint, version: 2 });
    expect(second).toMatchObject({ live: 1, rollout: { kind: 'ab-test' } });
    // Fleiss: 0.8 against 0.9 at 5 % and 80 % needs about two hundred of either.
    expect(second.sampleSize?.candidate).toBeGreaterThan(150);
    expect(second.sampleSize?.stable).toBe(second.sampleSize?.candidate);
    const open = await requestTo(endpoint, 'staging', 2);
    const there = await running.release.plan({ endpoint, environment: 'staging', version: 3 });
    expect(there).toMatchObject({ signatures: [{ role: 'qa', count: 1 }], supersedes: [open.id], live: null });
    expect((await running.release.releases({ endpoint, limit: 10 })).map(({ version: number }) => number)).toEqual([
      2, 1,
    ]);
    await expect(running.release.plan({ endpoint, environment: 'attic', version: 1 })).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_NOT_FOUND',
    });
  });
});
