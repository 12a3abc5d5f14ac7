import { Type } from 'typebox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './http.fixture.js';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.app.close());

const json = { 'content-type': 'application/json' };
const post = (payload: string | Buffer, headers: Record<string, string> = json) =>
  server.app.inject({ method: 'POST', url: '/api/v1/things', payload, headers });

describe('a body', () => {
  it('that fits is taken as it is', async () => {
    const answer = await post('{"name":"a","count":3}');
    expect(answer.json()).toEqual({ got: { name: 'a', count: 3 } });
  });

  it.each([
    ['broken JSON', '{"name":', 'HTTP_BAD_JSON'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'HTTP_BAD_JSON'],
    ['deep JSON', `{"name":"a","extra":${'['.repeat(200)}${']'.repeat(200)}}`, 'HTTP_BAD_JSON'],
    ['very deep JSON', '['.repeat(1_000_000), 'HTTP_BAD_JSON'],
    ['__proto__', '{"name":"a","__proto__":{"x":1}}', 'HTTP_BAD_JSON'],
    ['constructor.prototype', '{"name":"a","constructor":{"prototype":{}}}', 'HTTP_BAD_JSON'],
    ['NUL in a value', '{"name":"a\\u0000"}', 'HTTP_UNSTORABLE_TEXT'],
    ['NUL in a member name', '{"name":"a","extra":{"\\u0000":1}}', 'HTTP_UNSTORABLE_TEXT'],
    ['half a surrogate pair', '{"name":"\\ud800"}', 'HTTP_UNSTORABLE_TEXT'],
    ['an unsafe integer', '{"name":"a","count":9007199254740993}', 'HTTP_INVALID_REQUEST'],
    ['text for a number', '{"name":"a","count":"3"}', 'HTTP_INVALID_REQUEST'],
    ['an unknown member', '{"name":"a","nam":1}', 'HTTP_INVALID_REQUEST'],
    ['nothing', '', 'HTTP_INVALID_REQUEST'],
    ['a list', '[]', 'HTTP_INVALID_REQUEST'],
  ])('with %s is refused with 400', async (_, payload, code) => {
    const answer = await post(payload);
    expect({ status: answer.statusCode, code: answer.json().error.code }).toEqual({ status: 400, code });
  });

  it('keeps an emoji written as an escaped pair', async () => {
    expect((await post('{"name":"\\ud83d\\ude00"}')).json()).toEqual({ got: { name: '😀' } });
  });

  it('that misses the shape is told where, what was got and what was expected', async () => {
    const { error } = (await post('{"name":"a","count":"3"}')).json();
    expect(error.data.issues).toEqual([{ path: 'body/count', got: '"3"', expected: 'integer' }]);
    expect(error).toMatchObject({ remedy: expect.stringContaining('/api/docs'), id: expect.stringMatching(/^\w{8}$/) });
    expect((await post('{}')).json().error.data.issues[0]).toEqual({
      path: 'body/name',
      got: 'nothing',
      expected: 'a value',
    });
    expect((await post('{"name":"a","nam":1}')).json().error.data.issues[0]).toEqual({
      path: 'body/nam',
      got: '1',
      expected: 'no member of this name',
    });
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json; charset=utf-16',
    'application/octet-stream',
  ])('of type %s is refused with 415', async (type) => {
    expect((await post('{"name":"a"}', { 'content-type': type })).statusCode).toBe(415);
  });

  it('larger than the limit is refused with 413', async () => {
    const small = await openTestServer({ bodyLimitBytes: 1024 });
    const payload = JSON.stringify({ name: 'x'.repeat(2000) });
    const answer = await small.app.inject({ method: 'POST', url: '/api/v1/things', payload, headers: json });
    expect({ status: answer.statusCode, code: answer.json().error.code }).toEqual({
      status: 413,
      code: 'HTTP_BODY_TOO_LARGE',
    });
    await small.app.close();
  });

  it('may be a stream where the route says so, up to its own limit', async () => {
    const put = (payload: Buffer, type: string) =>
      server.app.inject({ method: 'PUT', url: '/raw', payload, headers: { 'content-type': type } });
    expect((await put(Buffer.alloc(900), 'text/csv')).json()).toEqual({ sizeBytes: 900 });
    expect((await put(Buffer.alloc(1001), 'text/csv')).statusCode).toBe(413);
    expect((await server.app.inject({ method: 'PUT', url: '/raw' })).json()).toEqual({ sizeBytes: 0 });
    expect((await put(Buffer.alloc(10), 'text/html')).statusCode).toBe(415);
  });
});

describe('an address', () => {
  const get = (url: string) => server.app.inject({ url });

  it('has its query converted by the schema', async () => {
    expect((await get('/api/v1/things?limit=5&tag=a')).json()).toEqual({ limit: 5, tag: ['a'] });
    expect((await get('/api/v1/things?limit=x&tag=a')).json().error.data.issues[0]).toMatchObject({
      path: 'querystring/limit',
      got: '"x"',
      expected: 'integer',
    });
  });

  it.each(['/api/v1/things/a%00b', '/api/v1/things?tag=%00', '/api/v1/things/%ff', '/api/v1/things/%zz'])(
    'like %s is refused with 400',
    async (url) => {
      expect((await get(url)).statusCode).toBe(400);
    },
  );

  it('that cannot be decoded gets an answer no browser will read as a page', async () => {
    const { headers, body } = await get('/%zz');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
    expect(JSON.parse(body).error.code).toBe('HTTP_BAD_URL');
  });

  it('without a route is 404, with another method 405 and Allow', async () => {
    expect((await get('/api/v1/nothing')).json().error.code).toBe('HTTP_ROUTE_NOT_FOUND');
    const answer = await server.app.inject({ method: 'DELETE', url: '/api/v1/things' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, POST');
    expect(answer.json().error.code).toBe('HTTP_METHOD_NOT_ALLOWED');
    expect((await server.app.inject({ method: 'OPTIONS', url: '/raw' })).headers.allow).toBe('PUT');
  });

  it('answers HEAD like GET without a body', async () => {
    const answer = await server.app.inject({ method: 'HEAD', url: '/api/v1/things/a' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });
});

describe('an error', () => {
  it('of the server shows an id that the log has, and nothing else', async () => {
    const answer = await server.app.inject({ url: '/fail', headers: { 'x-request-id': 'mine-1' } });
    const { error } = answer.json();
    expect(answer.statusCode).toBe(500);
    expect(error).toMatchObject({ code: 'HTTP_INTERNAL', requestId: 'mine-1' });
    expect(answer.body).not.toMatch(/secret|at .*\.ts/);
    const line = server.log.find((entry) => entry.includes(error.id));
    expect(line).toContain('a secret inside');
  });

  it('that the database raises over a value is the caller’s', async () => {
    expect((await server.app.inject({ url: '/refused-by-database' })).json().error.code).toBe('HTTP_VALUE_REFUSED');
  });

  it('takes the shape of the route’s protocol', async () => {
    const oip = await server.app.inject({ method: 'POST', url: '/v2/models/m/infer', payload: '{', headers: json });
    expect(oip.json()).toEqual({ error: expect.stringMatching(/^HTTP_BAD_JSON: /) });
    const lost = await server.app.inject({ url: '/v2/nothing' });
    expect(lost.json()).toEqual({ error: expect.stringMatching(/^HTTP_ROUTE_NOT_FOUND: /) });
    const odd = await server.app.inject({ method: 'POST', url: '/odd', payload: '{}', headers: json });
    expect(odd.json()).toEqual({ error_code: 'HTTP_INVALID_REQUEST' });
  });
});

describe('every answer', () => {
  it.each(['/livez', '/api/v1/nothing', '/fail', '/api/v1/things/a'])(
    'like that of %s has the headers',
    async (url) => {
      const { headers } = await server.app.inject({ url });
      expect(headers['content-security-policy']).toBe(
        "default-src 'self';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';object-src 'none';base-uri 'none';frame-ancestors 'none';form-action 'none'",
      );
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['strict-transport-security']).toBeUndefined();
    },
  );
});

describe('the operations routes', () => {
  it('tell life, readiness and version', async () => {
    expect((await server.app.inject({ url: '/livez' })).json()).toEqual({ status: 'ok' });
    expect((await server.app.inject({ url: '/readyz' })).json()).toEqual({ ready: true, checks: { database: 'ok' } });
    server.readiness.value = { ready: false, checks: { database: 'down' } };
    expect((await server.app.inject({ url: '/readyz' })).statusCode).toBe(503);
    server.readiness.value = { ready: true, checks: {} };
    expect((await server.app.inject({ url: '/version' })).body).toBe('3.3.0');
    expect((await server.app.inject({ url: '/api/v1/version' })).json()).toEqual({ version: '1.2.3' });
  });

  it('show metrics by route pattern, not by address', async () => {
    await server.app.inject({ url: '/api/v1/things/some-name' });
    const { body, headers } = await server.app.inject({ url: '/metrics' });
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(body).toMatch(
      /fairlead_http_request_seconds_count\{method="GET",route="\/api\/v1\/things\/:name",status="200"\} \d/,
    );
    expect(body).not.toContain('some-name');
  });
});

describe('the API documents', () => {
  it('are OpenAPI 3.1 with every route', async () => {
    const document = (await server.app.inject({ url: '/api/openapi.json' })).json();
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths['/api/v1/things'].post.operationId).toBe('addThing');
    expect(document.paths['/api/docs']).toBeUndefined();
  });

  it('are shown by a page that loads nothing from elsewhere', async () => {
    const page = await server.app.inject({ url: '/api/docs/' });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/https?:\/\//);
    expect(page.body).toContain('<title>Fairlead API</title>');
    expect(page.headers['content-security-policy']).toContain("style-src 'self' 'unsafe-inline'");
    expect(page.headers['content-security-policy']).not.toContain('http');
    expect((await server.app.inject({ url: '/api/docs/static/swagger-initializer.js' })).statusCode).toBe(200);
  });

  it('cannot miss a route: one without operationId, or with another’s, stops the start', async () => {
    const { app } = await openTestServer();
    app.get('/api/v1/bare', async () => 'x');
    const schema = { operationId: 'getThing', summary: 'x', tags: ['test'], response: { 200: Type.String() } };
    app.get('/api/v1/twin', { schema }, async () => 'x');
    await expect(app.ready()).rejects.toMatchObject({
      code: 'HTTP_ROUTE_UNDESCRIBED',
      data: {
        gaps: [
          'GET /api/v1/bare lacks operationId, summary, tags',
          'GET /api/v1/twin has the operationId of GET /api/v1/things/:name',
        ],
      },
    });
  });
});
