import { ROLES } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { can } from '../../platform/identity/index.js';
import { type MlflowServer, openMlflow } from './mlflow.fixture.js';
import { mlflowCalls } from './mlflow-calls.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const LOG_BATCH = '/api/2.0/mlflow/runs/log-batch';

describe('the framing of MLflow calls', () => {
  let server: MlflowServer;
  let runId: string;
  beforeAll(async () => {
    server = await openMlflow();
    const { tracking } = server.rooms;
    const actor = { kind: 'user' as const, id: 'ada', roles: ROLES, authenticated: true };
    runId = (await tracking.startRun({ actor }, { experiment: 'rain' })).id;
  });
  afterAll(() => server.close());

  const stored = async () => (await server.rooms.tracking.run(runId)).params;

  it('answers at both prefixes, also to a body that is JSON within JSON', async () => {
    const body = (key: string) => JSON.stringify({ run_id: runId, params: [{ key, value: '1' }] });
    expect(await server.send('POST', LOG_BATCH, body('a'), JSON_TYPE)).toMatchObject({ status: 200, body: {} });
    const ajax = LOG_BATCH.replace('/api', '/ajax-api');
    expect((await server.send('POST', ajax, JSON.stringify(body('b')), JSON_TYPE)).status).toBe(200);
    expect(await stored()).toMatchObject({ a: '1', b: '1' });
  });

  it('takes int64 as numbers and digits, and doubles as their words', async () => {
    const metrics = ['NaN', 'Infinity', '-Infinity', '0.5', 2].map((value, i) => ({
      ...{ key: `m${i}`, value },
      ...{ timestamp: i % 2 === 0 ? 7 : '7', step: '-3' },
    }));
    const answer = await server.call('POST', 'runs/log-batch', { run_uuid: runId, metrics });
    expect(answer).toMatchObject({ status: 200 });
    const { metrics: latest } = await server.rooms.tracking.run(runId);
    expect(latest).toEqual({ m0: NaN, m1: Infinity, m2: -Infinity, m3: 0.5, m4: 2 });
  });

  it.each([
    ['nothing at all', undefined],
    ['an empty object', '{}'],
    ['null', 'null'],
    ['an empty text', '""'],
  ])('reads %s as no parameters and names the first that is missing', async (_, payload) => {
    const answer = await server.send('POST', LOG_BATCH, payload, payload === undefined ? {} : JSON_TYPE);
    expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
    expect(answer.body.message).toContain("Missing value for required parameter 'run_id'");
  });

  it.each([
    ['a list', '[]', 'INVALID_PARAMETER_VALUE'],
    ['a number', '3', 'INVALID_PARAMETER_VALUE'],
    ['half an object', '{"run_id": ', 'BAD_REQUEST'],
    ['a bad text inside a text', '"{"', 'BAD_REQUEST'],
    ['NUL', '{"run_id": "a\\u0000"}', 'INVALID_PARAMETER_VALUE'],
    ['a prototype', '{"__proto__": {}}', 'BAD_REQUEST'],
    ['depth', '['.repeat(101) + ']'.repeat(101), 'BAD_REQUEST'],
    ['depth in a text', JSON.stringify('['.repeat(101) + ']'.repeat(101)), 'BAD_REQUEST'],
    ['a number for a text', '{"run_id": 3}', 'INVALID_PARAMETER_VALUE'],
    ['a text for a list', '{"run_id": "r", "metrics": {}}', 'INVALID_PARAMETER_VALUE'],
    ['a step that is no whole number', metric('1.5'), 'INVALID_PARAMETER_VALUE'],
    ['a step that no double holds exactly', metric('9007199254740993'), 'INVALID_PARAMETER_VALUE'],
    ['a parameter twice', '{"run_id":"r","params":[{"key":"a"},{"key":"a"}]}', 'INVALID_PARAMETER_VALUE'],
  ])('refuses %s with a coded 400', async (_, payload, errorCode) => {
    const answer = await server.send('POST', LOG_BATCH, payload, JSON_TYPE);
    expect(answer).toMatchObject({ status: 400, body: { error_code: errorCode } });
    expect(answer.body.message).toMatch(/^.{10,}/);
  });

  it('refuses forms that a web page can send without asking', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const answer = await server.send('POST', LOG_BATCH, '{}', { 'content-type': type });
      expect(answer).toMatchObject({ status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE' } });
      expect(answer.body.message).toContain("Content-Type must be one of ['application/json']");
    }
    const foreign = { ...JSON_TYPE, origin: 'https://evil.example' };
    const answer = await server.send('POST', LOG_BATCH, '{}', foreign);
    expect(answer).toMatchObject({ status: 403, body: { error_code: 'PERMISSION_DENIED' } });
  });

  it.each([
    ['GET', '/api/2.0/mlflow/nothing'],
    ['GET', '/api/2.0/mlflow'],
    ['POST', '/api/3.0/mlflow/traces/search'],
    ['GET', '/api/3.0/mlflow/server-features'],
    ['GET', '/api/2.0/mlflow-artifacts/presigned/1/run/artifacts/model'],
    ['GET', '/ajax-api/2.0/preview/mlflow/experiments/list'],
    ['POST', '/graphql'],
    ['POST', '/v1/traces'],
  ] as const)('knows no %s %s and says so in its own words', async (method, url) => {
    const answer = await server.send(method, url, method === 'POST' ? '{}' : undefined, JSON_TYPE);
    expect(answer).toMatchObject({ status: 404, body: { error_code: 'ENDPOINT_NOT_FOUND' } });
  });

  it('answers another method and an unreadable address in the same words', async () => {
    const other = await server.send('DELETE', LOG_BATCH);
    expect(other).toMatchObject({ status: 405, body: { error_code: 'ENDPOINT_NOT_FOUND' } });
    const unreadable = await server.send('GET', '/api/2.0/mlflow/%zz');
    expect(unreadable).toMatchObject({ status: 400, body: { error_code: 'BAD_REQUEST' } });
  });

  it('keeps our own words for our own addresses', async () => {
    expect((await server.send('GET', '/api/2.0x')).body).toHaveProperty('error.code', 'HTTP_ROUTE_NOT_FOUND');
  });

  it('tells what it can do, and offers uploads in parts only where it knows its address', async () => {
    const info = await server.send('GET', '/api/3.0/mlflow/server-info');
    expect(info).toMatchObject({
      status: 200,
      body: { workspaces_enabled: false, multipart_uploads_enabled: true, multipart_downloads_enabled: false },
    });
    expect((await server.send('GET', '/ajax-api/3.0/mlflow/server-info')).body).toEqual(info.body);
    const behind = await server.send('GET', '/api/3.0/mlflow/server-info', undefined, { 'x-forwarded-proto': 'https' });
    expect(behind.body.multipart_uploads_enabled).toBe(false);
  });

  it('tells its health and the version it speaks to anybody', async () => {
    const foreign = { host: 'anything.example' };
    expect(await server.send('GET', '/health', undefined, foreign)).toMatchObject({ status: 200, body: 'OK' });
    const version = await server.send('GET', '/version', undefined, foreign);
    expect(version.headers['content-type']).toContain('text/plain');
    expect(version.body).toMatch(/^3\.[0-3]\.\d+$/);
  });
});

describe('who may make an MLflow call', () => {
  it('is told by a challenge that MLflow clients know', async () => {
    const server = await openMlflow(async () => {
      throw Object.assign(new Error('No token.'), {
        code: 'IDN_TOKEN_REQUIRED',
        remedy: 'Send one.',
        status: 401,
        data: {},
      });
    });
    for (const url of [LOG_BATCH, '/api/2.0/mlflow/nothing']) {
      const answer = await server.send('POST', url, '{}', JSON_TYPE);
      expect(answer).toMatchObject({ status: 401, body: { error_code: 'UNAUTHENTICATED' } });
      expect(answer.headers['www-authenticate']).toBe('Basic realm="mlflow"');
    }
    expect((await server.send('GET', '/api/openapi.json')).headers['www-authenticate']).toBe('Bearer');
    expect((await server.send('GET', '/health')).status).toBe(200);
    await server.close();
  });

  it('is asked before anything is read, by the role that the call names', async () => {
    for (const role of [undefined, ...ROLES]) {
      const actor = { kind: 'user' as const, id: 'ada', roles: role === undefined ? [] : [role], authenticated: true };
      const server = await openMlflow(async () => actor);
      for (const { methods, path, may } of mlflowCalls) {
        for (const method of methods) {
          const url = path.replace(/:\w+/g, 'x');
          const { status, body } = await server.call(method, url);
          expect([role, path, status === 403]).toEqual([role, path, !can(actor, may)]);
          if (status === 403) expect(body.error_code).toBe('PERMISSION_DENIED');
        }
      }
      await server.close();
    }
  });
});

function metric(step: string): string {
  return `{"run_id":"r","metrics":[{"key":"a","value":1,"timestamp":1,"step":${step}}]}`;
}
