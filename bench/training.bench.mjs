// @ts-check
// Our trainers against scikit-learn and LightGBM: same rows from one binary file, two threads, a fresh process per fit, in
// turns. Ratios are peer ÷ ours: above 1 we are faster. `FAIRLEAD_BENCH_ROWS=100000,3000000` measures other sizes,
// `FAIRLEAD_BENCH_ROUNDS` other than 3 rounds, `FAIRLEAD_BENCH_WEATHER=FILE.csv` adds the book's hourly weather.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { peerPython, runPeer } from './harness/python-peers.mjs';
import { runProcess } from './harness/run-process.mjs';

/** @typedef {{fitMs: number, predictMs: number, onnxMs?: number, score: number, peakMiB: number}} Fit */

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

/** @param {string} name @param {string} data @returns {Promise<Fit>} */
async function fitOurs(name, data) {
  const { stdout } = await runProcess([process.execPath, pathOf('./training/fit-ours.mjs'), name, data, THREADS]);
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
        metric: `${label}.${short}.scoreGap`,
        value: from('score') - median(series('ours', 'score')),
        unit: '',
        raw: [],
      },
      {
        metric: `${label}.${short}.memoryRatio`,
        value: median(series('ours', 'peakMiB')) / from('peakMiB'),
        unit: '×',
        raw: [],
      },
    );
    if (short !== 'sklearn') continue;
    const predict = series(peer, 'predictMs');
    const onnx = series('ours', 'onnxMs');
    result.push({ metric: `${label}.onnxPredictSpeedUp`, value: pairedRatio(predict, onnx), unit: '×', raw: onnx });
  }
  return result;
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
      rmSync(data);
    }
    if (existsSync(WEATHER)) {
      const data = join(folder, 'weather.bin');
      await prepare(['weather', WEATHER, data]);
      results.push(...(await compare('svc', data, { name: 'svc', peers: ['svc'] })));
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
