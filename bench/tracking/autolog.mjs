// @ts-check
// The unchanged scikit-learn script, process start to end, against a local folder, against MLflow's server and against ours.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, orderOfRound, pairedRatio } from '../harness/maths.mjs';
import { mlflowEnvironment } from '../harness/mlflow-environment.mjs';
import { runProcess } from '../harness/run-process.mjs';
import { pathOf } from './paths.mjs';
import { startFairlead, startMlflow } from './servers.mjs';

/** @param {number} rounds */
export async function compareAutolog(rounds) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-autolog-'));
  const { python } = await mlflowEnvironment('mlflow-3');
  /** @type {import('./servers.mjs').Server[]} */
  const servers = [];
  try {
    servers.push(await startFairlead({ folder: join(folder, 'fairlead') }));
    const sides = [
      { name: 'folder', address: join(folder, 'mlruns') },
      ...servers.map(({ name, base }) => ({ name, address: base })),
    ];
    /** @type {Map<string, number[]>} */
    const took = new Map([...sides.map(({ name }) => name), 'mlflow'].map((name) => [name, []]));
    /** @type {{seconds: number[], requests: number[]}} */
    const answers = { seconds: [], requests: [] };
    // Only fills the caches of files and of compiled Python.
    await run(python, join(folder, 'warm'));
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, address } of orderOfRound(sides, round)) {
        const before = name === 'fairlead' ? await answered(address) : undefined;
        took.get(name)?.push(await run(python, address));
        if (before === undefined) continue;
        const after = await answered(address);
        answers.seconds.push(after.seconds - before.seconds);
        answers.requests.push(after.requests - before.requests);
      }
    }
    // After the others and not in turns: its workers and its runners of jobs, a dozen processes, take minutes of processor time
    // to start, which would be counted to whoever is measured meanwhile.
    const mlflow = await startMlflow({ folder: join(folder, 'mlflow') });
    servers.push(mlflow);
    for (let round = 0; round < rounds; round += 1) took.get('mlflow')?.push(await run(python, mlflow.base));
    const ours = took.get('fairlead') ?? [];
    return [
      ...[...took].map(([name, raw]) => ({ metric: `autolog.${name}S`, value: median(raw), unit: 's', raw })),
      { metric: 'autolog.fairleadAnswersS', value: median(answers.seconds), unit: 's', raw: answers.seconds },
      { metric: 'autolog.fairleadRequests', value: median(answers.requests), unit: '' },
      { metric: 'autolog.folderRatio', value: pairedRatio(took.get('folder') ?? [], ours), unit: '×' },
      { metric: 'autolog.mlflowRatio', value: pairedRatio(took.get('mlflow') ?? [], ours), unit: '×' },
    ];
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The script, process start to end. @param {string} python @param {string} address @returns {Promise<number>} seconds */
async function run(python, address) {
  // Newer clients ask before they write into a folder.
  const settings = ['MLFLOW_ALLOW_FILE_STORE=true', 'MLFLOW_DISABLE_TELEMETRY=true'];
  const { elapsedMs } = await runProcess(['env', ...settings, python, pathOf('./autolog.py'), address]);
  process.stderr.write(`  autolog, ${address}: ${(elapsedMs / 1000).toFixed(1)} s\n`);
  return elapsedMs / 1000;
}

/** How long the server has worked on requests until now, and on how many, by its own count. @param {string} base */
async function answered(base) {
  const text = await (await fetch(`${base}/metrics`)).text();
  const sum = (/** @type {string} */ what) =>
    [...text.matchAll(new RegExp(`^fairlead_http_request_seconds_${what}\\{.*\\} (\\S+)$`, 'gm'))]
      .filter(([line]) => !line.includes('route="/readyz"') && !line.includes('route="/metrics"'))
      .reduce((total, [, value]) => total + Number(value), 0);
  return { seconds: sum('sum'), requests: sum('count') };
}
