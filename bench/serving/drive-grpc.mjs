// @ts-check
// As drive-closed.mjs, over gRPC: the message is bytes made once, and of an answer only its status and length are read.
// Argument: {url, base64, connections, seconds}: calls that are open at a time, on one HTTP/2 connection per eight of them.

import { connect } from 'node:http2';
import { performance } from 'node:perf_hooks';
import { readLoad } from './read-load.mjs';

const PATH = '/inference.GRPCInferenceService/ModelInfer';
const CALLS_PER_SESSION = 8;

const { url, base64, connections, seconds } = readLoad(process.argv[2]);
const message = Buffer.from(base64, 'base64');
const frame = Buffer.concat([Buffer.from([0]), Buffer.alloc(4), message]);
frame.writeUInt32BE(message.length, 1);
const headers = { ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers' };

/** @type {number[]} */
const latencies = [];
let failures = 0;
let over = false;

/** One client: the next call begins when the former was answered. @param {import('node:http2').ClientHttp2Session} session @returns {Promise<void>} */
async function client(session) {
  while (!over) {
    const sentMs = performance.now();
    const { status, bytes } = await call(session);
    if (status === '0' && bytes > 5) latencies.push(performance.now() - sentMs);
    else failures += 1;
  }
}

/** @param {import('node:http2').ClientHttp2Session} session @returns {Promise<{status: string, bytes: number}>} */
function call(session) {
  return new Promise((resolve) => {
    const stream = session.request(headers);
    let status = '';
    let bytes = 0;
    stream.on('response', (answer) => {
      status = String(answer['grpc-status'] ?? status);
    });
    stream.on('trailers', (trailers) => {
      status = String(trailers['grpc-status']);
    });
    stream.on('data', (chunk) => {
      bytes += chunk.length;
    });
    stream.once('error', () => undefined);
    stream.once('close', () => resolve({ status, bytes }));
    stream.end(frame);
  });
}

const sessions = Array.from({ length: Math.ceil(connections / CALLS_PER_SESSION) }, () => connect(url));
setTimeout(() => {
  over = true;
}, seconds * 1000);
const startedMs = performance.now();
const clients = Array.from({ length: connections }, (_, i) =>
  client(/** @type {import('node:http2').ClientHttp2Session} */ (sessions[i % sessions.length])),
);
await Promise.race([Promise.all(clients), new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 2000))]);
const tookS = Math.min(seconds, (performance.now() - startedMs) / 1000);
latencies.sort((a, b) => a - b);
const quantile = (/** @type {number} */ ratio) =>
  latencies[Math.min(latencies.length - 1, Math.floor(ratio * latencies.length))] ?? seconds * 1000;
console.log(
  JSON.stringify({ requestsPerS: latencies.length / tookS, p50Ms: quantile(0.5), p99Ms: quantile(0.99), failures }),
);
process.exit(0);
