// @ts-check
// What a started server costs before it has done anything: time from spawn to the first 2xx of /readyz in an empty home,
// and resident memory once it is idle.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median } from './harness/maths.mjs';
import { freePort, startWatched } from './harness/watched-process.mjs';

const BIN = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url));
const ROUNDS = 5;
/** Long enough for the work after readiness (first job poll, garbage collection) to settle. */
const IDLE_MS = 3000;

async function startOnce() {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  const port = await freePort();
  try {
    const url = `http://127.0.0.1:${port}/readyz`;
    const server = await startWatched([process.execPath, BIN, 'up', '--home', home, '--port', String(port)], { url });
    await wait(IDLE_MS);
    const rssMiB = (await server.rssBytes()) / 2 ** 20;
    const { code } = await server.stop();
    if (code !== 0) throw new Error(`the server stopped with ${code}: ${server.output().slice(-1000)}`);
    return { readyMs: server.readyMs, rssMiB };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

export async function bench() {
  /** @type {{readyMs: number, rssMiB: number}[]} */
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await startOnce());
  const ready = rounds.map(({ readyMs }) => readyMs);
  const rss = rounds.map(({ rssMiB }) => rssMiB);
  return [
    { metric: 'readyMs', value: median(ready), unit: 'ms', raw: ready },
    { metric: 'idleRssMiB', value: median(rss), unit: 'MiB', raw: rss },
  ];
}
