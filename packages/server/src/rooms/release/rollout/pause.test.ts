import { describe, expect, it } from 'vitest';
import { canary, machine, openReleaseFile } from '../release.fixture.js';

const HOUR_MS = 3_600_000;

const at = openReleaseFile();

describe('a pause', () => {
  it('keeps a rollout where it is, for as long as it takes, and counts towards no longest wait', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout: canary({ onMaxWait: 'rollback' }) });
    expect(await at.running.release.pause(machine, id, { reason: 'a sale is on' })).toMatchObject({
      waitingFor: 'somebody to let the paused rollout go on',
    });
    await at.send(endpoint, 100);
    at.bench.clock.advance(10 * HOUR_MS);
    expect(await at.running.release.advance(machine, id)).toMatchObject({
      state: 'rolling-out',
      rollout: { step: 0, paused: { reason: 'a sale is on' } },
    });
    const { waitingFor } = await at.running.release.resume(machine, id);
    expect(waitingFor).toMatch(/^the guardrails at /);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ rollout: { step: 1, paused: null } });
    expect(await at.bench.events('release.rollout-paused')).not.toEqual([]);
    expect(await at.bench.events('release.rollout-resumed')).not.toEqual([]);
  });

  it('does not keep a guardrail from going back', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout: canary() });
    await at.running.release.pause(machine, id, { reason: 'lunch' });
    await at.send(endpoint, 60, { wind: 3e38 }, 2);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
    await expect(at.running.release.pause(machine, id, { reason: 'late' })).rejects.toMatchObject({
      code: 'REL_WRONG_STATE',
    });
  });
});
