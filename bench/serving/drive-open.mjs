// @ts-check
// An open loop in a process of its own: a request is due at its time whether or not the former ones were answered, and its latency
// counts from the turn of this program's clock (a millisecond) in which it was due, however long it then waited. Connections are kept; one more is opened when all of them wait, up to 512. The first second opens them and
// is not counted. Argument (see read-load.mjs): {url, body, perSecond, seconds}. Prints {requestsPerS, p50Ms, p99Ms, failures}.

import { performance } from 'node:perf_hooks';
import { openConnection, requestBytes } from './raw-connection.mjs';
import { readLoad } from './read-load.mjs';

const MAX_CONNECTIONS = 512;
const FIRST_CONNECTIONS = 16;
const UNCOUNTED_S = 1;
const PATIENCE_S = 20;

const { perSecond, seconds, ...load } = readLoad(process.argv[2]);
const request = requestBytes(load);
const total = Math.round(perSecond * (seconds + UNCOUNTED_S));
const uncounted = Math.round(perSecond * UNCOUNTED_S);

/** Of each counted request. @type {number[]} */
const latencies = [];
let failures = 0;
let settled = 0;
let opened = 0;
/** Numbers of requests whose time has come, in order. @type {number[]} */
const waiting = [];
/** @typedef {{send: (bytes: Buffer) => void, end: () => void}} Connection @type {Connection[]} */
const free = [];
/** @type {() => void} */
let finish = () => undefined;
const finished = new Promise((resolve) => {
  finish = () => resolve(undefined);
});
/** When each request was due. */
const dueMs = new Float64Array(total);

/** @param {number} number @param {boolean} ok */
function settle(number, ok) {
  settled += 1;
  if (!ok) failures += 1;
  else if (number >= uncounted) latencies.push(performance.now() - (dueMs[number] ?? 0));
  if (settled === total) finish();
}

function addConnection() {
  opened += 1;
  /** The request under way, -1 for none. */
  let number = -1;
  /** @type {Connection & {ask: (number: number) => void}} */
  const self = Object.assign(
    openConnection(load.url, {
      onOpen: () => rest(),
      onAnswer: (ok) => {
        settle(number, ok);
        number = -1;
        rest();
      },
      onLost: () => {
        opened -= 1;
        if (number >= 0) settle(number, false);
        const place = free.indexOf(self);
        if (place >= 0) free.splice(place, 1);
      },
    }),
    {
      ask: (/** @type {number} */ next) => {
        number = next;
        self.send(request);
      },
    },
  );
  const rest = () => {
    const next = waiting.shift();
    if (next === undefined) free.push(self);
    else self.ask(next);
  };
}

for (let i = 0; i < FIRST_CONNECTIONS; i += 1) addConnection();
await new Promise((resolve) => setTimeout(resolve, 100));
const startedMs = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const nowMs = performance.now();
  const due = Math.min(total, Math.floor(((nowMs - startedMs) / 1000) * perSecond) + 1);
  for (; sent < due; sent += 1) {
    dueMs[sent] = nowMs;
    const connection = /** @type {any} */ (free.pop());
    if (connection !== undefined) connection.ask(sent);
    else {
      waiting.push(sent);
      if (opened < MAX_CONNECTIONS) addConnection();
    }
  }
  if (sent === total) clearInterval(timer);
}, 1);
await Promise.race([
  finished,
  new Promise((resolve) => setTimeout(resolve, (seconds + UNCOUNTED_S + PATIENCE_S) * 1000)),
]);

latencies.sort((a, b) => a - b);
const quantile = (/** @type {number} */ ratio) =>
  latencies[Math.min(latencies.length - 1, Math.floor(ratio * latencies.length))] ?? PATIENCE_S * 1000;
console.log(
  JSON.stringify({
    requestsPerS: latencies.length / seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    failures: failures + total - settled,
  }),
);
process.exit(0);
