// @ts-check
// What a TPE suggestion costs after 100 and 1,000 trials beside Optuna's in the same minute, and what deriving a log of
// 1,000 trials anew costs. Six parameters: two logarithmic, one plain, an integer, a logarithmic integer, a choice.

import { performance } from 'node:perf_hooks';
import { createStudy, verifyStudy } from '../packages/num/dist/index.js';
import { median, pairedRatio } from './harness/maths.mjs';
import { runPeer } from './harness/python-peers.mjs';

const TRIALS = 1000;
const ROUNDS = 3;

/** @type {import('../packages/num/dist/index.js').StudySpec} */
const SPEC = {
  space: {
    c: { kind: 'float', low: 1e-3, high: 1e3, log: true },
    gamma: { kind: 'float', low: 1e-4, high: 10, log: true },
    share: { kind: 'float', low: 0, high: 1 },
    depth: { kind: 'int', low: 2, high: 20 },
    leaves: { kind: 'int', low: 2, high: 512, log: true },
    kernel: { kind: 'categorical', choices: ['rbf', 'poly', 'linear'] },
  },
  directions: ['minimise'],
  sampler: { kind: 'tpe' },
  seed: 0,
};

/** @param {Record<string, any>} p */
function loss({ c, gamma, share, depth, leaves, kernel }) {
  const scales = Math.log(c) ** 2 + (Math.log(gamma) + 3) ** 2 + (Math.log(leaves) - 4) ** 2;
  return scales + 20 * (share - 0.4) ** 2 + (depth - 7) ** 2 / 10 + ['rbf', 'poly', 'linear'].indexOf(kernel) / 2;
}

function runOurs() {
  const study = createStudy(SPEC);
  const suggestMs = [];
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const start = performance.now();
    const suggestion = study.ask();
    suggestMs.push(performance.now() - start);
    study.tell(trial, { values: [loss(suggestion?.params ?? {})] });
  }
  const start = performance.now();
  const { verdict } = verifyStudy(SPEC, study.events);
  if (verdict !== 'pass') throw new Error('the study could not be derived anew');
  return { suggestMs, verifyMs: performance.now() - start };
}

/** Median of the twenty suggestions that end with trial `count`. @param {readonly number[]} times @param {number} count */
const around = (times, count) => median(times.slice(count - 20, count));

/** @returns {Promise<{metric: string, value: number, unit: string, raw: number[]}[]>} */
export async function bench() {
  const ours = [];
  /** @type {number[][]} */
  const peers = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(runOurs());
    peers.push((await runPeer('search_peer.py', [String(TRIALS)])).suggestMs);
  }
  const verify = ours.map(({ verifyMs }) => verifyMs);
  const measured = [{ metric: 'verify1000Ms', value: median(verify), unit: 'ms', raw: verify }];
  for (const count of [100, TRIALS]) {
    const raw = ours.map(({ suggestMs }) => around(suggestMs, count));
    const peerRaw = peers.map((times) => around(times, count));
    measured.push(
      { metric: `suggest${count}Ms`, value: median(raw), unit: 'ms', raw },
      { metric: `optuna${count}Ms`, value: median(peerRaw), unit: 'ms', raw: peerRaw },
      { metric: `speedup${count}`, value: pairedRatio(peerRaw, raw), unit: '×', raw: [] },
    );
  }
  return measured;
}
