// @ts-check
// `scoreFile`, the work behind `fairlead batch`, over a Parquet file with 30 columns of float32, beside a plain loop in Python over
// the same file and model (pyarrow reads batches, onnxruntime answers, pyarrow writes); two threads each, a fresh process per round,
// in turns, start to end. Ratios are peer ÷ ours: above 1 we are faster.
//   FAIRLEAD_BENCH_ROWS  rows (1000000; the bar is for 10000000)      FAIRLEAD_BENCH_ROUNDS  rounds (3)

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { peerPython } from './harness/python-peers.mjs';
import { runProcess } from './harness/run-process.mjs';
import { makeModels } from './serving/models.mjs';

/** @typedef {{ms: number, peakMiB: number, mean: number}} Run */

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const PEER = pathOf('./peers/batch_peer.py');
const ROWS = Number((process.env.FAIRLEAD_BENCH_ROWS ?? '1000000').split(',')[0]);
const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? 3);
const COLUMNS = 30;

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-batch-bench-'));
  try {
    const python = await peerPython();
    const data = join(folder, 'rows.parquet');
    await runProcess([python, PEER, 'prepare', String(ROWS), String(COLUMNS), data]);
    const { models } = await makeModels(join(folder, 'models'), ['forest100', 'iris']);
    const found = [];
    for (const { name, path } of models) found.push(...(await compare(name, { python, model: path, data, folder })));
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} name @param {{python: string, model: string, data: string, folder: string}} task */
async function compare(name, { python, model, data, folder }) {
  /** @type {{name: 'ours' | 'peer', command: readonly [string, ...string[]]}[]} */
  const sides = [
    {
      name: 'ours',
      command: [process.execPath, pathOf('./batch/score-ours.mjs'), model, data, join(folder, 'a.parquet')],
    },
    { name: 'peer', command: [python, PEER, 'score', model, data, join(folder, 'b.parquet')] },
  ];
  /** @type {Record<'ours' | 'peer', Run[]>} */
  const runs = { ours: [], peer: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name: side, command } of orderOfRound(sides, round)) {
      const { stdout } = await runProcess(command);
      runs[side].push(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
    }
  }
  const gap = Math.abs((runs.ours[0]?.mean ?? 0) - (runs.peer[0]?.mean ?? 1));
  if (!(gap < 1e-6)) throw new Error(`${name}: the mean probabilities differ by ${gap}`);
  const of = (/** @type {'ours' | 'peer'} */ side, /** @type {keyof Run} */ figure) =>
    runs[side].map((run) => run[figure]);
  const rates = of('ours', 'ms').map((ms) => (1000 * ROWS) / ms);
  return [
    { metric: `${name}.rowsPerS`, value: median(rates), unit: 'rows/s', raw: rates },
    { metric: `${name}.peerMs`, value: median(of('peer', 'ms')), unit: 'ms', raw: of('peer', 'ms') },
    { metric: `${name}.ratio`, value: pairedRatio(of('peer', 'ms'), of('ours', 'ms')), unit: '×' },
    { metric: `${name}.peakMiB`, value: median(of('ours', 'peakMiB')), unit: 'MiB', raw: of('ours', 'peakMiB') },
  ];
}
