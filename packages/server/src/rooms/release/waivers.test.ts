import { describe, expect, it } from 'vitest';
import { as, canary, machine, openReleaseFile, paul, policy, quinn } from './release.fixture.js';
import type { PolicyContent } from './release-types.js';

const HOUR_MS = 3_600_000;
const rita = as('rita', 'risk-manager');
const waivers = { roles: ['risk-manager'], maxHours: 100, never: [] } as const;
// Version 6 is not equal to its trainer; the others are.
const PARITY = 6;
const base = policy();

const at = openReleaseFile();

async function failedRelease(change: Partial<PolicyContent> = {}) {
  const endpoint = await at.freshEndpoint({ waivers, ...change });
  return { endpoint, release: await at.request(endpoint, PARITY) };
}
const waiver = (change: object = {}) => ({
  ...({ gate: 'onnx-parity', role: 'risk-manager', reason: 'known rounding' } as const),
  ...{ expiresAtMs: at.bench.clock.nowMs() + 50 * HOUR_MS },
  ...change,
});
const sign = async (id: string) => {
  await at.running.release.sign(quinn, id, { meaning: 'approved', role: 'qa', comment: '' });
  return at.running.release.sign(paul, id, { meaning: 'approved', role: 'product-owner', comment: '' });
};

describe('a waiver', () => {
  it('lets a release go on to its signatures, and stands in gate report, release and ledger', async () => {
    const { release } = await failedRelease();
    expect(release.state).toBe('gates-failed');
    const waived = await at.running.release.waive(rita, release.id, waiver());
    expect(waived).toMatchObject({
      ...{ state: 'awaiting-approval', endedBecause: null, waitingFor: '2 signatures: 1 qa, 1 product-owner' },
      gates: [{ verdict: 'fail' }, { verdict: 'pass' }],
      waivers: [{ gate: 0, kind: 'onnx-parity', person: 'rita', reason: 'known rounding' }],
    });
    expect(waived.gateReportDigest).not.toBe(release.gateReportDigest);
    const report = await at.bench.objects.readBytes(waived.gateReportDigest ?? '');
    expect(JSON.parse(new TextDecoder().decode(report)).waivers).toEqual(waived.waivers);
    const [event] = await at.bench.events('release.gate-waived');
    expect(event).toMatchObject({ payload: { releaseId: release.id, person: 'rita', gate: 'onnx-parity' } });
    // Those who sign sign for the waiver as well.
    const approved = await sign(release.id);
    expect(approved.state).toBe('approved');
    expect(await at.running.release.rollOut(machine, release.id)).toMatchObject({ state: 'released' });
  });

  it('of one gate leaves the others in the way', async () => {
    const gates = [...base.gates, { kind: 'contract' } as const];
    const { release } = await failedRelease({ gates });
    const once = await at.running.release.waive(rita, release.id, waiver());
    expect(once).toMatchObject({ state: 'gates-failed', endedBecause: 'gates not passed: Data contract' });
    expect(await at.running.release.waive(rita, release.id, waiver({ gate: 'contract' }))).toMatchObject({
      ...{ state: 'awaiting-approval', waivers: [{ gate: 0 }, { gate: 2 }] },
    });
  });

  it('is refused, and the refusal written down, from authors, without the role, for too long and where the policy says never', async () => {
    const { release } = await failedRelease();
    const refused = async (context: Parameters<typeof at.running.release.waive>[0], change: object, code: string) => {
      await expect(at.running.release.waive(context, release.id, waiver(change))).rejects.toMatchObject({ code });
      const events = await at.bench.events('release.waiver-refused');
      expect(events.at(-1)).toMatchObject({ payload: { releaseId: release.id, code }, outcome: 'denied' });
    };
    await refused(as('ann', 'risk-manager', 'admin'), {}, 'REL_SELF_APPROVAL');
    await refused(as('mia', 'risk-manager'), {}, 'REL_SELF_APPROVAL');
    await refused(quinn, {}, 'REL_ROLE_NOT_HELD');
    await refused(quinn, { role: 'qa' }, 'REL_ROLE_NOT_ASKED');
    await refused(rita, { expiresAtMs: at.bench.clock.nowMs() - 1 }, 'REL_WAIVER_INVALID');
    await refused(rita, { expiresAtMs: at.bench.clock.nowMs() + 101 * HOUR_MS }, 'REL_WAIVER_INVALID');
    await refused(rita, { gate: 'load-trial' }, 'REL_NOT_WAIVABLE');
    await refused(rita, { place: 2 }, 'REL_NOT_WAIVABLE');
    expect((await at.running.release.release(release.id)).state).toBe('gates-failed');
    const never = await failedRelease({ waivers: { ...waivers, never: ['onnx-parity'] } });
    await expect(at.running.release.waive(rita, never.release.id, waiver())).rejects.toMatchObject({
      code: 'REL_NOT_WAIVABLE',
    });
    const endpoint = await at.freshEndpoint();
    const none = await at.request(endpoint, PARITY);
    await expect(at.running.release.waive(rita, none.id, waiver())).rejects.toMatchObject({ code: 'REL_NOT_WAIVABLE' });
  });

  it('asks for the place where several gates are of one kind', async () => {
    const gates = [...base.gates, { kind: 'onnx-parity', maxAbsDifference: 0.1 } as const];
    const { release } = await failedRelease({ gates });
    await expect(at.running.release.waive(rita, release.id, waiver())).rejects.toThrow(/places 1 and 3/);
    expect(await at.running.release.waive(rita, release.id, waiver({ place: 3 }))).toMatchObject({
      waivers: [{ gate: 2 }],
    });
  });

  it('is for this release under this policy: not once the policy changed or another was requested', async () => {
    const first = await failedRelease();
    await at.declare(first.endpoint, policy({ waivers: { ...waivers, maxHours: 99 } }));
    const wrongState = { code: 'REL_WRONG_STATE' };
    await expect(at.running.release.waive(rita, first.release.id, waiver())).rejects.toMatchObject(wrongState);
    const second = await failedRelease();
    await at.request(second.endpoint, 1);
    await expect(at.running.release.waive(rita, second.release.id, waiver())).rejects.toMatchObject(wrongState);
    const third = await failedRelease();
    await at.running.release.waive(rita, third.release.id, waiver());
    await at.declare(third.endpoint, policy({ waivers: { ...waivers, maxHours: 99 } }));
    expect((await at.running.release.release(third.release.id)).state).toBe('superseded');
  });
});

describe('a waiver that has ended', () => {
  const short = () => waiver({ expiresAtMs: at.bench.clock.nowMs() + 2 * HOUR_MS });

  it('takes no more signatures', async () => {
    const { release } = await failedRelease();
    await at.running.release.waive(rita, release.id, short());
    at.bench.clock.advance(3 * HOUR_MS);
    await expect(sign(release.id)).rejects.toMatchObject({ code: 'REL_WAIVER_EXPIRED' });
  });

  it('ends an approved release before it loads anything', async () => {
    const { endpoint, release } = await failedRelease();
    await at.running.release.waive(rita, release.id, short());
    await sign(release.id);
    const subject = { endpoint, environment: 'production', digest: release.modelDigest };
    expect(await at.running.release.mayServe(subject)).toBe(true);
    at.bench.clock.advance(3 * HOUR_MS);
    expect(await at.running.release.mayServe(subject)).toBe(false);
    await expect(at.running.release.rollOut(machine, release.id)).rejects.toMatchObject({ code: 'REL_WRONG_STATE' });
    expect(await at.running.release.release(release.id)).toMatchObject({
      ...{ state: 'expired', endedBecause: 'the waiver of the gate onnx-parity has ended' },
    });
  });

  it('holds a rollout where it is, and a failed guardrail takes it back all the same', async () => {
    const steps = [
      { weight: 0.5, minRequests: 10 },
      { weight: 1, minRequests: 0 },
    ];
    const { endpoint } = await failedRelease({ rollout: canary({ steps, maxWaitMs: 1_000 * HOUR_MS }) });
    await at.bringLive(endpoint, 1);
    const { id } = await at.request(endpoint, PARITY);
    await at.running.release.waive(rita, id, short());
    await sign(id);
    await at.running.release.rollOut(machine, id);
    await at.send(endpoint, 60);
    at.bench.clock.advance(3 * HOUR_MS);
    expect(await at.running.release.advance(machine, id, { force: true })).toMatchObject({
      ...{ state: 'rolling-out', rollout: { step: 0, note: expect.stringContaining('the waiver') } },
    });
    await at.send(endpoint, 30, { wind: 3e38 }, PARITY);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
  });
});
