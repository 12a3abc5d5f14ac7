import { afterAll, beforeAll, expect, it } from 'vitest';
import { trapModel, trapRow } from '../../platform/inference/trap-model.fixture.js';
import { openTestWorld, type TestServing, type TestWorld } from './serving.fixture.js';

// Faults under load, with and without serving processes, are in tests/crash/serving/faults.integration.ts.

let world: TestWorld;
let running: TestServing;
beforeAll(async () => {
  world = await openTestWorld();
  running = await world.start();
});
afterAll(async () => {
  await running?.stop();
  await world?.dispose();
});

it('two hundred switches between two models keep the memory where it was', async () => {
  const models = [1, 2].map((salt) => world.objects.putBytes(trapModel({ salt })));
  const digests = (await Promise.all(models)).map(({ digest }) => digest);
  const reload = async (digest: string) => {
    const path = await world.objects.localPath(digest);
    const model = await running.host.load({ path, digest, hosting: { placement: 'thread' } });
    await model.run(trapRow());
    await running.host.unload(digest);
  };
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round += 1) await reload(digests[round % 2] as string);
    globalThis.gc?.();
    return process.memoryUsage().rss;
  };
  await rounds(50);
  const before = await rounds(10);
  const after = await rounds(200);
  expect(after / before).toBeLessThanOrEqual(1.1);
});
