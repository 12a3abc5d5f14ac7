import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { as, canary, machine, openReleaseFile, paul, policy, quinn, request } from './release.fixture.js';

const HOUR_MS = 3_600_000;

const at = openReleaseFile();

const yes = (role: 'qa' | 'product-owner') => ({ meaning: 'approved', role, comment: 'read' }) as const;

describe('asking for a release', () => {
  it('runs the gates in test and then waits for the signatures of the policy', async () => {
    const release = await at.request(await at.freshEndpoint(), 1);
    expect(release).toMatchObject({
      state: 'awaiting-approval',
      waitingFor: '2 signatures: 1 qa, 1 product-owner',
      gates: [{ verdict: 'pass' }, { verdict: 'pass' }],
    });
    expect(await at.bench.objects.verify(release.gateReportDigest ?? '')).toBeUndefined();
  });

  it('ends where a gate does not pass, and such a version cannot be signed or rolled out', async () => {
    const release = await at.request(await at.freshEndpoint(), 6);
    expect(release).toMatchObject({ state: 'gates-failed', endedBecause: 'gates not passed: ONNX parity' });
    const wrongState = { code: 'REL_WRONG_STATE' };
    await expect(at.running.release.sign(quinn, release.id, yes('qa'))).rejects.toMatchObject(wrongState);
    await expect(at.running.release.rollOut(machine, release.id)).rejects.toMatchObject(wrongState);
  });

  it('supersedes what waits, even with its approval', async () => {
    const endpoint = await at.freshEndpoint();
    const first = await at.approve(endpoint, 1);
    expect(first.state).toBe('approved');
    const { digest } = at.bench.versions[0] as { digest: string };
    const subject = { endpoint, environment: 'production', digest };
    expect(await at.running.release.mayServe(subject)).toBe(true);
    await at.request(endpoint, 2);
    expect((await at.running.release.release(first.id)).state).toBe('superseded');
    expect(await at.running.release.mayServe(subject)).toBe(false);
  });

  it('is refused while another one rolls out', async () => {
    const endpoint = await at.freshEndpoint({ rollout: canary() });
    await at.bringLive(endpoint, 1);
    await at.bringLive(endpoint, 2);
    await expect(at.request(endpoint, 3)).rejects.toMatchObject({ code: 'REL_ACTIVE' });
  });

  it('fails, and does not stay testing, when the gates break down', async () => {
    const endpoint = await at.freshEndpoint();
    const broken = await at.bench.start((deps) => ({
      ...deps,
      evaluation: { ...deps.evaluation, report: () => Promise.reject(new Error('the disk is gone')) },
    }));
    await at.running.jobs.stop({ graceMs: 1_000 });
    const release = await request(broken, endpoint, 1);
    expect(release).toMatchObject({ state: 'failed', endedBecause: expect.stringContaining('the disk is gone') });
    await broken.stop();
    await at.running.jobs.start();
  });
});

describe('signing', () => {
  it('refuses the author, the trainer, a role not held and a second signature, and writes each down', async () => {
    const { id } = await at.request(await at.freshEndpoint(), 1);
    const refused = async (
      who: Parameters<typeof at.running.release.sign>[0],
      role: 'qa' | 'product-owner',
      code: string,
    ) => expect(at.running.release.sign(who, id, yes(role))).rejects.toMatchObject({ code });
    await refused(as('ann', 'qa', 'admin'), 'qa', 'REL_SELF_APPROVAL');
    await refused(as('mia', 'qa'), 'qa', 'REL_SELF_APPROVAL');
    await refused(as('vic', 'viewer'), 'qa', 'REL_ROLE_NOT_HELD');
    const both = as('bea', 'qa', 'product-owner');
    await at.running.release.sign(both, id, yes('qa'));
    await refused(both, 'product-owner', 'REL_ALREADY_SIGNED');
    const denied = (await at.bench.events('release.signature-refused')).filter((event) => event.subject.id === id);
    expect(denied.map((event) => [event.actor.id, event.outcome])).toEqual([
      ['ann', 'denied'],
      ['mia', 'denied'],
      ['vic', 'denied'],
      ['bea', 'denied'],
    ]);
  });

  it('against it ends the release', async () => {
    const { id } = await at.request(await at.freshEndpoint(), 1);
    const release = await at.running.release.sign(quinn, id, { meaning: 'rejected', role: 'qa', comment: 'slices' });
    expect(release).toMatchObject({ state: 'rejected', endedBecause: 'rejected by quinn: slices' });
    await expect(at.running.release.sign(paul, id, yes('product-owner'))).rejects.toMatchObject({
      code: 'REL_WRONG_STATE',
    });
  });

  it('counts both of two people who sign at the same instant', async () => {
    const { id } = await at.request(await at.freshEndpoint(), 1);
    const { release } = at.running;
    await Promise.all([release.sign(quinn, id, yes('qa')), release.sign(paul, id, yes('product-owner'))]);
    const signed = await release.release(id);
    expect(signed.state).toBe('approved');
    expect(signed.signatures.map((signature) => signature.person).sort()).toEqual(['paul', 'quinn']);
    expect(new Set(signed.signatures.map((signature) => signature.over)).size).toBe(1);
  });

  it('expires: an old approval neither starts a rollout nor lets the model serve', async () => {
    const endpoint = await at.freshEndpoint();
    const { id, modelDigest } = await at.approve(endpoint, 1);
    at.bench.clock.advance(24 * HOUR_MS);
    expect(await at.running.release.mayServe({ endpoint, environment: 'production', digest: modelDigest })).toBe(false);
    await expect(at.running.release.rollOut(machine, id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
    expect((await at.running.release.release(id)).state).toBe('expired');
  });

  it('is void once the policy changes, with the approval it gave', async () => {
    const endpoint = await at.freshEndpoint();
    const { id, modelDigest } = await at.approve(endpoint, 1);
    await at.running.release.declarePolicy(
      machine,
      endpoint,
      policy({ gates: [{ kind: 'onnx-parity', maxAbsDifference: 1 }] }),
    );
    expect((await at.running.release.release(id)).state).toBe('superseded');
    expect(await at.running.release.mayServe({ endpoint, environment: 'production', digest: modelDigest })).toBe(false);
    await expect(at.running.release.rollOut(machine, id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
  });
});

describe('loaded models', () => {
  it('stay few: one in test, the live one and the one before it in production, with all history kept', async () => {
    const endpoint = await at.freshEndpoint();
    for (const version of [1, 2, 3, 4]) await at.bringLive(endpoint, version);
    await at.idle();
    const ready = await at.running.serving.deployments({ endpoint, state: 'ready' });
    const places = ready.map(({ environment, version }) => `${environment} ${version}`).sort();
    expect(places).toEqual(['production 3', 'production 4', 'test 4']);
    expect(await at.running.serving.routingHistory(endpoint, 'production', 10)).toHaveLength(4);
    expect(await at.running.serving.deployments({ endpoint })).toHaveLength(8);
  });
});

describe('what serves in production', () => {
  const place = (endpoint: string) => ({ endpoint, environment: 'production' });

  it('is never a digest without approval, by whatever call', async () => {
    const endpoint = await at.freshEndpoint();
    await at.bringLive(endpoint, 1);
    await at.request(endpoint, 2);
    const version = at.bench.versions[1] as (typeof at.bench.versions)[number];
    const refused = { code: 'SRV_NOT_APPROVED' };
    await expect(at.running.serving.deploy(machine, { ...place(endpoint), version })).rejects.toMatchObject(refused);
    await expect(
      at.running.serving.deploy(machine, { endpoint, environment: 'staging', version }),
    ).rejects.toMatchObject({
      code: 'REL_ENVIRONMENT_NOT_FOUND',
    });
    const [test] = await at.running.serving.deployments({ endpoint, environment: 'test', state: 'ready' });
    const entries = [{ deploymentId: test?.id ?? '', weight: 1 }];
    await expect(at.running.serving.route(machine, { ...place(endpoint), entries, reason: 'r' })).rejects.toMatchObject(
      {
        code: 'SRV_NOT_READY',
      },
    );
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
  });

  it('is asked about again when it is routed: an approval that is gone stops a deployment that is loaded', async () => {
    const endpoint = await at.freshEndpoint();
    await at.bringLive(endpoint, 1);
    await at.approve(endpoint, 2);
    const version = at.bench.versions[1] as (typeof at.bench.versions)[number];
    const { id } = await at.running.serving.deploy(machine, { ...place(endpoint), version });
    at.bench.clock.advance(24 * HOUR_MS);
    const entries = [{ deploymentId: id, weight: 1 }];
    await expect(at.running.serving.route(machine, { ...place(endpoint), entries, reason: 'r' })).rejects.toMatchObject(
      {
        code: 'SRV_NOT_APPROVED',
      },
    );
  });

  it('has the approved bytes, or does not load', async () => {
    const endpoint = await at.freshEndpoint();
    const { id, modelDigest } = await at.approve(endpoint, 5);
    const path = await at.bench.objects.localPath(modelDigest);
    chmodSync(path, 0o644);
    rmSync(path);
    writeFileSync(path, 'other bytes');
    await expect(at.running.release.rollOut(machine, id)).rejects.toMatchObject({ code: 'SRV_DEPLOY_FAILED' });
    expect((await at.running.release.release(id)).state).toBe('approved');
    expect(await at.running.serving.routing(endpoint, 'production')).toBeNull();
  });
});

describe('waiting for a release', () => {
  it('ends with the caller', async () => {
    const { id } = await at.request(await at.freshEndpoint(), 1);
    const leaving = new AbortController();
    const waited = at.running.release.waitFor(id, ['released'], { timeoutMs: 60_000, signal: leaving.signal });
    leaving.abort(new Error('gone'));
    await expect(waited).rejects.toThrow();
  });
});
