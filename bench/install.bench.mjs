// @ts-check
// A newcomer's first commands: `npm ci` and the build, on the committed files in an empty folder. The first round fills
// npm's cache and is not counted, so that the network is not what is measured.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { median } from './harness/maths.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const ROUNDS = 3;

function installOnce() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-install-'));
  try {
    const archive = join(folder, 'source.tar');
    execFileSync('git', ['archive', '--output', archive, 'HEAD'], { cwd: ROOT });
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    const startedMs = performance.now();
    for (const command of [['ci'], ['run', 'build']]) {
      const { status, stderr } = spawnSync('npm', command, { cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new Error(`npm ${command.join(' ')} ended with ${status}: ${stderr.slice(-2000)}`);
    }
    return (performance.now() - startedMs) / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function bench() {
  installOnce();
  const raw = Array.from({ length: ROUNDS }, installOnce);
  return [{ metric: 'totalS', value: median(raw), unit: 's', raw }];
}
