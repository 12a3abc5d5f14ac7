// @ts-check
// `fairlead predict` over a million flights, CSV and Parquet to CSV, against pandas with onnxruntime in Python on the same
// model file and rows; two threads each, a fresh process per round, in turns, start to end. Ratios are peer ÷ ours: above 1
// we are faster. `FAIRLEAD_BENCH_ROWS` and `FAIRLEAD_BENCH_ROUNDS` measure otherwise.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { peerPython } from './harness/python-peers.mjs';
import { runProcess } from './harness/run-process.mjs';

/** @typedef {{ms: number, peakMiB: number, mean: number}} Run */

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const FLIGHTS = pathOf('../node_modules/vega-datasets/data/flights-3m.parquet');
const BIN = pathOf('../packages/cli/dist/bin.js');
const PEER = pathOf('./peers/predict_peer.py');
const ROWS = Number((process.env.FAIRLEAD_BENCH_ROWS ?? '1000000').split(',')[0]);
const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? 3);
const FIT_ROWS = 50_000;
/** The airports stay texts: what a package does with 300 categories is part of the work, and most of it. */
const FIT = ['--target', 'late', '--model', 'gradient-boosting', '--test-ratio', '0'];

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-predict-file-'));
  try {
    const python = await peerPython();
    const model = join(folder, 'model.onnx');
    const sample = join(folder, 'sample.csv');
    const files = { csv: join(folder, 'flights.csv'), parquet: join(folder, 'flights.parquet') };
    await runProcess([python, PEER, 'prepare', String(FIT_ROWS), FLIGHTS, sample, join(folder, 'sample.parquet')]);
    await runProcess([python, PEER, 'prepare', String(ROWS), FLIGHTS, files.csv, files.parquet]);
    await runProcess([process.execPath, BIN, 'fit', sample, ...FIT, '--out', model]);
    const found = [];
    for (const [format, data] of Object.entries(files)) found.push(...(await compare(format, { python, model, data })));
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} format @param {{python: string, model: string, data: string}} task */
async function compare(format, { python, model, data }) {
  const args = [model, data, `${data}.answers.csv`];
  /** @type {{name: 'ours' | 'peer', command: readonly [string, ...string[]]}[]} */
  const sides = [
    { name: 'ours', command: [process.execPath, pathOf('./predict-file/predict-ours.mjs'), ...args] },
    { name: 'peer', command: [python, PEER, 'predict', ...args] },
  ];
  /** @type {Record<'ours' | 'peer', Run[]>} */
  const runs = { ours: [], peer: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, command } of orderOfRound(sides, round)) {
      const { stdout } = await runProcess(command);
      runs[name].push(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
    }
  }
  const gap = Math.abs((runs.ours[0]?.mean ?? 0) - (runs.peer[0]?.mean ?? 1));
  if (gap > 1e-6) throw new Error(`${format}: the mean probabilities differ by ${gap}`);
  const of = (/** @type {'ours' | 'peer'} */ side, /** @type {keyof Run} */ figure) =>
    runs[side].map((run) => run[figure]);
  const rates = of('ours', 'ms').map((ms) => (1000 * ROWS) / ms);
  return [
    { metric: `${format}.rowsPerS`, value: median(rates), unit: 'rows/s', raw: rates },
    { metric: `${format}.peerMs`, value: median(of('peer', 'ms')), unit: 'ms', raw: of('peer', 'ms') },
    { metric: `${format}.ratio`, value: pairedRatio(of('peer', 'ms'), of('ours', 'ms')), unit: '×' },
    { metric: `${format}.peakMiB`, value: median(of('ours', 'peakMiB')), unit: 'MiB', raw: of('ours', 'peakMiB') },
    { metric: `${format}.memoryRatio`, value: pairedRatio(of('ours', 'peakMiB'), of('peer', 'peakMiB')), unit: '×' },
  ];
}
