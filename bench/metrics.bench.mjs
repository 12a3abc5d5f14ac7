// @ts-check
// Metrics of ten million rows against scikit-learn: the same binary file, a fresh process per round, in turns. Ratios are
// peer ÷ ours: above 1 we are faster. `FAIRLEAD_BENCH_ROWS=1000000` measures another size.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRng } from '../packages/num/dist/index.js';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { peerPython } from './harness/python-peers.mjs';
import { runProcess } from './harness/run-process.mjs';

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const ROWS = Number((process.env.FAIRLEAD_BENCH_ROWS ?? '10000000').split(',')[0]);
const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? 3);
const METRICS = ['rocAuc', 'averagePrecision', 'f1', 'logLoss'];

/** @param {string} path */
function writeRows(path) {
  const rng = createRng(1);
  const scores = Float64Array.from({ length: ROWS }, () => rng.next() + rng.next() / 2 ** 32);
  const truth = Uint8Array.from(scores, (score) => Number(rng.next() < score));
  writeFileSync(path, Buffer.concat([Buffer.from(scores.buffer), Buffer.from(truth.buffer)]));
}

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-metrics-'));
  try {
    const data = join(folder, 'rows.bin');
    writeRows(data);
    const python = await peerPython();
    const sides = [
      { name: 'ours', command: [process.execPath, pathOf('./metrics/score-ours.mjs')] },
      { name: 'peer', command: [python, pathOf('./peers/metrics_peer.py')] },
    ];
    /** @type {Record<string, Record<string, [number, number]>[]>} */
    const measured = { ours: [], peer: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const { name, command } of orderOfRound(sides, round)) {
        const [program = '', ...args] = command;
        const { stdout } = await runProcess([program, ...args, data, String(ROWS)]);
        measured[name]?.push(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''));
      }
    }
    return METRICS.flatMap((metric) => results(metric, measured));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} metric @param {Record<string, Record<string, [number, number]>[]>} measured */
function results(metric, { ours = [], peer = [] }) {
  const msOf = (/** @type {Record<string, [number, number]>[]} */ rounds) =>
    rounds.map((round) => round[metric]?.[0] ?? 0);
  const gap = Math.abs((ours[0]?.[metric]?.[1] ?? 0) - (peer[0]?.[metric]?.[1] ?? 1));
  if (gap > 1e-9) throw new Error(`${metric} differs from scikit-learn's by ${gap}`);
  return [
    { metric: `${metric}.ms`, value: median(msOf(ours)), unit: 'ms', raw: msOf(ours) },
    { metric: `${metric}.peerMs`, value: median(msOf(peer)), unit: 'ms', raw: msOf(peer) },
    { metric: `${metric}.ratio`, value: pairedRatio(msOf(peer), msOf(ours)), unit: '×' },
  ];
}
