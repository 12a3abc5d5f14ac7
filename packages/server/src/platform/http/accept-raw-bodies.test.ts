import { expect, it } from 'vitest';
import { openTestServer } from './http.fixture.js';
import { acceptRawBodies } from './index.js';

const PAUSE_MS = 20;

it('survives bodies that the route refused without reading and that time out afterwards', async () => {
  const { app } = await openTestServer();
  acceptRawBodies(app, { types: ['*'], pauseMs: PAUSE_MS }, (scope) => {
    scope.put('/refused', { config: { rawBody: true } }, async (_, reply) => reply.code(404).send({}));
  });
  const unheard: unknown[] = [];
  const listen = (error: unknown) => unheard.push(error);
  process.on('uncaughtException', listen);
  try {
    const answer = await app.inject({
      method: 'PUT',
      url: '/refused',
      payload: 'x',
      headers: { 'content-type': 'a/b' },
    });
    expect(answer.statusCode).toBe(404);
    await new Promise((done) => setTimeout(done, PAUSE_MS * 5));
    expect(unheard).toEqual([]);
  } finally {
    process.off('uncaughtException', listen);
    await app.close();
  }
});
