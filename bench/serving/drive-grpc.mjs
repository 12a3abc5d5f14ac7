// @ts-check
// As drive-closed.mjs, over gRPC. Argument: {url, base64, connections, seconds}: calls that are open at a time, on one HTTP/2 connection
// per eight of them.

import { performance } from 'node:perf_hooks';
import { openSession } from './raw-http2.mjs';
import { readLoad } from './read-load.mjs';

const PATH = '/inference.GRPCInferenceService/ModelInfer';
const CALLS_PER_SESSION = 8;

const { url, base64, connections, seconds } = readLoad(process.argv[2]);
const message = Buffer.from(base64, 'base64');

/** @type {number[]} */
const latencies = [];
let failures = 0;
let over = false;
let open = 0;
/** @type {() => void} */
let finish = () => undefined;
const finished = new Promise((resolve) => {
  finish = () => resolve(undefined);
});

/** @param {number} calls under way at a time */
function client(calls) {
  const session = openSession(
    { url, path: PATH, message },
    {
      onReady: () => {
        for (let i = 0; i < calls; i += 1) begin();
      },
      onAnswer: (ok, startedMs) => {
        open -= 1;
        if (ok) latencies.push(performance.now() - startedMs);
        else failures += 1;
        if (!over) begin();
        else if (open === 0) finish();
      },
      onLost: () => {
        if (over) return;
        failures += 1;
        finish();
      },
    },
  );
  function begin() {
    open += 1;
    session.call();
  }
}

const startedMs = performance.now();
setTimeout(() => {
  over = true;
}, seconds * 1000);
for (let left = connections; left > 0; left -= CALLS_PER_SESSION) client(Math.min(left, CALLS_PER_SESSION));
await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 2000))]);
const tookS = Math.min(seconds, (performance.now() - startedMs) / 1000);
latencies.sort((a, b) => a - b);
const quantile = (/** @type {number} */ ratio) =>
  latencies[Math.min(latencies.length - 1, Math.floor(ratio * latencies.length))] ?? seconds * 1000;
console.log(
  JSON.stringify({ requestsPerS: latencies.length / tookS, p50Ms: quantile(0.5), p99Ms: quantile(0.99), failures }),
);
process.exit(0);
