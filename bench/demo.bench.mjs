// @ts-check
// The demonstration from an empty home to its summary, as `npm run demo -- --once` runs it.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { median } from './harness/maths.mjs';

const DEMO = fileURLToPath(new URL('../examples/port-weather/demo.mjs', import.meta.url));
const ROUNDS = 3;

function runOnce() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-demo-'));
  try {
    const startedMs = performance.now();
    // The demonstration keeps its home under the working directory, so a fresh one is a fresh start.
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [DEMO, '--once', '--json', join(folder, 'demo.json')],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    );
    const elapsedS = (performance.now() - startedMs) / 1000;
    if (status !== 0) throw new Error(`the demonstration ended with ${status}: ${(stdout + stderr).slice(-2000)}`);
    return elapsedS;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function bench() {
  const raw = Array.from({ length: ROUNDS }, runOnce);
  return [{ metric: 'totalS', value: median(raw), unit: 's', raw }];
}
