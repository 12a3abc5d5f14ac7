// @ts-check
// A file of one gigabyte up and down through the artifact proxy, beside a bare server that copies it to and from a file.

import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pipeline } from 'node:stream/promises';
import { median, orderOfRound, pairedRatio } from '../harness/maths.mjs';
import { freePort, startWatched } from '../harness/watched-process.mjs';
import { connect } from './calls.mjs';
import { pathOf } from './paths.mjs';
import { startFairlead, startMlflow } from './servers.mjs';

const SIZE_MIB = Number(process.env.FAIRLEAD_BENCH_FILE_MIB ?? 1024);

/** @typedef {{name: string, put: string, get: string, rssMiB: () => Promise<number>}} Side */

/** @param {number} rounds */
export async function compareCopies(rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-copies-'));
  /** @type {{stop: () => Promise<unknown>}[]} */
  const started = [];
  try {
    const source = join(folder, 'source.bin');
    writeFileSync(source, '');
    const noise = randomBytes(2 ** 20);
    for (let i = 0; i < SIZE_MIB; i += 1) appendFileSync(source, noise);
    const port = await freePort();
    const plain = await startWatched(
      [process.execPath, pathOf('./plain-copy.mjs'), String(port), join(folder, 'kept.bin')],
      {
        url: `http://127.0.0.1:${port}/ready`,
      },
    );
    started.push(plain);
    const fairlead = await startFairlead({ folder: join(folder, 'fairlead') });
    started.push(fairlead);
    const mlflow = await startMlflow({ folder: join(folder, 'mlflow') });
    started.push(mlflow);
    const bare = `http://127.0.0.1:${port}/file`;
    const sides = [
      { name: 'plain', put: bare, get: bare, rssMiB: async () => (await plain.rssBytes()) / 2 ** 20 },
      await sideOf(fairlead),
      await sideOf(mlflow),
    ];
    return await measure(sides, source, join(folder, 'target.bin'), rounds);
  } finally {
    for (const each of started) await each.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {import('./servers.mjs').Server} server @returns {Promise<Side>} */
async function sideOf({ name, base, rssMiB }) {
  const api = connect(base);
  const run = await api.createRun(await api.createExperiment('files'));
  const answer = JSON.parse(String(await api.call('GET', `runs/get?run_id=${run}`)));
  api.close();
  const path = answer.run.info.artifact_uri.replace('mlflow-artifacts:/', '');
  const address = `${base}/api/2.0/mlflow-artifacts/artifacts/${path.replace(/^\/+/, '')}/big.bin`;
  return { name, put: address, get: address, rssMiB };
}

/** @param {readonly Side[]} sides @param {string} source @param {string} target @param {number} rounds */
async function measure(sides, source, target, rounds) {
  /** @type {Map<string, {up: number[], down: number[], rss: number}>} */
  const took = new Map(sides.map(({ name }) => [name, { up: [], down: [], rss: 0 }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, put, get, rssMiB } of orderOfRound(sides, round)) {
      const entry = /** @type {{up: number[], down: number[], rss: number}} */ (took.get(name));
      const timer = setInterval(async () => (entry.rss = Math.max(entry.rss, await rssMiB())), 200);
      entry.up.push(await timed(() => upload(put, source)));
      entry.down.push(await timed(() => download(get, target)));
      clearInterval(timer);
      if (statSync(target).size !== SIZE_MIB * 2 ** 20) throw new Error(`${name} gave ${statSync(target).size} bytes`);
      rmSync(target);
    }
    process.stderr.write(`  copies, round ${round}: ${JSON.stringify([...took])}\n`);
  }
  const plain = /** @type {{up: number[], down: number[]}} */ (took.get('plain'));
  return [...took].flatMap(([name, { up, down, rss }]) => [
    { metric: `artifact.${name}.upS`, value: median(up), unit: 's', raw: up },
    { metric: `artifact.${name}.downS`, value: median(down), unit: 's', raw: down },
    { metric: `artifact.${name}.rssMiB`, value: rss, unit: 'MiB' },
    ...(name === 'plain'
      ? []
      : [
          { metric: `artifact.${name}.upRatio`, value: pairedRatio(plain.up, up), unit: '×' },
          { metric: `artifact.${name}.downRatio`, value: pairedRatio(plain.down, down), unit: '×' },
        ]),
  ]);
}

/** @param {() => Promise<void>} work @returns {Promise<number>} seconds */
async function timed(work) {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

/** @param {string} url @param {string} file @returns {Promise<void>} */
function upload(url, file) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': statSync(file).size };
    const sent = request(url, { method: 'PUT', headers }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`PUT: ${answer.statusCode}`))));
    });
    sent.on('error', reject);
    pipeline(createReadStream(file, { highWaterMark: 2 ** 18 }), sent).catch(reject);
  });
}

/** @param {string} url @param {string} file @returns {Promise<void>} */
function download(url, file) {
  return new Promise((resolve, reject) => {
    const asked = request(url, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`GET: ${answer.statusCode}`));
      pipeline(answer, createWriteStream(file, { highWaterMark: 2 ** 18 })).then(resolve, reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}
