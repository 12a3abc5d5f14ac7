// @ts-check
// Our trainers against scikit-learn and LightGBM: same rows from one binary file, two threads, a fresh process per fit, in
// turns. Ratios are peer ÷ ours: above 1 we are faster. `FAIRLEAD_BENCH_ROWS=100000,3000000` measures other sizes,
// `FAIRLEAD_BENCH_ROUNDS` other than 3 rounds, `FAIRLEAD_BENCH_WEATHER=FILE.csv` adds the book's hourly weather.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { peerPython, runPeer } from './harness/python-peers.mjs';
import { runProcess } from './harness/run-process.mjs';

/** @typedef {{fitMs: number, fitCpuMs: number, predictMs?: number, onnxMs?: number, score: number, peakMiB: number}} Fit */

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const FLIGHTS = pathOf('../node_modules/vega-datasets/data/flights-3m.parquet');
const WEATHER = process.env.FAIRLEAD_BENCH_WEATHER ?? pathOf('../../shared/data/turku-weather.csv');
const ROWS = (process.env.FAIRLEAD_BENCH_ROWS ?? '1000000').split(',').map(Number);
const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? 3);
const THREADS = '2';

/** Cases of the flights with the peers of each. */
const TABULAR = [
  { name: 'random-forest', peers: ['random-forest'] },
  { name: 'gradient-boosting', peers: ['gradient-boosting', 'gradient-boosting-lightgbm'] },
  { name: 'logistic-regression', peers: ['logistic-regression'] },
];

/** Fits alone, on standardised flights. */
const FITS = ['logistic-regression', 'ridge', 'k-means', 'k-nearest-neighbours', 'multi-layer-perceptron'];

/** @param {string} name @param {string} data @returns {Promise<Fit>} */
async function fitOurs(name, data) {
  const { stdout } = await runProcess([
    process.execPath,
    pathOf(`./training/${name.endsWith('-fit') ? 'time-fit' : 'fit-ours'}.mjs`),
    name,
    data,
    THREADS,
  ]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/**
 * @param {string} label what the metrics begin with @param {string} data
 * @param {{name: string, peers: readonly string[]}} task
 */
async function compare(label, data, { name, peers }) {
  const sides = ['ours', ...peers];
  /** @type {Record<string, Fit[]>} */
  const measured = Object.fromEntries(sides.map((side) => [side, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of orderOfRound(sides, round)) {
      process.stderr.write(`  ${label}: ${side}\n`);
      const fit = side === 'ours' ? await fitOurs(name, data) : await runPeer('fit_peer.py', [side, data, THREADS]);
      measured[side]?.push(fit);
    }
  }
  const series = (/** @type {string} */ side, /** @type {keyof Fit} */ key) =>
    (measured[side] ?? []).map((fit) => fit[key] ?? Number.NaN);
  const own = (/** @type {keyof Fit} */ key, /** @type {string} */ unit) => {
    const raw = series('ours', key);
    return { metric: `${label}.${key}`, value: median(raw), unit, raw };
  };
  const result = [own('fitMs', 'ms'), own('score', ''), own('peakMiB', 'MiB')];
  for (const peer of peers) {
    const short = peer.endsWith('lightgbm') ? 'lightgbm' : 'sklearn';
    const raw = series(peer, 'fitMs');
    const from = (/** @type {keyof Fit} */ key) => median(series(peer, key));
    result.push(
      { metric: `${label}.${short}.fitMs`, value: median(raw), unit: 'ms', raw },
      { metric: `${label}.${short}.speedUp`, value: pairedRatio(raw, series('ours', 'fitMs')), unit: '×', raw: [] },
      {
        metric: `${label}.${short}.cpuSpeedUp`,
        value: pairedRatio(series(peer, 'fitCpuMs'), series('ours', 'fitCpuMs')),
        unit: '×',
        raw: series('ours', 'fitCpuMs'),
      },
      {
        metric: `${label}.${short}.scoreGap`,
        value: from('score') - median(series('ours', 'score')),
        unit: 'points',
        raw: [],
      },
      {
        metric: `${label}.${short}.memoryRatio`,
        value: median(series('ours', 'peakMiB')) / from('peakMiB'),
        unit: '×',
        raw: [],
      },
    );
    if (short !== 'sklearn' || name.endsWith('-fit')) continue;
    const predict = series(peer, 'predictMs');
    const onnx = series('ours', 'onnxMs');
    result.push({ metric: `${label}.onnxPredictSpeedUp`, value: pairedRatio(predict, onnx), unit: '×', raw: onnx });
  }
  return result;
}

const BIN = pathOf('../packages/cli/dist/bin.js');
const GRID = { kernel: ['linear', 'rbf'], C: [1, 10], probability: false };
const BOOK_COLUMNS =
  'Temperature_C,Humidity,Wind_speed_kmph,Wind_bearing_degrees,Visibility_km,Pressure_millibars,Current_weather_condition';

/**
 * The book's grid search as a user types it. What is compared is what both do: the search and the last fit on data that is
 * already in memory. The whole command also starts a process, reads the file, writes the package and proves it.
 * @param {string} folder @param {string} data what the peer reads
 */
async function compareGrid(folder, data) {
  const table = join(folder, 'weather.csv');
  writeFileSync(table, `${readFileSync(WEATHER, 'utf8').split('\n', 12_001).join('\n')}\n`);
  const what = ['fit', table, '--target', 'Future_weather_condition', '--features', BOOK_COLUMNS];
  const how = ['--task', 'classification', '--metric', 'accuracy', '--test-ratio', '0', '--folds', '5'];
  const model = ['--model', 'svc', '--params', JSON.stringify(GRID), '--threads', THREADS];
  /** @type {number[]} */
  const raw = [];
  const commandRaw = [];
  const peerRaw = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const side of orderOfRound(['ours', 'sklearn'], round)) {
      process.stderr.write(`  svc-grid: ${side}\n`);
      if (side === 'sklearn') peerRaw.push((await runPeer('fit_peer.py', ['svc-grid', data, THREADS])).fitMs);
      else {
        const out = join(folder, 'grid.onnx');
        const command = [process.execPath, BIN, ...what, ...how, ...model, '--out', out, '--json'];
        const { elapsedMs, stdout } = await runProcess(command);
        const { timings } = JSON.parse(stdout);
        commandRaw.push(elapsedMs);
        raw.push(timings.compareMs + timings.fitMs);
      }
    }
  }
  return [
    { metric: 'svc-grid.commandMs', value: median(commandRaw), unit: 'ms', raw: commandRaw },
    { metric: 'svc-grid.searchAndFitMs', value: median(raw), unit: 'ms', raw },
    { metric: 'svc-grid.sklearn.fitMs', value: median(peerRaw), unit: 'ms', raw: peerRaw },
    { metric: 'svc-grid.sklearn.speedUp', value: pairedRatio(peerRaw, raw), unit: '×', raw: [] },
  ];
}

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  try {
    const python = await peerPython();
    const prepare = (/** @type {readonly string[]} */ args) =>
      runProcess([python, pathOf('./peers/prepare_data.py'), ...args]);
    const results = [];
    for (const rows of ROWS) {
      const data = join(folder, `flights-${rows}.bin`);
      await prepare(['flights', String(rows), FLIGHTS, data]);
      for (const task of TABULAR) results.push(...(await compare(`${task.name}.${rows}`, data, task)));
      await prepare(['flights-scaled', String(rows), FLIGHTS, data]);
      for (const fit of FITS) {
        const name = `${fit}-fit`;
        results.push(...(await compare(`${name}.${rows}`, data, { name, peers: [name] })));
      }
      rmSync(data);
    }
    if (existsSync(WEATHER)) {
      const data = join(folder, 'weather.bin');
      await prepare(['weather', WEATHER, data]);
      results.push(...(await compare('svc', data, { name: 'svc', peers: ['svc'] })));
      results.push(...(await compareGrid(folder, data)));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
