import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rainyDay, rowsRequest } from '../serving.fixture.js';
import { engineer, openTestRoutes, type TestRoutes } from '../serving-routes.fixture.js';

let routes: TestRoutes;
beforeAll(async () => {
  routes = await openTestRoutes();
  const deployed = await post('/api/v1/environments/test/endpoints/rain/deployments', { version: 1 });
  expect(deployed.statusCode).toBe(201);
});
afterAll(() => routes.dispose());

const post = (url: string, payload?: object) =>
  routes.app.inject({ method: 'POST', url, ...(payload !== undefined && { payload }) });
const index = async (payload?: object) =>
  (await post('/v2/repository/index', payload))
    .json()
    .map(({ name, version, state }: Record<string, string>) => `${name} ${version} ${state}`)
    .sort();

describe('the model repository', () => {
  it('lists what could answer, with or without a body', async () => {
    const all = ['rain 1 READY', 'rain 2 READY', 'rain@test 1 READY'];
    expect(await index()).toEqual(all);
    expect(await index({ ready: true })).toEqual(all);
    expect((await post('/v2/repository/index', { ready: 'x' })).statusCode).toBe(400);
  });

  it('unloads and loads what production does not need, and says so meanwhile', async () => {
    expect(
      (await post('/v2/repository/models/rain@test/unload', { parameters: { unload_dependents: true } })).json(),
    ).toEqual({});
    expect(await index()).toContain('rain@test 1 UNAVAILABLE');
    expect(await index({ ready: true })).not.toContain('rain@test 1 UNAVAILABLE');
    expect((await routes.app.inject({ url: '/v2/models/rain@test/ready' })).statusCode).toBe(503);
    expect((await routes.app.inject({ url: '/v2/models/rain/ready' })).statusCode).toBe(200);
    expect((await post('/v2/repository/models/rain@test/load')).statusCode).toBe(200);
    expect((await routes.app.inject({ url: '/v2/models/rain@test/ready' })).statusCode).toBe(200);
  });

  it.each([
    ['rain/unload', 409],
    ['snow/load', 404],
    ['snow/unload', 404],
    ['..%2F..%2Fetc/load', 400],
    ['rain@..%2Fx/unload', 400],
    ['rain@staging/load', 409],
  ])('answers %s with %i and an error text', async (path, status) => {
    const answer = await post(`/v2/repository/models/${path}`);
    expect([answer.statusCode, answer.json()]).toEqual([status, { error: expect.any(String) }]);
  });

  it('takes no files and no configuration', async () => {
    for (const parameters of [{ config: '{}' }, { 'file:1/model.onnx': 'AAAA' }]) {
      expect((await post('/v2/repository/models/rain/load', { parameters })).statusCode).toBe(400);
    }
  });

  it('is for those who may deploy', async () => {
    routes.actor = { ...engineer, roles: ['viewer'] };
    expect((await post('/v2/repository/index')).statusCode).toBe(200);
    expect((await post('/v2/repository/models/rain@test/load')).statusCode).toBe(403);
    expect((await post('/v2/repository/models/rain@test/unload')).statusCode).toBe(403);
    routes.actor = engineer;
  });
});

describe('statistics', () => {
  const stats = async (url: string) => (await routes.app.inject({ url })).json().model_stats;

  it('count requests, rows and runs; requests that come together share a run', async () => {
    const { serving } = routes.running;
    const [before] = await stats('/v2/models/rain@test/stats');
    await Promise.all(Array.from({ length: 20 }, () => serving.predict(rowsRequest([rainyDay, rainyDay]))));
    await expect(serving.predict(rowsRequest([{ wind: 'x' }]))).rejects.toThrow();
    const [after] = await stats('/v2/models/rain@test/versions/1/stats');
    expect(after.inference_count - before.inference_count).toBe(40);
    const runs = after.execution_count - before.execution_count;
    expect(runs).toBeGreaterThan(0);
    expect(runs).toBeLessThanOrEqual(20);
    expect(after.inference_stats.success.count - before.inference_stats.success.count).toBe(20);
    expect(after.inference_stats.fail.count - before.inference_stats.fail.count).toBe(1);
    expect(after.inference_stats.compute_infer.ns).toBeGreaterThan(0);
    expect(after.inference_stats.queue.count).toBe(after.inference_stats.compute_infer.count);
    const executions = after.batch_stats.reduce(
      (sum: number, { compute_infer }: { compute_infer: { count: number } }) => sum + compute_infer.count,
      0,
    );
    expect(executions).toBe(after.execution_count);
    expect(after.last_inference).toBeGreaterThan(1.6e12);
  });

  it('are told of all models, of one, of a version, and of none that is not there', async () => {
    expect(await stats('/v2/models/stats')).toHaveLength(3);
    expect(await stats('/v2/models/rain/stats')).toHaveLength(2);
    for (const url of ['/v2/models/snow/stats', '/v2/models/rain/versions/9/stats']) {
      const answer = await routes.app.inject({ url });
      expect([answer.statusCode, answer.json()]).toEqual([404, { error: expect.any(String) }]);
    }
  });
});
