// @ts-check
// An open loop in a process of its own: a request leaves at its time whether or not the former ones were answered, and its
// latency counts from that time. Argument: JSON {url, body, perSecond, seconds}. Prints {requestsPerS, p50Ms, p99Ms, failures}.

import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

const { url, body, perSecond, seconds } = JSON.parse(process.argv[2] ?? '{}');
const text = JSON.stringify(body);
const agent = new Agent({ keepAlive: true, maxSockets: 512 });
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
const total = Math.round(perSecond * seconds);
/** @type {number[]} */
const latencies = [];
let failures = 0;
let answered = 0;

await new Promise((resolve) => {
  const startedMs = performance.now();
  const done = () => {
    answered += 1;
    if (answered === total) resolve(undefined);
  };
  /** @param {number} dueMs */
  const send = (dueMs) => {
    const call = request(url, { method: 'POST', agent, headers, timeout: 20_000 }, (response) => {
      response.resume();
      response.once('end', () => {
        if (response.statusCode === 200) latencies.push(performance.now() - dueMs);
        else failures += 1;
        done();
      });
    });
    call.once('timeout', () => call.destroy(new Error('late')));
    call.once('error', () => {
      failures += 1;
      done();
    });
    call.end(text);
  };
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - startedMs) / 1000) * perSecond) + 1);
    for (; sent < due; sent += 1) send(startedMs + (sent / perSecond) * 1000);
    if (sent === total) clearInterval(timer);
  }, 1);
});

latencies.sort((a, b) => a - b);
const quantile = (/** @type {number} */ ratio) =>
  latencies[Math.min(latencies.length - 1, Math.floor(ratio * latencies.length))] ?? 20_000;
console.log(
  JSON.stringify({ requestsPerS: latencies.length / seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99), failures }),
);
process.exit(0);
