import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { generateLoad } from './generate-load.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const plan = { headers: {}, bodies: ['{"rows":[{"wind":1}]}', '{}'], warmUp: 0, timeoutMs: 10_000 };

describe('a load generator', () => {
  it('sends its bodies in turn over as many connections as it was given, and counts what fails', async () => {
    const seen: string[] = [];
    const sockets = new Set<unknown>();
    const url = await serve((request, reply) => {
      sockets.add(request.socket);
      request.on('data', (chunk: Buffer) => seen.push(chunk.toString()));
      request.on('end', () => {
        reply.statusCode = seen.length % 10 === 0 ? 503 : 200;
        reply.end(reply.statusCode === 200 ? '{}' : 'too much');
      });
    });
    const { latenciesMs, errors, failures } = await generateLoad({ ...plan, url, requests: 40, concurrency: 3 });
    expect([...latenciesMs].filter((value) => value > 0)).toHaveLength(40);
    expect({ errors, failure: failures[0], sockets: sockets.size }).toEqual({
      ...{ errors: 4, failure: '503: too much', sockets: 3 },
    });
    expect(seen.filter((body) => body === '{}')).toHaveLength(20);
  });

  it('at a rate does not let a server off that stalls: whoever was due meanwhile waited as well', async () => {
    const stall = 400;
    const stalling = () => {
      let first = true;
      return serve((request, reply) => {
        const answer = () => reply.end('{}');
        if (first) setTimeout(answer, stall);
        else answer();
        first = false;
        request.resume();
      });
    };
    const slow = async (options: object) => {
      const load = { ...plan, url: await stalling(), requests: 40, concurrency: 1, ...options };
      return [...(await generateLoad(load)).latenciesMs].filter((value) => value > stall / 4).length;
    };
    expect(await slow({ ratePerSecond: 1_000 })).toBeGreaterThan(30);
    expect(await slow({})).toBeLessThan(10);
  });

  it('stops between requests when it is told to', async () => {
    const url = await serve((request, reply) => {
      request.resume();
      reply.end('{}');
    });
    let asked = 0;
    const stopped = () => {
      asked += 1;
      return asked > 5;
    };
    const { latenciesMs } = await generateLoad({ ...plan, url, requests: 1_000, concurrency: 1 }, stopped);
    expect([...latenciesMs].filter((value) => !Number.isNaN(value)).length).toBeLessThan(10);
  });
});
