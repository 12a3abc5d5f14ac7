import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLoopbackHost } from './host-rules.js';
import { openTestServer, type TestServer } from './http.fixture.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ publicUrl: 'https://models.example', allowedHosts: ['fairlead.lan', 'fd00::1'] });
});
afterAll(() => server.app.close());

const get = (host: string, url = '/api/v1/things/a') => server.app.inject({ url, headers: { host } });
const change = (headers: Record<string, string>) =>
  server.app.inject({ method: 'POST', url: '/api/v1/things', payload: { name: 'a' }, headers });

describe('the Host check', () => {
  it.each([
    'localhost',
    'LOCALHOST:4600',
    '127.0.0.1:4600',
    '[::1]:4600',
    '[0:0:0:0:0:0:0:1]',
    'models.example',
    'fairlead.lan:80',
    '[fd00::1]',
  ])('lets %s in', async (host) => {
    expect((await get(host)).statusCode).toBe(200);
  });

  it.each([
    ['attacker.example', 403],
    ['127.0.0.1.attacker.example', 403],
    ['localhost.attacker.example', 403],
    ['attackerlocalhost', 403],
    ['localhost.', 403],
    ['127.0.0.1.', 403],
    ['127.1', 403],
    ['2130706433', 403],
    ['0x7f000001', 403],
    ['0.0.0.0', 403],
    ['10.0.0.1', 403],
    ['[::]', 403],
    ['[::ffff:127.0.0.1]', 403],
    ['sub.models.example', 403],
    [' ', 400],
    [':4600', 400],
    ['localhost:0', 400],
    ['localhost:99999', 400],
    ['localhost:80:80', 400],
    ['user@localhost', 400],
    ['localhost, attacker.example', 400],
    ['[::1', 400],
    ['::1', 400],
    ['[::1%25lo]', 400],
    ['localhost/x', 400],
    ['localhost#', 400],
  ])('keeps %j out with %d', async (host, status) => {
    expect((await get(host)).statusCode).toBe(status);
  });

  it('leaves health checks and the version alone', async () => {
    for (const url of ['/livez', '/readyz', '/version']) expect((await get('10.1.2.3', url)).statusCode).toBe(200);
    for (const url of ['/metrics', '/nothing', '/api/v1/version']) {
      expect((await get('10.1.2.3', url)).statusCode).toBe(403);
    }
  });
});

describe('the Origin check', () => {
  it.each([
    { host: 'localhost:4600' },
    { host: 'localhost:4600', origin: 'http://localhost:4600' },
    { host: 'localhost', origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' },
    { host: 'models.example', origin: 'https://models.example' },
    { host: '127.0.0.1:4600', origin: 'https://models.example' },
    { host: 'localhost:4600', 'sec-fetch-site': 'none' },
  ])('lets %j change things', async (headers) => {
    expect((await change(headers)).statusCode).toBe(200);
  });

  it.each([
    { origin: 'http://attacker.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost:4601' },
    { origin: 'http://localhost:4600.attacker.example' },
    { origin: 'http://localhost:4600@attacker.example' },
    { origin: 'http://127.0.0.1:4600' },
    { origin: 'file://' },
    { origin: 'chrome-extension://abc' },
    { origin: 'http://models.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:4600' },
  ])('refuses changes with %j', async (headers) => {
    const answer = await change({ host: 'localhost:4600', ...headers });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'HTTP_ORIGIN_REFUSED']);
  });

  it('does not stand in the way of reading', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await server.app.inject({ url: '/api/v1/things/a', headers })).statusCode).toBe(200);
  });
});

describe('listening', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['localhost', true],
    ['::1', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.2', false],
    ['127.0.0.1.example', false],
  ])('knows whether %s is this machine alone', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });

  it('refuses the network while no identity is required, whichever way it is asked', async () => {
    const open = await openTestServer({ host: '0.0.0.0' });
    await expect(open.app.listen()).rejects.toMatchObject({ code: 'HTTP_BIND_REFUSED' });
    await open.app.close();
    await expect(server.app.listen({ host: '::' })).rejects.toMatchObject({
      code: 'HTTP_BIND_REFUSED',
      remedy: expect.stringContaining('identity.required'),
    });
  });

  it('opens to the network when identity is required', async () => {
    const closed = await openTestServer({ host: '0.0.0.0', identityRequired: true });
    expect(await closed.app.listen()).toMatch(/^http:/);
    await closed.app.close();
  });

  it('says which port is taken', async () => {
    const first = await openTestServer();
    await first.app.listen();
    const { port } = first.app.server.address() as { port: number };
    const second = await openTestServer({ port });
    await expect(second.app.listen()).rejects.toMatchObject({ code: 'HTTP_LISTEN_FAILED' });
    await first.app.close();
    await second.app.close();
  });
});
