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
    servers.push(await startMlflow({ folder: join(folder, 'mlflow') }));
    const sides = [
      { name: 'folder', address: join(folder, 'mlruns') },
      ...servers.map(({ name, base }) => ({ name, address: base })),
    ];
    /** @type {Map<string, number[]>} */
    const took = new Map(sides.map(({ name }) => [name, []]));
    // Newer clients ask before they write into a folder.
    const settings = ['env', 'MLFLOW_ALLOW_FILE_STORE=true', 'MLFLOW_DISABLE_TELEMETRY=true'];
    for (let round = -1; round < rounds; round += 1) {
      for (const { name, address } of orderOfRound(sides, Math.max(round, 0))) {
        const script = /** @type {[string, ...string[]]} */ ([...settings, python, pathOf('./autolog.py'), address]);
        const { elapsedMs } = await runProcess(script);
        // The first round only fills the caches of files and of compiled Python.
        if (round >= 0) took.get(name)?.push(elapsedMs / 1000);
      }
    }
    const ours = took.get('fairlead') ?? [];
    return [
      ...[...took].map(([name, raw]) => ({ metric: `autolog.${name}S`, value: median(raw), unit: 's', raw })),
      { metric: 'autolog.folderRatio', value: pairedRatio(took.get('folder') ?? [], ours), unit: '×' },
      { metric: 'autolog.mlflowRatio', value: pairedRatio(took.get('mlflow') ?? [], ours), unit: '×' },
    ];
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
