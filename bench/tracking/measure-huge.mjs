// @ts-check
// Fairlead alone with fifty million points, beside itself with a million; and how large both servers' databases become.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareLoads, degradations, LONG, SMALL, seedAll, WORKS } from './compare-servers.mjs';
import { startFairlead, startMlflow } from './servers.mjs';
import { databaseMiB } from './sizes.mjs';

/** @typedef {import('./servers.mjs').Server} Server */
/** @typedef {import('../harness/maths.mjs').Measurement} Measurement */

const RUNS = 100_000;
/** Of each of ten metrics of a run: forty million points in short series, and ten in long ones, which have samples too. */
const POINTS = 40;
const LONG_SERIES = 10;
const EXPERIMENTS = 10_000;
/** MLflow gets a tenth of everything, and its growth counts ten times: all of it would take hours. */
const PART = 10;

/** On SQLite. @returns {Promise<Measurement[]>} */
export async function measureHuge() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-huge-'));
  try {
    const { measured, grownMiB } = await measureFairlead(join(folder, 'fairlead'));
    const mlflow = await startMlflow({ folder: join(folder, 'mlflow') });
    const peerMiB = PART * (await stopAfter(mlflow, () => grow(mlflow, PART))).grownMiB;
    return [
      ...measured,
      { metric: 'huge.databaseMiB', value: grownMiB, unit: 'MiB' },
      { metric: 'huge.mlflow.databaseMiB', value: peerMiB, unit: 'MiB, ten times a tenth' },
      { metric: 'huge.sizeRatio', value: grownMiB / peerMiB, unit: '×' },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {string} folder */
async function measureFairlead(folder) {
  const server = await startFairlead({ folder });
  return stopAfter(server, async () => {
    const small = await seedAll([server], 'small', { runs: SMALL, long: LONG });
    const measured = await compareLoads([server], small, 'small', WORKS);
    const { grownMiB, place, tookS } = await grow(server, 1);
    const longRun = small(server).longRun;
    measured.push(...(await compareLoads([server], (each) => ({ ...place(each), longRun }), 'huge', WORKS)));
    measured.push(...degradations(measured, 'small', 'huge'));
    for (const [metric, value] of Object.entries(tookS)) measured.push({ metric: `huge.${metric}`, value, unit: 's' });
    return { measured, grownMiB };
  });
}

/** Adds the `part`-th part of the content. @param {Server} server @param {number} part */
async function grow(server, part) {
  const before = await sizeMiB(server);
  const timed = async (/** @type {string} */ name, /** @type {object} */ content) => {
    const startedMs = Date.now();
    const place = await seedAll([server], name, content);
    return { place, tookS: (Date.now() - startedMs) / 1000 };
  };
  const runs = { runs: RUNS / part, points: POINTS, experiments: EXPERIMENTS / part };
  const { place, tookS: runsS } = await timed('huge', runs);
  /** @type {number[]} */
  const longS = [];
  for (let i = 0; i < LONG_SERIES / part; i += 1) longS.push((await timed(`long ${i}`, { long: LONG })).tookS);
  const tookS = { runs: runsS, firstMillionOfLong: longS[0] ?? 0, lastMillionOfLong: longS.at(-1) ?? 0 };
  return { place, tookS, grownMiB: (await sizeMiB(server)) - before };
}

/** @param {Server} server */
async function sizeMiB(server) {
  return /** @type {number} */ ((await databaseMiB([server]))[0]);
}

/** @template T @param {Server} server @param {() => Promise<T>} work @returns {Promise<T>} */
async function stopAfter(server, work) {
  try {
    return await work();
  } finally {
    await server.stop();
  }
}
