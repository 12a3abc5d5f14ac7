import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './http.fixture.js';

const opened: TestServer[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});

async function listen(flags: Record<string, unknown> = {}, prepare?: (server: TestServer) => void) {
  const server = await openTestServer(flags);
  opened.push(server);
  prepare?.(server);
  await server.app.listen();
  const { port } = server.app.server.address() as AddressInfo;
  return { ...server, port };
}

/** Sends bytes as they are and resolves with everything that came back before the connection closed. */
async function talk(port: number, ...pieces: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.on('error', () => undefined);
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return received;
}

const head = (method: string, path: string, ...headers: string[]) =>
  `${[`${method} ${path} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n`;
const CLOSE = 'Connection: close';

describe('on a real socket, the server', () => {
  it('checks the authority of an absolute-form target as well as the header', async () => {
    const { port } = await listen();
    const path = '/api/v1/things/a';
    expect(await talk(port, head('GET', `http://localhost${path}`, 'Host: localhost', CLOSE))).toMatch(
      /^HTTP\/1.1 200/,
    );
    expect(await talk(port, head('GET', `http://evil.example${path}`, 'Host: localhost', CLOSE))).toMatch(
      /^HTTP\/1.1 403/,
    );
    expect(await talk(port, head('GET', `http://localhost${path}`, 'Host: evil.example', CLOSE))).toMatch(
      /^HTTP\/1.1 403/,
    );
    expect(await talk(port, head('GET', `http://a@localhost${path}`, 'Host: localhost', CLOSE))).toMatch(
      /^HTTP\/1.1 400/,
    );
  });

  it('refuses no Host, an empty one, two of them, and HTTP/1.0 without one', async () => {
    const { port } = await listen();
    expect(await talk(port, head('GET', '/metrics', CLOSE))).toMatch(/^HTTP\/1.1 400/);
    expect(await talk(port, head('GET', '/metrics', 'Host:', CLOSE))).toMatch(/^HTTP\/1.1 400/);
    expect(await talk(port, head('GET', '/metrics', 'Host: localhost', 'Host: evil.example', CLOSE))).toMatch(
      /^HTTP\/1.1 400/,
    );
    expect(await talk(port, 'GET /metrics HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
  });

  it('answers what is no HTTP with a coded error and closes', async () => {
    const { port } = await listen();
    expect(await talk(port, 'NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1.1 400[\s\S]*HTTP_BAD_REQUEST/);
    expect(await talk(port, head('GET', '/livez', 'Host: localhost', `X: ${'x'.repeat(20_000)}`))).toMatch(
      /^HTTP\/1.1 431/,
    );
  });

  it('cuts off a client that is slow with its headers', async () => {
    const { port } = await listen({ headersTimeoutMs: 100 });
    expect(await talk(port, 'GET /livez HTTP/1.1\r\nHost: loc')).toMatch(/^HTTP\/1.1 408/);
  });

  it('cuts off a client that is slow with a JSON body', async () => {
    const { port } = await listen({ requestTimeoutMs: 150 });
    const headers = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 100'];
    const answer = await talk(port, head('POST', '/api/v1/things', ...headers), '{"na');
    expect(answer).toMatch(/^HTTP\/1.1 408[\s\S]*HTTP_BODY_TIMEOUT/);
  });

  it('lets a handler take longer than a body may', async () => {
    const { port } = await listen({ requestTimeoutMs: 100 }, (server) => {
      const answerLate = async () => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return { late: true };
      };
      server.app.get('/late', answerLate);
      server.app.post('/late', answerLate);
    });
    expect(await talk(port, head('GET', '/late', 'Host: localhost', CLOSE))).toMatch(/^HTTP\/1.1 200/);
    const headers = ['Host: localhost', 'Content-Type: application/json', 'Content-Length: 2', CLOSE];
    expect(await talk(port, head('POST', '/late', ...headers), '{}')).toMatch(/^HTTP\/1.1 200/);
  });

  it('cuts off a client that stalls in a stream', async () => {
    const { port } = await listen();
    const headers = ['Host: localhost', 'Content-Type: text/csv', 'Content-Length: 100', CLOSE];
    expect(await talk(port, head('PUT', '/raw', ...headers), 'a,b')).toMatch(/^HTTP\/1.1 408[\s\S]*HTTP_BODY_TIMEOUT/);
  });

  it('refuses a body by its announced size, and by its real size when it announces none', async () => {
    const { port } = await listen({ bodyLimitBytes: 1024 });
    const headers = ['Host: localhost', 'Content-Type: application/json'];
    expect(await talk(port, head('POST', '/api/v1/things', ...headers, 'Content-Length: 99999999'))).toMatch(
      /^HTTP\/1.1 413/,
    );
    const chunked = head('POST', '/api/v1/things', ...headers, 'Transfer-Encoding: chunked');
    expect(await talk(port, chunked, `800\r\n${'x'.repeat(2048)}\r\n`)).toMatch(/^HTTP\/1.1 413/);
  });

  it('refuses the bytes of two framings at once', async () => {
    const { port } = await listen();
    const both = head('POST', '/api/v1/things', 'Host: localhost', 'Content-Length: 4', 'Transfer-Encoding: chunked');
    expect(await talk(port, both, '0\r\n\r\n')).toMatch(/^HTTP\/1.1 400/);
  });

  it('drains: the request in flight finishes and new connections are refused', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let arrived: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { app, port } = await listen({}, (server) =>
      server.app.get('/slow', async () => {
        arrived();
        await held;
        return { finished: true };
      }),
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const slow = once(get({ port, path: '/slow', agent, host: '127.0.0.1' }), 'response');
    await inside;
    const drained = app.drain(20_000);
    await untilRefused(port);
    release();
    const [response] = await slow;
    expect(response.statusCode).toBe(200);
    response.resume();
    expect(await drained).toEqual({ unfinishedRequests: 0 });
    agent.destroy();
  });

  it('drains no longer than it is given, and says how much it cut off', async () => {
    let arrived: () => void = () => undefined;
    const inside = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { app, port } = await listen({}, (server) =>
      server.app.get('/stuck', async () => {
        arrived();
        await new Promise(() => undefined);
      }),
    );
    const stuck = once(get({ port, path: '/stuck', host: '127.0.0.1' }), 'response').catch((error: unknown) => error);
    await inside;
    expect(await app.drain(50)).toEqual({ unfinishedRequests: 1 });
    expect(await stuck).toMatchObject({ code: 'ECONNRESET' });
  });
});

/** Connects until nobody listens any more; one that waits to be accepted at that moment is reset. */
async function untilRefused(port: number): Promise<void> {
  for (let outcome = ''; outcome !== 'ECONNREFUSED'; ) {
    const socket = connect(port, '127.0.0.1');
    outcome = await once(socket, 'connect').then(
      () => 'connected',
      (error: { code: string }) => error.code,
    );
    socket.destroy();
  }
}
