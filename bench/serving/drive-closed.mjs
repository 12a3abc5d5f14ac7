// @ts-check
// A closed loop in a process of its own that costs as little as it can, because it shares the cores with the server: the request is
// bytes made once, and of an answer only status and length are read. Argument: JSON {url, body, connections, seconds}, or
// {url, base64, headers, connections, seconds} for a body of bytes. Prints {requestsPerS, meanMs, p50Ms, p99Ms, failures} as its last line.

import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

const { url, body, base64, headers = {}, connections, seconds } = JSON.parse(process.argv[2] ?? '{}');
const { hostname, port, host, pathname } = new URL(url);
const bytes = base64 === undefined ? Buffer.from(JSON.stringify(body)) : Buffer.from(base64, 'base64');
const lines = Object.entries({ 'content-type': 'application/json', ...headers }).map(
  ([name, value]) => `${name}: ${value}\r\n`,
);
const head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${bytes.length}\r\n${lines.join('')}\r\n`;
const request = Buffer.concat([Buffer.from(head), bytes]);

/** @type {number[]} */
const latencies = [];
let failures = 0;
let over = false;

/** One client: the next request leaves when the former was answered. @returns {Promise<void>} */
function client() {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let sentMs = 0;
    /** Of an answer whose end has not come. @type {Buffer | undefined} */
    let begun;
    const send = () => {
      if (over) {
        socket.destroy();
        return resolve();
      }
      sentMs = performance.now();
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('data', (chunk) => {
      const answer = begun === undefined ? chunk : Buffer.concat([begun, chunk]);
      const headEnd = answer.indexOf('\r\n\r\n');
      const text = headEnd === -1 ? '' : answer.latin1Slice(0, headEnd);
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      if (headEnd === -1 || (length !== undefined && answer.length < headEnd + 4 + Number(length))) {
        begun = answer;
        return;
      }
      begun = undefined;
      if (length === undefined) throw new Error(`an answer without its length: ${text}`);
      if (text.startsWith('HTTP/1.1 200')) latencies.push(performance.now() - sentMs);
      else failures += 1;
      send();
    });
    const lost = () => {
      if (over) return resolve();
      failures += 1;
      // Not at once, or a server that refuses would be asked without end.
      setTimeout(() => void client().then(resolve), 10);
    };
    socket.once('error', lost);
    socket.once('end', () => {
      socket.removeListener('error', lost);
      lost();
    });
  });
}

const startedMs = performance.now();
setTimeout(() => {
  over = true;
}, seconds * 1000);
const clients = Array.from({ length: connections }, client);
await Promise.race([Promise.all(clients), new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 2000))]);
const tookS = Math.min(seconds, (performance.now() - startedMs) / 1000);
latencies.sort((a, b) => a - b);
const quantile = (/** @type {number} */ ratio) =>
  latencies[Math.min(latencies.length - 1, Math.floor(ratio * latencies.length))] ?? seconds * 1000;
const meanMs = latencies.reduce((sum, ms) => sum + ms, 0) / Math.max(1, latencies.length);
console.log(
  JSON.stringify({
    requestsPerS: latencies.length / tookS,
    meanMs,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    failures,
  }),
);
process.exit(0);
