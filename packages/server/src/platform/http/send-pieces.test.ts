import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from './http.fixture.js';
import { sendStoredFile } from './send-stored-file.js';

const SIZE_BYTES = 4 * 2 ** 20;

describe('sending a stored file piece by piece', () => {
  let test: TestServer;
  let port: number;
  let closed = 0;

  /** 64 pieces in the same memory, each filled with its number; fails at `failsAt`. */
  async function* pieces(failsAt = 64): AsyncGenerator<Uint8Array> {
    const memory = Buffer.alloc(SIZE_BYTES / 64);
    try {
      for (let i = 0; i < 64; i += 1) {
        if (i === failsAt) throw new Error('the disk broke');
        yield memory.fill(i);
      }
    } finally {
      closed += 1;
    }
  }

  beforeAll(async () => {
    test = await openTestServer();
    const file = { name: 'weights.bin', digest: 'a'.repeat(64), sizeBytes: SIZE_BYTES };
    test.app.get('/whole', (request, reply) => sendStoredFile(request, reply, { file, open: async () => pieces() }));
    test.app.get('/broken', (request, reply) => sendStoredFile(request, reply, { file, open: async () => pieces(3) }));
    test.app.get('/absent', (request, reply) =>
      sendStoredFile(request, reply, {
        file,
        open: async () => {
          throw new Error('it is not there');
        },
      }),
    );
    port = Number(new URL(await test.app.listen({ port: 0, host: '127.0.0.1' })).port);
  });
  afterAll(() => test.app.close());

  it('gives every piece its own bytes, although they share memory', async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/whole`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([answer.status, bytes.length]).toEqual([200, SIZE_BYTES]);
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    for (let i = 0; i < 64; i += 1) {
      const piece = bytes.subarray((i * SIZE_BYTES) / 64, ((i + 1) * SIZE_BYTES) / 64);
      expect(piece.every((byte) => byte === i)).toBe(true);
    }
  });

  it('answers HEAD with the length and opens nothing', async () => {
    const before = closed;
    const answer = await fetch(`http://127.0.0.1:${port}/whole`, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(SIZE_BYTES)]);
    expect(closed).toBe(before);
  });

  it('answers an error that comes before the first byte, and breaks the connection at a later one', async () => {
    expect((await fetch(`http://127.0.0.1:${port}/absent`)).status).toBe(500);
    const answer = await fetch(`http://127.0.0.1:${port}/broken`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    expect(test.log.join('')).toContain('a file was not sent to its end');
  });

  it('stops reading when the client leaves', async () => {
    const before = closed;
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /whole HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await expect.poll(() => closed).toBe(before + 1);
  });
});
