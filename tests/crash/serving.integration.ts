import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { addPeople, exampleRow, runToRelease, signAndRollOut, smallProject } from '../harness/port-weather.js';

const HEADERS_TIMEOUT_MS = 1_500;
const IN_FLIGHT = 300;
const SLOW_CONNECTIONS = 1_000;
const MEBIBYTE = 2 ** 20;

const { folder, dispose } = temporaryFolder('serving-crash');
let port: number;
let server: LiveServer;

beforeAll(async () => {
  port = await freePort();
  server = await start();
  const client = createClient({ url: server.url, maxRetries: 0 });
  const project = smallProject(folder);
  project.endpoints.rain.release.gates = [{ kind: 'contract' }];
  project.endpoints.rain.release.rollout = { kind: 'all-at-once' };
  project.rules = {};
  await client.projects.apply({ folder, project });
  const people = await addPeople(client);
  const release = await runToRelease(people);
  await signAndRollOut(people, client, release.id);
}, 180_000);
afterAll(async () => {
  await server?.stop();
  dispose();
});
beforeEach(async () => {
  expect((await predict()).status).toBe(200);
});

function start(): Promise<LiveServer> {
  const env = { FAIRLEAD_CAPTURE_MODE: 'sync', FAIRLEAD_HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS) };
  return startLiveServer({ folder, port, env });
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
    const request = httpRequest(`${server.url}${path}`, { method: 'POST', headers, ...(agent && { agent }) });
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

describe('a server that answers predictions', () => {
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
    server = await start();
  }, 60_000);

  it(`goes on with ${SLOW_CONNECTIONS} connections that never finish their request, and closes them`, async () => {
    const sockets = await openSlow(SLOW_CONNECTIONS);
    const closed = sockets.map((socket) => (socket.closed ? Promise.resolve() : once(socket, 'close')));
    const answered = await Promise.all(Array.from({ length: 50 }, () => predict()));
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    await Promise.all(closed);
  }, 60_000);

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
  }, 60_000);
});

/** Half of them send nothing at all, the others the beginning of a request. */
function openSlow(count: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
      if (i % 2 === 0) socket.write('POST /api/v1/endpoints/rain/predict HTTP/1.1\r\nHost: localhost\r\nContent-Le');
      return socket;
    }),
  );
}
