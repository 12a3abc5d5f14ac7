import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringLive, declare, openReleaseBench, policy, type ReleaseBench, send, shares } from './release.fixture.js';

const machine = { actor: systemActor };
const WINDOW_MS = 500;

let bench: ReleaseBench;
beforeAll(async () => {
  bench = await openReleaseBench();
});
afterAll(() => bench.dispose());

describe('a rollback window', () => {
  it('takes the former version out of memory when it is over, and going back loads it again', async () => {
    const running = await bench.start((deps) => ({ ...deps, rollbackWindowMs: WINDOW_MS }));
    await declare(running, 'rain', policy());
    const first = await bringLive(running, 'rain', 1);
    const second = await bringLive(running, 'rain', 2);
    const former = () => running.serving.deployment(first.productionDeploymentId ?? '');
    for (;;) {
      if ((await former()).state === 'retired') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const table = await running.serving.routing('rain', 'production');
    expect(Date.now()).toBeGreaterThanOrEqual((table?.setAtMs ?? Infinity) + WINDOW_MS);
    expect((await running.serving.deployment(second.productionDeploymentId ?? '')).state).toBe('ready');
    await running.release.rollBack(machine, 'rain', { reason: 'worse' });
    expect(await shares(running, 'rain')).toEqual({ 1: 1 });
    expect(await send(running, 'rain', 3)).not.toContain(0);
  }, 60_000);
});
