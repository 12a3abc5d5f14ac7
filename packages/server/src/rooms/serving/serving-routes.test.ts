import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dryDay, rainyDay } from './serving.fixture.js';
import { engineer, openTestRoutes, type TestRoutes } from './serving-routes.fixture.js';

let routes: TestRoutes;
beforeAll(async () => {
  routes = await openTestRoutes();
});
afterAll(() => routes.dispose());

const get = (url: string) => routes.app.inject({ method: 'GET', url });
const PREDICT = '/api/v1/endpoints/rain/predict';
const post = (url: string, payload: unknown, headers: Record<string, string> = {}) =>
  routes.app.inject({ method: 'POST', url, payload: payload as object, headers });

describe('predicting from named rows', () => {
  it('answers with labels, probabilities, the version and the request id', async () => {
    const answer = await post(
      PREDICT,
      { rows: [rainyDay, { ...dryDay, date: 'x' }], ids: ['a', 'b'] },
      { 'x-request-id': 'my-request' },
    );
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      requestId: 'my-request',
      model: 'rain-model',
      version: 1,
      routeReason: 'only',
      predictions: [
        { id: 'a', label: 'yes' },
        { id: 'b', label: 'no' },
      ],
      warnings: [],
    });
    expect(answer.headers).toMatchObject({ 'x-request-id': 'my-request', 'x-fairlead-model-version': '1' });
  });

  it('names row and column of what does not fit', async () => {
    const answer = await post(PREDICT, { rows: [rainyDay, { ...dryDay, wind: '3' }] });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error).toMatchObject({
      code: 'SRV_INPUT_INVALID',
      data: { total: 1, issues: [{ row: 1, column: 'wind', got: 'the string "3"', expected: 'a finite number' }] },
    });
  });

  it.each([
    ['no body', undefined],
    ['no rows', { rows: [] }],
    ['rows that are no list', { rows: rainyDay }],
    ['null rows', { rows: [null] }],
    ['nested rows', { rows: [[[[[]]]]] }],
    ['an object in a cell', { rows: [{ ...dryDay, wind: { a: 1 } }] }],
    ['an unknown member', { rows: [dryDay], row: 1 }],
    ['numbers as ids', { rows: [dryDay], ids: [1] }],
    ['too many ids', { rows: [dryDay], ids: ['a', 'b'] }],
    ['ids that are no list', { rows: [dryDay], ids: 'a' }],
    ['too many rows', { rows: new Array(101).fill(dryDay) }],
    ['a number beyond Float32', { rows: [{ ...dryDay, wind: 1e300 }] }],
    [
      'thousands of unknown columns',
      { rows: [Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`c${i}`, i]))] },
    ],
    ['a very long text in a wrong place', { rows: [{ ...dryDay, wind: 'x'.repeat(100_000) }] }],
  ])('refuses %s with 400', async (_, body) => {
    const answer = await post(PREDICT, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.body.length).toBeLessThan(30_000);
  });

  it('lets only those choose the version who may', async () => {
    const chosen = (target: string) => post(PREDICT, { rows: [dryDay] }, { 'x-fairlead-target-version': target });
    expect((await chosen('2')).json()).toMatchObject({ version: 2, routeReason: 'override' });
    expect((await chosen('7')).statusCode).toBe(404);
    expect((await chosen('two')).statusCode).toBe(400);
    routes.actor = { ...engineer, roles: ['data-scientist'] };
    expect((await chosen('2')).json().error.code).toBe('SRV_OVERRIDE_FORBIDDEN');
    routes.actor = { ...engineer, roles: ['viewer'] };
    expect((await post(PREDICT, { rows: [dryDay] })).statusCode).toBe(403);
    routes.actor = engineer;
  });

  it('publishes a document per endpoint whose example works', async () => {
    const document = (await get('/api/v1/endpoints/rain/openapi.json')).json();
    const [path = ''] = Object.keys(document.paths);
    expect(path).toBe(PREDICT);
    const { example, schema } = document.paths[path].post.requestBody.content['application/json'];
    expect(schema.properties.rows.items.required).toEqual(['holiday', 'sky']);
    const answer = await post(path, example);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().warnings).toEqual([]);
    expect((await get('/api/v1/endpoints/rain/openapi.json?environment=test')).statusCode).toBe(409);
  });
});

describe('managing endpoints', () => {
  it('declares, lists and shows them', async () => {
    const put = (payload: object) => routes.app.inject({ method: 'PUT', url: '/api/v1/endpoints/hail', payload });
    expect((await put({ model: 'hail-model' })).json()).toMatchObject({ changed: true, endpoint: { name: 'hail' } });
    expect((await put({ model: 'hail-model' })).json().changed).toBe(false);
    expect((await put({ model: 'other' })).statusCode).toBe(409);
    expect((await put({})).statusCode).toBe(400);
    expect((await get('/api/v1/endpoints')).json().items).toHaveLength(2);
    expect((await get('/api/v1/endpoints/hail')).json().model).toBe('hail-model');
    expect((await get('/api/v1/endpoints/none')).statusCode).toBe(404);
    expect((await get('/api/v1/endpoints/hail/routing')).statusCode).toBe(404);
    const odd = await routes.app.inject({ method: 'PUT', url: '/api/v1/endpoints/a%2Fb', payload: { model: 'm' } });
    expect(odd.statusCode).toBe(400);
  });

  it('shows deployments, routing, its history and the counters', async () => {
    const deployments = (await get('/api/v1/endpoints/rain/deployments?state=ready')).json().items;
    expect(deployments.length).toBeGreaterThanOrEqual(2);
    expect((await get('/api/v1/endpoints/rain/deployments?state=odd')).statusCode).toBe(400);
    const routing = (await get('/api/v1/endpoints/rain/routing')).json();
    expect(routing).toMatchObject({ environment: 'production', revision: 1 });
    expect((await get('/api/v1/endpoints/rain/routing/history?limit=1')).json().items).toEqual([routing]);
    const statistics = (await get('/api/v1/endpoints/rain/statistics')).json().items;
    expect(statistics.find(({ version }: { version: number }) => version === 1).requests).toBeGreaterThan(0);
  });

  it('deploys to test by a route, and to no other environment', async () => {
    const answer = await post('/api/v1/environments/test/endpoints/rain/deployments', { version: 1 });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ deployment: { environment: 'test' }, routing: { entries: [{ weight: 1 }] } });
    const predicted = await post('/api/v1/environments/test/endpoints/rain/predict', { rows: [dryDay] });
    expect(predicted.json()).toMatchObject({ version: 1 });
    const failing = await post('/api/v1/environments/test/endpoints/rain/deployments', { version: 9 });
    expect(failing.json().error.code).toBe('SRV_DEPLOY_FAILED');
    const production = await post('/api/v1/environments/production/endpoints/rain/deployments', { version: 1 });
    expect([production.statusCode, production.json().error.code]).toEqual([409, 'SRV_RELEASE_NEEDED']);
  });
});
