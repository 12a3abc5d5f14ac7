import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { exampleRow, releaseRain } from '../../harness/port-weather.js';
import { sendBytes } from '../../hostile/send-request.js';

const HEADERS_TIMEOUT_MS = 1_500;
const BODY_TIMEOUT_MS = 2_000;
const IN_FLIGHT = 300;
const SLOW_CONNECTIONS = 1_000;
const MEBIBYTE = 2 ** 20;

let folder: string;
let dispose: () => void = () => undefined;
let port: number;
let servingPort: number;
let server: LiveServer;
/** Where predictions are asked for. */
let answering: { readonly url: string; readonly port: number };

async function setUp(processes: number): Promise<void> {
  ({ folder, dispose } = temporaryFolder(`serving-crash-${processes}`));
  port = await freePort();
  servingPort = await freePort();
  server = await start(processes);
  const at = processes === 0 ? port : servingPort;
  answering = { url: `http://127.0.0.1:${at}`, port: at };
  await releaseRain(createClient({ url: server.url, maxRetries: 0 }), folder);
}

/** 0: the server itself answers. */
function start(processes: number): Promise<LiveServer> {
  const env = {
    FAIRLEAD_CAPTURE_MODE: 'sync',
    FAIRLEAD_HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS),
    FAIRLEAD_REQUEST_TIMEOUT_MS: String(BODY_TIMEOUT_MS),
  };
  const own = ['--serving-port', String(servingPort), '--serving-processes', String(processes)];
  return startLiveServer({ folder, port, env, flags: processes === 0 ? [] : own });
}

interface Sent {
  readonly path?: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  /** Called when the last byte was given to the system. */
  readonly onSent?: () => void;
}

/** The answer, or the error of the connection as status 0. */
function predict({ path = '/api/v1/endpoints/rain/predict', agent, onSent, ...sent }: Sent = {}): Promise<{
  status: number;
  text: string;
}> {
  const body = sent.body ?? JSON.stringify({ rows: [exampleRow] });
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...sent.headers,
  };
  return new Promise((resolve) => {
    const request = httpRequest(`${answering.url}${path}`, { method: 'POST', headers, ...(agent && { agent }) });
    request.once('response', async (answer: IncomingMessage) => {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      } catch (error) {
        resolve({ status: 0, text: String(error) });
      }
    });
    request.once('error', (error) => resolve({ status: 0, text: error.message }));
    if (onSent !== undefined) request.once('finish', onSent);
    request.end(body);
  });
}

describe.each([
  { processes: 0, name: 'a server that answers predictions itself' },
  { processes: 2, name: 'two serving processes' },
])('$name', ({ processes }) => {
  beforeAll(() => setUp(processes), 180_000);
  afterAll(async () => {
    await server?.stop();
    dispose();
  });
  beforeEach(async () => {
    expect((await predict()).status).toBe(200);
  });

  it(`asked to stop with ${IN_FLIGHT} requests in flight, loses none of them`, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT, maxFreeSockets: IN_FLIGHT });
    // Connections first: what is in flight below has been sent over one that the server has accepted.
    const warm = await Promise.all(Array.from({ length: IN_FLIGHT }, () => predict({ agent })));
    expect(warm.filter(({ status }) => status !== 200)).toEqual([]);
    let sent = 0;
    let tellSent: () => void = () => undefined;
    const allSent = new Promise<void>((resolve) => {
      tellSent = resolve;
    });
    const onSent = () => {
      sent += 1;
      if (sent === IN_FLIGHT) tellSent();
    };
    const answers = Promise.all(Array.from({ length: IN_FLIGHT }, () => predict({ agent, onSent })));
    await allSent;
    const stopping = server.stop();
    const all = await answers;
    expect(all).toHaveLength(IN_FLIGHT);
    expect(all.filter(({ status }) => status !== 200)).toEqual([]);
    expect(await stopping).toMatchObject({ code: 0 });
    agent.destroy();
    server = await start(processes);
  });

  it(`goes on with ${SLOW_CONNECTIONS} connections that never finish their request, and closes them`, async () => {
    const sockets = await openSlow(SLOW_CONNECTIONS);
    const closed = sockets.map((socket) => (socket.closed ? Promise.resolve() : once(socket, 'close')));
    const answered = await Promise.all(Array.from({ length: 50 }, () => predict()));
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    await Promise.all(closed);
  });

  it('refuses what no model should see, and goes on', async () => {
    const large = await predict({ body: Buffer.alloc(64 * MEBIBYTE + 1, 0x20) });
    // The server may close the connection before the body is through.
    expect([0, 413]).toContain(large.status);
    const deep = await predict({ body: `{"rows":${'['.repeat(100_000)}${']'.repeat(100_000)}}` });
    expect(deep.status).toBe(400);
    for (const length of ['99999999', '-1', 'x', '1e3', '3']) {
      const odd = await predict({
        path: '/v2/models/rain/infer',
        headers: { 'content-type': 'application/octet-stream', 'inference-header-content-length': length },
        body: Buffer.from('{"inputs":[]}'),
      });
      expect(odd, length).toMatchObject({ status: 400 });
    }
    expect((await predict()).status).toBe(200);
  });
  it.each([
    ['shorter than the body', (bytes: number) => bytes - 10, /^HTTP\/1\.1 400 /],
    ['longer than the body', (bytes: number) => bytes + 10, /^HTTP\/1\.1 408 /],
    ['of two values', (bytes: number) => `${bytes}\r\nContent-Length: ${bytes + 1}`, /^HTTP\/1\.1 400 /],
    ['that is no number', () => '1e3', /^HTTP\/1\.1 400 /],
    ['below nothing', () => '-1', /^HTTP\/1\.1 400 /],
    ['beyond all limits', () => '99999999999999999999', /^HTTP\/1\.1 (400|413) /],
    ['beside chunks', (bytes: number) => `${bytes}\r\nTransfer-Encoding: chunked`, /^HTTP\/1\.1 400 /],
  ])('refuses a body with a Content-Length %s, with a code, and goes on', async (_, lengthOf, wanted) => {
    const body = JSON.stringify({ rows: [exampleRow] });
    const head = `POST /api/v1/endpoints/rain/predict HTTP/1.1\r\nHost: 127.0.0.1:${answering.port}\r\n`;
    const length = `Content-Type: application/json\r\nContent-Length: ${lengthOf(body.length)}\r\n\r\n`;
    const got = await sendBytes(answering.url, `${head}${length}${body}`, 2 * BODY_TIMEOUT_MS);
    expect(got).toMatch(wanted);
    expect(got).toMatch(/"code":"HTTP_[A-Z_]+"/);
    expect((await predict()).status).toBe(200);
  });
});

/** Half of them send nothing at all, the others the beginning of a request. */
function openSlow(count: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const socket = connect(answering.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      if (i % 2 === 0) socket.write('POST /api/v1/endpoints/rain/predict HTTP/1.1\r\nHost: localhost\r\nContent-Le');
      return socket;
    }),
  );
}
