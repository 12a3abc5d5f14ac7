// @ts-check
// The model behind HTTP: POST /predict {"rows": [{…}]} → {"model", "digest", "answers": [{…}]}; GET /signature, /livez, /readyz.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import * as ort from 'onnxruntime-node';
import { createPredictor, InputError } from './predictor.mjs';

// The runtime would report its sessions to its vendor.
process.env.ORT_DISABLE_TELEMETRY ??= '1';
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const signature = JSON.parse(readFileSync(new URL('./signature.json', import.meta.url), 'utf8'));

/** Listens when the model is loaded. @param {{port: number, host: string}} where */
export async function startServer({ port, host }) {
  const model = readFileSync(new URL('./model.onnx', import.meta.url));
  const predictor = await createPredictor(ort, { model, signature });
  const server = createServer((request, response) => {
    answer(request, predictor).then(
      ({ status, body }) => send(response, status, body),
      (error) => {
        const status = error instanceof InputError ? 400 : (error.status ?? 500);
        if (status === 500) console.error(error);
        const message = status === 500 ? 'the model failed' : error.message;
        send(response, status, { code: error.code ?? 'FAILED', message, ...error.where });
      },
    );
  });
  await new Promise((resolve) => server.listen(port, host, () => resolve(undefined)));
  return server;
}

/** @param {import('node:http').IncomingMessage} request @param {Awaited<ReturnType<typeof createPredictor>>} predictor */
async function answer(request, predictor) {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (request.method === 'GET') {
    if (path === '/livez' || path === '/readyz') return { status: 200, body: { status: 'ok' } };
    if (path === '/signature') return { status: 200, body: signature };
  }
  if (request.method !== 'POST' || path !== '/predict')
    throw refuse(404, 'NOT_FOUND', `no ${request.method} ${path} here`);
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw refuse(415, 'JSON_ONLY', 'send application/json');
  }
  const { rows } = parse(await bodyOf(request)) ?? {};
  const { model, digest } = signature;
  return { status: 200, body: { model, digest, answers: await predictor.predict(rows) } };
}

/** @param {import('node:http').IncomingMessage} request */
async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw refuse(413, 'TOO_LARGE', `a body may have ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse(400, 'JSON_INVALID', 'the body is no JSON');
  }
}

/** @param {number} status @param {string} code @param {string} message */
function refuse(status, code, message) {
  return Object.assign(new Error(message), { status, code });
}

/** @param {import('node:http').ServerResponse} response @param {number} status @param {object} body */
function send(response, status, body) {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const server = await startServer({ port: Number(process.env.PORT ?? 8080), host: process.env.HOST ?? '0.0.0.0' });
  console.log(`ready on port ${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`);
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close(() => process.exit(0)));
}
