// @ts-check
// The floor of the predict bench in a process of its own: a Fastify that reads a JSON body and sends it back, with the body
// limit and the silence of the real server and nothing else. Arguments: port.

import { fastify } from 'fastify';

const app = fastify({ logger: false, bodyLimit: 16 * 2 ** 20 });
app.get('/readyz', async () => ({ ready: true }));
app.post('/echo', async (/** @type {{body: unknown}} */ request) => request.body);
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
process.once('SIGTERM', () => app.close());
