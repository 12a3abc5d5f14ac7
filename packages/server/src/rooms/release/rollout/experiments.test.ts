import { describe, expect, it, vi } from 'vitest';
import { machine, openReleaseFile, rails, waiting } from '../release.fixture.js';
import type { RolloutSpec } from './rollout-types.js';

const at = openReleaseFile();

/** Posts what came true of every answer so far: of this version's answers this share was right. */
async function tellTruth(endpoint: string, rightByVersion: Readonly<Record<number, number>>): Promise<void> {
  const seen = new Map<number, number>();
  for (const { id, version, label } of await at.running.serving.captured({ endpoint, environment: 'production' })) {
    const number = seen.get(version) ?? 0;
    seen.set(version, number + 1);
    const right = number % 10 < (rightByVersion[version] ?? 0) * 10;
    at.bench.outcomes.set(id, { label: right ? label : 'neither', reward: null });
  }
}

describe('an A/B test', () => {
  const rollout: RolloutSpec = {
    ...{ kind: 'ab-test', weight: 0.5, metric: 'accuracy', baseline: 0.5, effect: 0.3, alpha: 0.05, power: 0.8 },
    ...{ onNoDifference: 'hold', guardrails: rails, ...waiting },
  };

  it('is decided once, at the horizon that was planned', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout });
    await at.send(endpoint, 20);
    await tellTruth(endpoint, { 1: 0.3, 2: 0.9 });
    const early = await at.running.release.advance(machine, id);
    expect(early).toMatchObject({ state: 'rolling-out', rollout: { experiment: { result: null } } });
    await at.send(endpoint, 140);
    await tellTruth(endpoint, { 1: 0.3, 2: 0.9 });
    // The log is not read at every look.
    const decided = await vi.waitFor(
      async () => {
        const release = await at.running.release.advance(machine, id);
        expect(release.state).toBe('released');
        return release;
      },
      { timeout: 15_000, interval: 200 },
    );
    expect(decided.rollout?.note).toContain('better at the horizon');
  });
});

describe('a bandit', () => {
  const rollout: RolloutSpec = {
    ...{ kind: 'bandit', algorithm: 'thompson', epsilon: 0, floor: 0.05, metric: 'accuracy', redrawMs: 1_000 },
    ...{ endAt: 0.999, minRewards: 1_000, guardrails: rails, ...waiting },
  };

  it('moves traffic to the version that earns more, and says what it saw', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout });
    expect(await at.shares(endpoint)).toEqual({ 1: 0.5, 2: 0.5 });
    await at.send(endpoint, 60);
    await tellTruth(endpoint, { 1: 0.2, 2: 0.9 });
    at.bench.clock.advance(1_001);
    const moved = await at.running.release.advance(machine, id);
    expect(moved).toMatchObject({
      state: 'rolling-out',
      rollout: { step: 1, experiment: { candidateBest: expect.any(Number) } },
    });
    expect((await at.shares(endpoint))[2]).toBeGreaterThan(0.9);
    const counted = moved.rollout?.carried;
    expect((counted?.candidate.requests ?? 0) + (counted?.stable?.requests ?? 0)).toBe(60);
  });

  it('also when a version was asked nothing yet', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout });
    await at.send(endpoint, 60, { wind: 0.5 }, 1);
    await tellTruth(endpoint, { 1: 0.2 });
    at.bench.clock.advance(1_001);
    const moved = await at.running.release.advance(machine, id);
    expect(moved.rollout).toMatchObject({ step: 1, carried: { candidate: { requests: 0, p99Ms: 0 } } });
  });
});
