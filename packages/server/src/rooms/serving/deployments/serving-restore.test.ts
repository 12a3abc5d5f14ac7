import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  context,
  dryDay,
  modelVersion,
  openServingFile,
  rainModel,
  rowsRequest,
  serveInTest,
} from '../serving.fixture.js';
import { createServingStore } from '../serving-store.sql.js';

const at = openServingFile();

async function serveOn(endpoint: string, threshold: number) {
  const { serving, stop } = await at.world.start();
  const deployment = await serveInTest(at.world, serving, { endpoint, bytes: rainModel(threshold) });
  await stop();
  return deployment;
}

describe('a restart', () => {
  it('serves again what routing names', async () => {
    const { id } = await serveOn('rain', 0.4);
    const { serving, stop } = await at.world.start();
    expect(await serving.predict(rowsRequest([dryDay]))).toMatchObject({ deploymentId: id, version: 1 });
    expect(serving.ready()).toBe(true);
    await stop();
    expect(serving.ready()).toBe(false);
  });

  it('answers 503 with the reason where the bytes are not the approved ones, while the others serve', async () => {
    const broken = await serveOn('storm', 0.6);
    const path = await at.world.objects.localPath(broken.digest);
    rmSync(path);
    writeFileSync(path, 'other bytes');
    const { serving, stop } = await at.world.start();
    const refused = serving.predict(rowsRequest([dryDay], { endpoint: 'storm' }));
    await expect(refused).rejects.toMatchObject({
      ...{ code: 'SRV_UNAVAILABLE', status: 503 },
      // Becomes the header Retry-After.
      data: { retryAfterSeconds: 5 },
    });
    await expect(refused).rejects.toThrow(/digest/);
    expect((await serving.predict(rowsRequest([dryDay]))).version).toBe(1);
    expect(serving.liveEndpoints().filter(({ reason }) => reason !== null)).toMatchObject([{ endpoint: 'storm' }]);
    const captured = await serving.captured({ endpoint: 'storm', environment: 'test' });
    expect(captured.at(-1)).toMatchObject({ status: 503, errorCode: 'SRV_UNAVAILABLE' });
    await stop();
  });

  it('gives the share of a version that cannot be restored to the other one, and says so', async () => {
    const first = await serveOn('fog', 0.3);
    const before = await at.world.start();
    const { digest } = await at.world.objects.putBytes(rainModel(0.35));
    const place = { endpoint: 'fog', environment: 'test' };
    const canary = await before.serving.deploy(context, { ...place, version: modelVersion(2, digest) });
    const entries = [
      { deploymentId: canary.id, weight: 0.5 },
      { deploymentId: first.id, weight: 0.5 },
    ];
    await before.serving.route(context, { ...place, entries, reason: 'canary' });
    await before.stop();
    rmSync(await at.world.objects.localPath(digest));
    const { serving, stop } = await at.world.start();
    const answers = [];
    for (let i = 0; i < 20; i += 1) {
      answers.push(await serving.predict(rowsRequest([dryDay], { endpoint: 'fog', routeKey: `caller-${i}` })));
    }
    expect(new Set(answers.map(({ version }) => version))).toEqual(new Set([1]));
    expect(new Set(answers.map(({ routeReason }) => routeReason))).toEqual(new Set(['weight', 'fallback']));
    expect(serving.live('fog', 'test').deployment.id).toBe(first.id);
    const reasons = serving.liveEndpoints().filter(({ endpoint }) => endpoint === 'fog');
    expect(reasons).toMatchObject([{ reason: expect.any(String) }]);
    await stop();
  });

  it('marks a deployment that a kill left loading as failed', async () => {
    const { id } = await serveOn('hail', 0.5);
    await at.world.db.transact(context, (tx) =>
      createServingStore().setDeploymentState(tx, id, { state: 'loading', error: null }),
    );
    const { serving, stop } = await at.world.start();
    expect(await serving.deployment(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('stopped') });
    await stop();
  });

  it('finds every captured row again, compacted or not, and only once', async () => {
    const first = await at.world.start({ mode: 'sync' });
    for (let i = 0; i < 5; i += 1)
      await first.serving.predict(rowsRequest([dryDay, dryDay], { requestId: `kept-${i}` }));
    // No close: the process is gone.
    const second = await at.world.start();
    const mine = async () =>
      (await second.serving.captured({ endpoint: 'rain', environment: 'test' })).filter(({ id }) =>
        id.startsWith('kept'),
      );
    expect(await mine()).toHaveLength(10);
    await second.serving.flushCapture();
    expect(readdirSync(join(at.world.home, 'capture', 'rain'))).toEqual([]);
    expect(await mine()).toHaveLength(10);
    await second.stop();
    await first.host.close();
  });
});
