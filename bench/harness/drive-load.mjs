// @ts-check
// A closed loop of clients in a process of their own, so that what they cost is not the measured server's event loop.
// Argument: JSON {url, body, connections, seconds}. Prints {requestsPerS, meanMs, p99Ms, failures} as its last line.

import autocannon from 'autocannon';

const { url, body, connections, seconds } = JSON.parse(process.argv[2] ?? '{}');
const result = await autocannon({
  url,
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
  connections,
  duration: seconds,
});
const { requests, latency, errors, non2xx, duration } = result;
console.log(
  `\n${JSON.stringify({
    requestsPerS: requests.total / duration,
    // The mean, as the tool counts latencies in whole milliseconds and one connection waits for less than one.
    meanMs: (duration * 1000 * connections) / requests.total,
    p99Ms: latency.p99,
    failures: errors + non2xx,
  })}`,
);
