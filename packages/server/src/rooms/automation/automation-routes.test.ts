import { systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../platform/config/index.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { localActor } from '../../platform/identity/index.js';
import { createLogger, createMetrics } from '../../platform/telemetry/index.js';
import { type House, openHouse } from './automation.fixture.js';
import { automationRoutes } from './index.js';

const spec = {
  on: 'monitoring.alert-opened',
  actions: [{ kind: 'retrain', pipeline: 'rain', params: { years: [2012], nested: { a: null } } }],
  coolDownMs: 1_000,
  maxPerDay: 3,
  dryRun: true,
  enabled: true,
};

describe('the routes of automation', () => {
  let house: House;
  let app: App;
  beforeAll(async () => {
    house = await openHouse();
    app = await createHttpServer({
      config: loadConfig({ flags: {}, env: {}, cwd: '/' }),
      logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
      metrics: createMetrics(),
      identity: {
        identify: async (authorization) =>
          authorization === 'Bearer viewer' ? { ...localActor, roles: ['viewer'] } : localActor,
      },
      version: '0.0.0',
      readiness: async () => ({ ready: true, checks: {} }),
    });
    await automationRoutes({ automation: house.automation })(app);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });
  const call = async (method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown, token = '') => {
    const answer = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { host: '127.0.0.1', ...(token !== '' && { authorization: `Bearer ${token}` }) },
      ...(body !== undefined && { payload: body as object }),
    });
    return { status: answer.statusCode, body: answer.json() };
  };

  it('declare a rule and give it back whole', async () => {
    const declared = await call('PUT', '/rules/on-drift', spec);
    expect(declared).toMatchObject({ status: 200, body: { changed: true, rule: { name: 'on-drift', spec } } });
    expect((await call('PUT', '/rules/on-drift', spec)).body.changed).toBe(false);
    expect((await call('GET', '/rules/on-drift')).body.spec).toEqual(spec);
    expect((await call('GET', '/rules')).body.items).toHaveLength(1);
  });

  it('show what a rule decided and rehearse it', async () => {
    const seq = await house.happen({ type: spec.on, subject: { kind: 'alert', id: 'a' }, payload: {} }, systemActor);
    const { body } = await call('GET', '/action-runs?rule=on-drift&state=dry-run');
    expect(body.items).toMatchObject([{ rule: 'on-drift', state: 'dry-run', eventSeq: seq, action: spec.actions[0] }]);
    expect((await call('GET', `/action-runs/${body.items[0].id}`)).body).toEqual(body.items[0]);
    expect((await call('POST', '/rules/on-drift/rehearsals', { eventSeq: seq })).body.items).toHaveLength(1);
  });

  it('refuse bad rules, unknown things and people without the right', async () => {
    expect(await call('PUT', '/rules/on-drift', { ...spec, more: 1 })).toMatchObject({ status: 400 });
    const deaf = await call('PUT', '/rules/x', { ...spec, on: 'automation.action-decided' });
    expect(deaf).toMatchObject({ status: 400, body: { error: { code: 'AUTO_RULE_INVALID' } } });
    expect((await call('GET', '/rules/none')).status).toBe(404);
    expect((await call('GET', '/action-runs/none')).status).toBe(404);
    expect((await call('POST', '/rules/on-drift/rehearsals', { eventSeq: 9e15 })).status).toBe(404);
    expect((await call('PUT', '/rules/on-drift', spec, 'viewer')).status).toBe(403);
    expect((await call('GET', '/rules', undefined, 'viewer')).status).toBe(200);
  });
});
