// @ts-check
// A closed loop in a process of its own: each connection sends its next request when the former was answered. Argument (see
// read-load.mjs): {url, body, connections, seconds}, or {url, base64, headers, connections, seconds} for a body of bytes.
// Prints {requestsPerS, meanMs, p50Ms, p99Ms, failures} as its last line.

import { performance } from 'node:perf_hooks';
import { openConnection, requestBytes } from './raw-connection.mjs';
import { readLoad } from './read-load.mjs';

const { connections, seconds, ...load } = readLoad(process.argv[2]);
const request = requestBytes(load);

/** @type {number[]} */
const latencies = [];
let failures = 0;
let over = false;

/** @returns {Promise<void>} */
function client() {
  return new Promise((resolve) => {
    let sentMs = 0;
    const next = () => {
      if (over) {
        connection.end();
        return resolve();
      }
      sentMs = performance.now();
      connection.send(request);
    };
    const connection = openConnection(load.url, {
      onOpen: next,
      onAnswer: (ok) => {
        if (ok) latencies.push(performance.now() - sentMs);
        else failures += 1;
        next();
      },
      onLost: () => {
        if (over) return resolve();
        failures += 1;
        // Not at once, or a server that refuses would be asked without end.
        setTimeout(() => void client().then(resolve), 10);
      },
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
