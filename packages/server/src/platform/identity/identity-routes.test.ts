import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor, systemClock } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../config/index.js';
import { readLedger } from '../db/index.js';
import { openTestSqlite, type TestDb } from '../db/testing.js';
import { type App, createHttpServer } from '../http/index.js';
import { createLogger, createMetrics } from '../telemetry/index.js';
import { addIdentityRoutes, createIdentity, type Identity, identityMigrations } from './index.js';

const home = mkdtempSync(join(tmpdir(), 'fairlead-people-'));
let test: TestDb;
let identity: Identity;
let closed: App;
let open: App;
let admin: string;
let viewer: string;

async function serve(identityRequired: boolean): Promise<App> {
  const config = loadConfig({ flags: { home, identityRequired }, env: {}, cwd: '/' });
  identity = createIdentity({ db: test.db, clock: systemClock, config });
  const app = await createHttpServer({
    config,
    identity,
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
    metrics: createMetrics(),
    version: '0.0.0',
    readiness: async () => ({ ready: true, checks: {} }),
  });
  addIdentityRoutes(app, { identity, db: test.db });
  return app;
}

beforeAll(async () => {
  test = await openTestSqlite([identityMigrations]);
  open = await serve(false);
  closed = await serve(true);
  const context = { actor: systemActor };
  await identity.addPerson(context, { name: 'ada', roles: ['admin'] });
  await identity.addPerson(context, { name: 'vic', roles: ['viewer'] });
  admin = (await identity.issueToken(context, { person: 'ada', label: 'first' })).token;
  viewer = (await identity.issueToken(context, { person: 'vic', label: 'first' })).token;
});
afterAll(async () => {
  await open.close();
  await closed.close();
  await test.dispose();
});

interface Ask {
  readonly token?: string;
  readonly body?: object;
}
async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, { token, body }: Ask = {}) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await closed.inject({ method, url, headers, ...(body && { payload: body }) });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

describe('where identity is required', () => {
  it.each(['/api/v1/whoami', '/api/v1/people', '/metrics', '/api/openapi.json', '/api/docs/', '/api/v1/nothing'])(
    '%s answers 401 without a token',
    async (url) => {
      const answer = await closed.inject({ url });
      expect([answer.statusCode, answer.json().error.code]).toEqual([401, 'IDN_TOKEN_REQUIRED']);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    },
  );

  it.each(['/livez', '/readyz', '/version'])('%s needs none', async (url) => {
    expect((await closed.inject({ url })).statusCode).toBe(200);
  });

  it('a token tells who one is and what one may do', async () => {
    const { body } = await ask('GET', '/api/v1/whoami', { token: viewer });
    expect(body).toMatchObject({ id: 'vic', kind: 'user', roles: ['viewer'], authenticated: true });
    expect(body.actions).toContain('model:read');
    expect(body.actions).not.toContain('person:read');
    expect((await ask('GET', '/api/v1/whoami', { token: `${admin.slice(0, -3)}AAA` })).status).toBe(401);
  });

  it('a token lives from its issue to its revocation', async () => {
    const added = await ask('POST', '/api/v1/people', { token: admin, body: { name: 'bob', roles: ['qa'] } });
    expect(added).toMatchObject({ status: 201, body: { name: 'bob', roles: ['qa'], displayName: 'bob' } });
    const issued = await ask('POST', '/api/v1/people/bob/tokens', { token: admin, body: { label: 'laptop' } });
    expect(issued.body.token).toMatch(/^fl_[0-9a-f]{16}_[\w-]{43}$/);
    const token: string = issued.body.token;
    expect((await ask('GET', '/api/v1/whoami', { token })).body.id).toBe('bob');
    await ask('PUT', '/api/v1/people/bob/roles', { token: admin, body: { roles: ['viewer'] } });
    expect((await ask('GET', '/api/v1/whoami', { token })).body.roles).toEqual(['viewer']);
    const listed = await ask('GET', '/api/v1/people/bob/tokens', { token: admin });
    expect(listed.body.tokens).toMatchObject([{ id: issued.body.id, label: 'laptop', revokedAtMs: null }]);
    await ask('DELETE', `/api/v1/people/bob/tokens/${issued.body.id}`, { token: admin });
    expect((await ask('GET', '/api/v1/whoami', { token })).body.error.code).toBe('IDN_TOKEN_INVALID');
    expect((await ask('POST', '/api/v1/people/bob/disable', { token: admin })).body.disabledAtMs).toBeGreaterThan(0);
  });

  it('only an admin reaches people and tokens, and refused attempts are recorded', async () => {
    const attempts = [
      await ask('GET', '/api/v1/people', { token: viewer }),
      await ask('POST', '/api/v1/people', { token: viewer, body: { name: 'x', roles: ['admin'] } }),
      await ask('GET', '/api/v1/people/ada', { token: viewer }),
      await ask('PUT', '/api/v1/people/vic/roles', { token: viewer, body: { roles: ['admin'] } }),
      await ask('POST', '/api/v1/people/ada/disable', { token: viewer }),
      await ask('GET', '/api/v1/people/ada/tokens', { token: viewer }),
      await ask('POST', '/api/v1/people/ada/tokens', { token: viewer, body: { label: 'x' } }),
      await ask('DELETE', '/api/v1/people/ada/tokens/0123456789abcdef', { token: viewer }),
    ];
    expect(attempts.map(({ status, body }) => [status, body.error.code])).toEqual(
      attempts.map(() => [403, 'IDN_FORBIDDEN']),
    );
    const denied = await readLedger(test.db, { afterSeq: 0, limit: 100, types: ['identity.access-denied'] });
    expect(denied).toHaveLength(attempts.length);
    expect(denied[0]).toMatchObject({ outcome: 'denied', actor: { id: 'vic' }, payload: { action: 'person:read' } });
  });

  it('a wrong request is told so', async () => {
    const body = { name: 'x', roles: ['root'] };
    expect((await ask('POST', '/api/v1/people', { token: admin, body })).status).toBe(400);
    expect((await ask('GET', '/api/v1/people/nobody', { token: admin })).status).toBe(404);
    expect((await ask('POST', '/api/v1/people', { token: admin, body: { name: 'ada', roles: [] } })).status).toBe(409);
  });
});

describe('in the open mode', () => {
  it('who sends no token is the local user, unproven; a bad token is still refused', async () => {
    const me = (await open.inject({ url: '/api/v1/whoami' })).json();
    expect(me).toMatchObject({ id: 'local', authenticated: false });
    expect(me.actions).toContain('person:write');
    const bad = await open.inject({ url: '/api/v1/whoami', headers: { authorization: 'Bearer nonsense' } });
    expect(bad.statusCode).toBe(401);
  });
});
