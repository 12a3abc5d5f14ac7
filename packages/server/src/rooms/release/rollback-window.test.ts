import { sleep, systemActor } from '@fairlead/kernel';
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
    await until(async () => (await former()).state === 'retired');
    const table = await running.serving.routing('rain', 'production');
    expect(Date.now()).toBeGreaterThanOrEqual((table?.setAtMs ?? Infinity) + WINDOW_MS);
    expect((await running.serving.deployment(second.productionDeploymentId ?? '')).state).toBe('ready');
    await running.release.rollBack(machine, 'rain', { reason: 'worse' });
    expect(await shares(running, 'rain')).toEqual({ 1: 1 });
    expect(await send(running, 'rain', 3)).not.toContain(0);
    await running.stop();
  }, 60_000);

  it('of the endpoint’s policy takes the place of the server’s', async () => {
    const running = await bench.start((deps) => ({ ...deps, rollbackWindowMs: WINDOW_MS }));
    await declare(running, 'kept', policy({ rollbackWindowMs: 0 }));
    await declare(running, 'short', policy());
    const [kept] = [await bringLive(running, 'kept', 1), await bringLive(running, 'kept', 2)];
    const [short] = [await bringLive(running, 'short', 1), await bringLive(running, 'short', 2)];
    const stateOf = async ({ productionDeploymentId }: typeof kept) =>
      (await running.serving.deployment(productionDeploymentId ?? '')).state;
    await until(async () => (await stateOf(short)) === 'retired');
    expect(await stateOf(kept)).toBe('ready');
    await running.stop();
  }, 60_000);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(50);
}
