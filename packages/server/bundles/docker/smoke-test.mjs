// @ts-check
// Starts the server as the container does and asks it over HTTP; no Docker is needed.

import { startServer } from './server.mjs';
import { smoke } from './smoke.mjs';

const server = await startServer({ port: 0, host: '127.0.0.1' });
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
await smoke(async (rows) => {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`http://127.0.0.1:${port}/predict`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ rows }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(`status ${response.status}: ${body.message}`);
  return body.answers;
});
server.close();
