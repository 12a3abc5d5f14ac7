import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import {
  context,
  dryDay,
  modelVersion,
  openTestWorld,
  rainModel,
  rainyDay,
  rowsRequest,
  type TestServing,
  type TestWorld,
} from './serving.fixture.js';
import type { Deployment, ServingService } from './serving-types.js';

let world: TestWorld;
let running: TestServing;
let serving: ServingService;
const digests: Record<string, string> = {};
beforeAll(async () => {
  world = await openTestWorld();
  running = await world.start();
  serving = running.serving;
  for (const [name, bytes] of Object.entries({
    low: rainModel(0.3),
    high: rainModel(0.7),
    strange: rainModel(0.5, ['nein', 'ja']),
    garbage: Buffer.from('this is no model'),
  })) {
    digests[name] = (await world.objects.putBytes(bytes)).digest;
  }
  await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
});
afterAll(async () => {
  await running.stop();
  await world.dispose();
});

const deploy = (name: string, version: number, environment = 'test') =>
  serving.deploy(context, { endpoint: 'rain', environment, version: modelVersion(version, digests[name] as string) });

const route = (entries: readonly [Deployment, number][], shadows: readonly Deployment[] = []) =>
  serving.route(context, {
    endpoint: 'rain',
    environment: entries[0]?.[0].environment ?? 'test',
    entries: entries.map(([{ id }, weight]) => ({ deploymentId: id, weight })),
    shadows: shadows.map(({ id }) => id),
    reason: 'test',
  });

const eventTypes = async () => (await readLedger(world.db, { afterSeq: 0, limit: 1000 })).map(({ type }) => type);

describe('an endpoint', () => {
  it('is declared once; saying the same again changes nothing', async () => {
    expect((await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' })).changed).toBe(false);
    const again = await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model', description: 'x' });
    expect(again).toMatchObject({ changed: true, endpoint: { description: 'x' } });
  });

  it('never changes its model', async () => {
    const other = serving.declareEndpoint(context, { name: 'rain', model: 'snow-model' });
    await expect(other).rejects.toMatchObject({ code: 'SRV_ENDPOINT_MODEL' });
  });

  it('answers 404 when it is unknown and 409 as long as nothing is routed', async () => {
    const unknown = serving.predict(rowsRequest([dryDay], { endpoint: 'nowhere' }));
    await expect(unknown).rejects.toMatchObject({ code: 'SRV_ENDPOINT_NOT_FOUND', status: 404 });
    await expect(serving.predict(rowsRequest([dryDay]))).rejects.toMatchObject({ code: 'SRV_NOT_ROUTED', status: 409 });
  });
});

describe('deploying', () => {
  it('makes a version ready and answers from it once it is routed', async () => {
    const low = await deploy('low', 1);
    expect(low).toMatchObject({ state: 'ready', version: 1, error: null, createdBy: 'ada' });
    await route([[low, 1]]);
    const result = await serving.predict(rowsRequest([rainyDay, dryDay]));
    expect(result).toMatchObject({ version: 1, routeReason: 'only', deploymentId: low.id, digest: digests.low });
    expect(result.predictions.map(({ label }) => label)).toEqual(['yes', 'no']);
    const { no = 0, yes = 0 } = result.predictions[0]?.probabilities ?? {};
    expect(no + yes).toBeCloseTo(1, 6);
    expect(result.predictions[0]?.id).toBe(`${result.requestId}/0`);
  });

  it('gives back what is ready already', async () => {
    const [first, second] = [await deploy('low', 1), await deploy('low', 1)];
    expect(second.id).toBe(first.id);
  });

  it.each([
    ['a file that is no model', 'garbage', /INF_MODEL_INVALID/],
    ['labels the signature does not know', 'strange', /SRV_SIGNATURE_MISMATCH/],
  ])('fails with %s, keeps the reason and leaves the live version alone', async (_, name, reason) => {
    const before = await serving.routing('rain', 'test');
    const failing = deploy(name, 66);
    await expect(failing).rejects.toMatchObject({ code: 'SRV_DEPLOY_FAILED', status: 422 });
    const { data } = await failing.catch((error) => error);
    const failed = await serving.deployment(data.deploymentId);
    expect(failed.state).toBe('failed');
    expect(failed.error).toMatch(reason);
    expect(await serving.routing('rain', 'test')).toEqual(before);
    expect((await serving.predict(rowsRequest([dryDay]))).version).toBe(1);
    await expect(route([[failed, 1]])).rejects.toMatchObject({ code: 'SRV_NOT_READY' });
    expect(await eventTypes()).toContain('serving.deployment-failed');
  });

  it('fails for bytes that the store does not have', async () => {
    const version = modelVersion(9, 'ab'.repeat(32));
    const missing = serving.deploy(context, { endpoint: 'rain', environment: 'test', version });
    await expect(missing).rejects.toMatchObject({ code: 'SRV_DEPLOY_FAILED' });
  });

  it('refuses another model and an unapproved digest outside test', async () => {
    const version = modelVersion(1, digests.low as string, { model: 'snow-model' });
    const other = serving.deploy(context, { endpoint: 'rain', environment: 'test', version });
    await expect(other).rejects.toMatchObject({ code: 'SRV_ENDPOINT_MODEL' });
    await expect(deploy('low', 1, 'production')).rejects.toMatchObject({ code: 'SRV_NOT_APPROVED', status: 403 });
  });

  it('asks again for the approval when traffic is to be routed', async () => {
    world.approved.add(digests.low as string);
    const live = await deploy('low', 1, 'production');
    world.approved.clear();
    await expect(route([[live, 1]])).rejects.toMatchObject({ code: 'SRV_NOT_APPROVED' });
    world.approved.add(digests.low as string);
    expect((await route([[live, 1]])).environment).toBe('production');
  });
});

describe('routing', () => {
  it('splits by weight, always the same for one key, with the newest first in the table', async () => {
    const [low, high] = [await deploy('low', 1), await deploy('high', 2)];
    const table = await route([
      [low, 0.8],
      [high, 0.2],
    ]);
    expect(table.entries.map(({ version }) => version)).toEqual([2, 1]);
    const versionOf = async (routeKey: string) => {
      const { version, routeReason } = await serving.predict(rowsRequest([dryDay], { routeKey }));
      expect(routeReason).toBe('weight');
      return version;
    };
    const keys = Array.from({ length: 60 }, (_, i) => `k${i}`);
    const first = await Promise.all(keys.map(versionOf));
    expect(await Promise.all(keys.map(versionOf))).toEqual(first);
    expect(new Set(first)).toEqual(new Set([1, 2]));
    const captured = await serving.captured({ endpoint: 'rain', environment: 'test', last: 120 });
    expect(captured.every(({ version, propensity }) => propensity === (version === 2 ? 0.2 : 0.8))).toBe(true);
    for (const { queueMs, computeMs, latencyMs } of captured) {
      expect(computeMs).toBeGreaterThan(0);
      expect(queueMs).toBeGreaterThanOrEqual(0);
      expect((queueMs ?? 0) + (computeMs ?? 0)).toBeLessThanOrEqual(latencyMs + 0.1);
    }
  });

  it('keeps every table with revision, reason and author, and records before and after', async () => {
    const history = await serving.routingHistory('rain', 'test', 10);
    expect(history.map(({ revision }) => revision)).toEqual([2, 1]);
    expect(history[0]).toMatchObject({ setBy: 'ada', reason: 'test' });
    const events = await readLedger(world.db, { afterSeq: 0, limit: 1000, types: ['serving.routing-changed'] });
    expect(events.at(-1)).toMatchObject({ before: { revision: 1 }, after: { revision: 2 } });
  });

  it('sends a request to the version it asks for', async () => {
    for (const targetVersion of [1, 2]) {
      const result = await serving.predict(rowsRequest([dryDay], { targetVersion }));
      expect(result).toMatchObject({ version: targetVersion, routeReason: 'override' });
    }
    const [row] = await serving.captured({ endpoint: 'rain', environment: 'test', last: 1 });
    expect(row).toMatchObject({ routeReason: 'override', propensity: null });
    const none = serving.predict(rowsRequest([dryDay], { targetVersion: 99 }));
    await expect(none).rejects.toMatchObject({ code: 'SRV_VERSION_NOT_FOUND', status: 404 });
  });

  it('refuses tables that make no sense or name a stranger', async () => {
    const low = await deploy('low', 1);
    await expect(route([[low, 0.5]])).rejects.toMatchObject({ code: 'SRV_ROUTING_INVALID' });
    await expect(route([[{ ...low, id: 'x' }, 1]])).rejects.toMatchObject({ code: 'SRV_DEPLOYMENT_NOT_FOUND' });
    await expect(route([[{ ...low, environment: 'production' }, 1]])).rejects.toMatchObject({ code: 'SRV_NOT_READY' });
  });

  it('does not drop a request while the table changes 20 times', async () => {
    const [low, high] = [await deploy('low', 1), await deploy('high', 2)];
    let stop = false;
    let answered = 0;
    const load = (async () => {
      while (!stop) {
        const results = await Promise.all([1, 2, 3].map(() => serving.predict(rowsRequest([dryDay]))));
        answered += results.length;
      }
    })();
    for (let i = 0; i < 20; i += 1) await route([[i % 2 === 0 ? high : low, 1]]);
    stop = true;
    await load;
    expect(answered).toBeGreaterThan(0);
  });

  it('retires only what receives nothing', async () => {
    const [low, high] = [await deploy('low', 1), await deploy('high', 2)];
    await route([[low, 1]]);
    await expect(serving.retire(context, low.id)).rejects.toMatchObject({ code: 'SRV_IN_USE' });
    await serving.retire(context, high.id);
    expect((await serving.deployment(high.id)).state).toBe('retired');
    expect(running.host.loaded().map(({ digest }) => digest)).not.toContain(digests.high);
    await expect(route([[high, 1]])).rejects.toMatchObject({ code: 'SRV_NOT_READY' });
  });
});

describe('answering', () => {
  it('counts requests, rows, refusals and failures per deployment', async () => {
    const [low, high] = [await deploy('low', 1), await deploy('high', 3)];
    await route([[high, 1]]);
    await serving.predict(rowsRequest([dryDay, rainyDay]));
    await expect(serving.predict(rowsRequest([{}]))).rejects.toMatchObject({ code: 'SRV_INPUT_INVALID' });
    await expect(serving.predict(rowsRequest([{ ...dryDay, wind: 3e38 }]))).rejects.toMatchObject({
      code: 'SRV_NONFINITE_OUTPUT',
      status: 500,
    });
    const statistics = await serving.statistics({ endpoint: 'rain', environment: 'test' });
    const counted = statistics.find(({ deploymentId }) => deploymentId === high.id);
    expect(counted).toMatchObject({ requests: 3, rows: 4, rejectedInputs: 1, errors: 1, nonFiniteOutputs: 1 });
    expect(counted?.latencyMs.p50).toBeGreaterThan(0);
    const text = await running.metrics.render();
    expect(text).toMatch(/fairlead_serving_errors_total\{.*version="3".*code="SRV_NONFINITE_OUTPUT".*\} 1/);
    await route([[low, 1]]);
  });

  it.each([
    ['no rows', { kind: 'rows', rows: [] }],
    ['more rows than allowed', { kind: 'rows', rows: new Array(101).fill(dryDay) }],
    ['too few ids', { kind: 'rows', rows: [dryDay, dryDay], ids: ['a'] }],
    ['the same id twice', { kind: 'rows', rows: [dryDay, dryDay], ids: ['a', 'a'] }],
    ['an empty id', { kind: 'rows', rows: [dryDay], ids: [''] }],
  ] as const)('refuses %s', async (_, input) => {
    const refused = serving.predict(rowsRequest([], { input }));
    await expect(refused).rejects.toMatchObject({ code: 'SRV_INPUT_INVALID', status: 400 });
  });

  it('copies every request to the shadow, whose errors nobody sees', async () => {
    const [low, high] = [await deploy('low', 1), await deploy('high', 3)];
    await route([[low, 1]], [high]);
    const request = rowsRequest([rainyDay], { input: { kind: 'rows', rows: [rainyDay], ids: ['day-1'] } });
    expect(await serving.predict(request)).toMatchObject({ version: 1 });
    await serving.flushCapture();
    await running.host.unload(digests.high as string);
    expect((await serving.predict(rowsRequest([rainyDay]))).version).toBe(1);
    await serving.flushCapture();
    const shadows = await serving.captured({ endpoint: 'rain', environment: 'test', shadow: true });
    expect(shadows.map(({ status, version, routeReason }) => [status, version, routeReason])).toEqual([
      [200, 3, 'shadow'],
      [503, 3, 'shadow'],
    ]);
    expect(shadows[0]).toMatchObject({ id: 'day-1', label: 'yes', shadow: true });
  });

  it('captures every row of every request, the refused ones too', async () => {
    const atMs = Date.now();
    await serving.predict(rowsRequest([{ ...dryDay, date: '2015-01-01' }, rainyDay]));
    await serving.predict(rowsRequest([{ ...dryDay, wind: 'x' }])).catch(() => undefined);
    const rows = await serving.captured({ endpoint: 'rain', environment: 'test', fromMs: atMs, shadow: false });
    expect(rows.map(({ status, errorCode, label }) => [status, errorCode, label])).toEqual([
      [200, null, 'no'],
      [200, null, 'yes'],
      [400, 'SRV_INPUT_INVALID', null],
    ]);
    expect(rows[0]).toMatchObject({ inputs: { ...dryDay, date: '2015-01-01' }, consumer: 'tests', version: 1 });
    expect(rows[0]?.probability).toBeLessThan(0.5);
    expect(rows[2]?.inputs).toEqual({ ...dryDay, wind: 'x' });
  });
});
