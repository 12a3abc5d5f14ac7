// @ts-check
// A prediction over HTTP beside FastAPI, MLServer and BentoML with the same model file, in turns, and beside a bare server.
//   FAIRLEAD_BENCH_ROUNDS  rounds per cell (3)        FAIRLEAD_BENCH_SECONDS  seconds per cell (5)
//   FAIRLEAD_BENCH_MODELS  iris,forest100,forest500,network      FAIRLEAD_BENCH_PEERS  fastapi,mlserver,bentoml; none
//   FAIRLEAD_BENCH_QUICK=yes  one round of 2 s with forest100, FastAPI and 32 connections

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { runProcess } from './harness/run-process.mjs';
import { MODEL_NAMES, makeModels } from './serving/models.mjs';
import { bare, fairlead, PEERS, startPeer } from './serving/sides.mjs';

/** @typedef {import('./serving/sides.mjs').Side} Side */
/** @typedef {{requestsPerS: number, p99Ms: number, cpuUs: number, failures: number}} Load */

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const QUICK = process.env.FAIRLEAD_BENCH_QUICK === 'yes';
const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? (QUICK ? 1 : 3));
const SECONDS = Number(process.env.FAIRLEAD_BENCH_SECONDS ?? (QUICK ? 2 : 5));
// Long enough for every server to have compiled what it runs.
const WARM_UP_SECONDS = Number(process.env.FAIRLEAD_BENCH_WARM_UP_SECONDS ?? (QUICK ? 6 : 20));
const CONNECTIONS = QUICK ? [32] : [1, 32, 300];
const OPEN_PER_S = QUICK ? [] : [500, 1000];

/** @param {string | undefined} text @param {readonly string[]} known @param {readonly string[]} usual */
function chosen(text, known, usual) {
  const names = text === undefined ? usual : text.split(',').filter((name) => name !== 'none' && name !== '');
  const odd = names.find((name) => !known.includes(name));
  if (odd !== undefined) throw new Error(`there is no ${odd}; there are ${known.join(', ')}`);
  return names;
}

/** @param {Side} side @param {{connections: number, seconds: number} | {perSecond: number, seconds: number}} load @returns {Promise<Load>} */
async function drive({ name, url, body, cpuMs }, load) {
  const script = 'connections' in load ? './serving/drive-closed.mjs' : './serving/drive-open.mjs';
  const beforeMs = cpuMs();
  const { stdout } = await runProcess([process.execPath, pathOf(script), JSON.stringify({ url, body, ...load })]);
  const usedMs = cpuMs() - beforeMs;
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  // A peer that cannot keep up may fail; ours may not.
  if (result.failures > 0 && name.startsWith('fairlead')) throw new Error(`${name} failed ${result.failures} requests`);
  if (!(result.requestsPerS > 0)) throw new Error(`${name} answered nothing at ${url}`);
  return { ...result, cpuUs: (usedMs * 1000) / (result.requestsPerS * load.seconds) };
}

/** All sides in turns under one kind of load. @param {readonly Side[]} sides @param {Parameters<typeof drive>[1]} load */
async function inTurns(sides, load) {
  /** @type {Map<string, Load[]>} */
  const loads = new Map(sides.map(({ name }) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of orderOfRound(sides, round)) loads.get(side.name)?.push(await drive(side, load));
  }
  return loads;
}

/** @param {string} cell @param {Map<string, Load[]>} loads */
function report(cell, loads) {
  const series = (/** @type {string} */ name, /** @type {keyof Load} */ key) =>
    (loads.get(name) ?? []).map((load) => load[key]);
  const ours = (/** @type {keyof Load} */ key) => series('fairlead', key);
  return [...loads.keys()].flatMap((name) => [
    .../** @type {const} */ ([
      ['requestsPerS', '1/s'],
      ['p99Ms', 'ms'],
      ['cpuUs', 'µs'],
    ]).map(([key, unit]) => ({
      metric: `${cell}.${name}.${key}`,
      value: median(series(name, key)),
      unit,
      raw: series(name, key),
    })),
    ...(name === 'fairlead'
      ? []
      : [
          {
            metric: `${cell}.${name}.ratio`,
            value: pairedRatio(ours('requestsPerS'), series(name, 'requestsPerS')),
            unit: '×',
          },
          { metric: `${cell}.${name}.cpuRatio`, value: pairedRatio(ours('cpuUs'), series(name, 'cpuUs')), unit: '×' },
        ]),
  ]);
}

/** @param {import('./serving/models.mjs').BenchModel} model @param {{home: string, folder: string, peers: readonly string[]}} options */
async function measureModel(model, { home, folder, peers }) {
  /** @type {Side[]} */
  const sides = [];
  try {
    // The same server without the prediction log; two servers cannot share a home.
    const other = join(folder, `home-uncaptured-${model.name}`);
    cpSync(home, other, { recursive: true });
    sides.push(await fairlead(model, { home }));
    sides.push(await bare(model));
    sides.push(
      await fairlead(model, { name: 'fairlead-uncaptured', home: other, env: { FAIRLEAD_CAPTURE_SAMPLE: '0' } }),
    );
    const single = join(folder, `home-alone-${model.name}`);
    cpSync(home, single, { recursive: true });
    sides.push(await fairlead(model, { name: 'fairlead-alone', home: single, alone: true }));
    for (const name of peers) sides.push(await startPeer(/** @type {typeof PEERS[number]} */ (name), model, folder));
    for (const side of sides) await drive(side, { connections: 32, seconds: WARM_UP_SECONDS });
    const results = [];
    for (const connections of CONNECTIONS) {
      const loads = await inTurns(sides, { connections, seconds: SECONDS });
      results.push(...report(`${model.name}.c${connections}`, loads));
      if (connections === 32 && !QUICK) results.push(...(await halfLoad(model.name, sides, loads)));
    }
    for (const perSecond of OPEN_PER_S) {
      results.push(...report(`${model.name}.open${perSecond}`, await inTurns(sides, { perSecond, seconds: SECONDS })));
    }
    for (const { name, rssMiB } of sides)
      results.push({ metric: `${model.name}.${name}.rssMiB`, value: rssMiB(), unit: 'MiB' });
    return results;
  } finally {
    for (const side of sides) await side.stop();
  }
}

/** The latency of each peer at half of what it did with 32 connections, and ours at that load. @param {string} model @param {readonly Side[]} sides @param {Map<string, Load[]>} loads */
async function halfLoad(model, sides, loads) {
  const [ours] = sides;
  const results = [];
  for (const side of sides.slice(4)) {
    if (ours === undefined) continue;
    const perSecond = Math.max(
      1,
      Math.round(median((loads.get(side.name) ?? []).map((load) => load.requestsPerS)) / 2),
    );
    const half = await inTurns([ours, side], { perSecond, seconds: SECONDS });
    const p99 = (/** @type {string} */ name) => (half.get(name) ?? []).map(({ p99Ms }) => p99Ms);
    const metric = `${model}.half.${side.name}`;
    results.push({ metric: `${metric}.p99Ms`, value: median(p99(side.name)), unit: 'ms', raw: p99(side.name) });
    results.push({ metric: `${metric}.ourP99Ms`, value: median(p99(ours.name)), unit: 'ms', raw: p99(ours.name) });
    results.push({ metric: `${metric}.p99Ratio`, value: pairedRatio(p99(ours.name), p99(side.name)), unit: '×' });
  }
  return results;
}

export async function bench() {
  const models = chosen(process.env.FAIRLEAD_BENCH_MODELS, MODEL_NAMES, QUICK ? ['forest100'] : MODEL_NAMES);
  const peers = chosen(process.env.FAIRLEAD_BENCH_PEERS, PEERS, QUICK ? ['fastapi'] : PEERS);
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-serving-'));
  try {
    const made = await makeModels(folder, models);
    const results = [];
    for (const model of made.models) results.push(...(await measureModel(model, { home: made.home, folder, peers })));
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
