// @ts-check
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/**
 * Runs a command to its end.
 * @param {readonly [string, ...string[]]} command
 * @returns {Promise<{elapsedMs: number, stdout: string}>} rejects, with the end of its complaints, when it fails
 */
export function runProcess([file, ...args]) {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const elapsedMs = performance.now() - startedMs;
      if (code === 0) resolve({ elapsedMs, stdout });
      else reject(new Error(`${file} ended with ${code}: ${stderr.slice(-2000)}`));
    });
  });
}
