import { describe, expect, it } from 'vitest';
import { machine, openReleaseFile, rails, waiting } from '../release.fixture.js';

const at = openReleaseFile();

describe('a blue-green switch', () => {
  const rollout = { kind: 'blue-green', holdMs: 60_000, minRequests: 10, guardrails: rails, ...waiting } as const;

  it('serves everything at once, keeps the former version loaded, and is released when it held', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout });
    expect(await at.shares(endpoint)).toEqual({ 1: 0, 2: 1 });
    expect(new Set(await at.send(endpoint, 12))).toEqual(new Set([2]));
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'rolling-out' });
    at.bench.clock.advance(60_001);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'released' });
    expect(await at.shares(endpoint)).toEqual({ 2: 1 });
  });

  it('goes back to the former version in one switch when a guardrail breaks', async () => {
    const { endpoint, id } = await at.rollOutBeside({ rollout });
    await at.send(endpoint, 20, { wind: 3e38 }, 2);
    expect(await at.running.release.advance(machine, id)).toMatchObject({ state: 'rolled-back' });
    expect(await at.shares(endpoint)).toEqual({ 1: 1 });
  });
});
