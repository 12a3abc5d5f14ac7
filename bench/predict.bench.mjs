// @ts-check
// What a prediction costs over HTTP: one row as plain JSON against the demonstration's live model, capture on, beside the
// floor, a bare Fastify that echoes the same body, in turns with it. Ratios are judged, because they hold on other machines.

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { freePort, startWatched } from './harness/watched-process.mjs';

/** @typedef {{requestsPerS: number, meanMs: number, p99Ms: number, failures: number}} Load */
/** @typedef {{name: 'predict' | 'floor', url: string}} Side */

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const BIN = pathOf('../packages/cli/dist/bin.js');
const DEMO = pathOf('../examples/port-weather/demo.mjs');
const ECHO = pathOf('./harness/echo-server.mjs');
const DRIVE = pathOf('./harness/drive-load.mjs');

const ROUNDS = 5;
const SECONDS = 2;
const WARM_UP_SECONDS = 2;
const CONNECTIONS = [1, 8, 32];

/** A home in which a model is live. @param {string} home */
function makeHome(home) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [DEMO, '--once', '--home', home, '--port', '0'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the demonstration ended with ${status}: ${(stdout + stderr).slice(-2000)}`);
}

/** @param {object} load @returns {Promise<Load>} */
function drive(load) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [DRIVE, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let complaints = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (complaints += chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0) return reject(new Error(`the load ended with ${code}: ${complaints.slice(-1000)}`));
      const result = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
      if (result.failures > 0)
        return reject(new Error(`${result.failures} requests failed under ${JSON.stringify(load)}`));
      resolve(result);
    });
  });
}

/** @param {readonly Side[]} sides @param {{body: unknown, connections: number}} load */
async function compare(sides, { body, connections }) {
  /** @type {Record<Side['name'], Load[]>} */
  const measured = { predict: [], floor: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, url } of orderOfRound(sides, round)) {
      measured[name].push(await drive({ url, body, connections, seconds: SECONDS }));
    }
  }
  const { predict, floor } = measured;
  const series = (/** @type {Load[]} */ loads, /** @type {keyof Load} */ key) => loads.map((load) => load[key]);
  const rate = series(predict, 'requestsPerS');
  const floorRate = series(floor, 'requestsPerS');
  const latency = series(predict, 'meanMs');
  const p99 = series(predict, 'p99Ms');
  const metric = (/** @type {string} */ name) => `c${connections}.${name}`;
  return [
    { metric: metric('requestsPerS'), value: median(rate), unit: '1/s', raw: rate },
    { metric: metric('floorRequestsPerS'), value: median(floorRate), unit: '1/s', raw: floorRate },
    { metric: metric('throughputRatio'), value: pairedRatio(rate, floorRate), unit: '×' },
    { metric: metric('latencyRatio'), value: pairedRatio(latency, series(floor, 'meanMs')), unit: '×' },
    { metric: metric('meanMs'), value: median(latency), unit: 'ms', raw: latency },
    { metric: metric('p99Ms'), value: median(p99), unit: 'ms', raw: p99 },
  ];
}

/** The demonstration checks for drift every 30 rows, thousands of times faster than anybody would under load. @param {string} base */
async function calmMonitor(base) {
  const url = `${base}/api/v1/monitors/rain`;
  const { spec } = await (await fetch(url)).json();
  const body = JSON.stringify({ ...spec, everyRows: 0 });
  const answer = await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  if (!answer.ok) throw new Error(`the monitor could not be changed: ${await answer.text()}`);
}

/** @param {string} home */
async function measure(home) {
  const [port, echoPort] = [await freePort(), await freePort()];
  const base = `http://127.0.0.1:${port}`;
  const server = await startWatched([process.execPath, BIN, 'up', '--home', home, '--port', String(port)], {
    url: `${base}/readyz`,
  });
  const echo = await startWatched([process.execPath, ECHO, String(echoPort)], {
    url: `http://127.0.0.1:${echoPort}/readyz`,
  });
  try {
    await calmMonitor(base);
    const document = await (await fetch(`${base}/api/v1/endpoints/rain/openapi.json`)).json();
    const { post } = document.paths['/api/v1/endpoints/rain/predict'];
    const body = post.requestBody.content['application/json'].example;
    /** @type {Side[]} */
    const sides = [
      { name: 'floor', url: `http://127.0.0.1:${echoPort}/echo` },
      { name: 'predict', url: `${base}/api/v1/endpoints/rain/predict` },
    ];
    for (const { url } of sides) await drive({ url, body, connections: 8, seconds: WARM_UP_SECONDS });
    const results = [];
    for (const connections of CONNECTIONS) results.push(...(await compare(sides, { body, connections })));
    return results;
  } finally {
    await echo.stop();
    const { code } = await server.stop();
    if (code !== 0) process.stderr.write(`the server stopped with ${code}\n`);
  }
}

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-predict-'));
  try {
    const home = join(folder, 'home');
    makeHome(home);
    return await measure(home);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
