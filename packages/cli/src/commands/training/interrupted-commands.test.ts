import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-interrupted-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const bin = new URL('../../../dist/bin.js', import.meta.url).pathname;
const temporary = join(folder, 'tmp');
const files = () => readdirSync(folder).sort();

type Stop = (child: { kill(signal: 'SIGINT'): void }, stderr: () => string) => void;

/** When a fit has made its folder: it has read and decided, and its thread starts. */
const whenItHasAFolder: Stop = (child) => {
  const watcher = watch(temporary, () => {
    if (!readdirSync(temporary).some((name) => name.startsWith('fairlead-fit-'))) return;
    watcher.close();
    child.kill('SIGINT');
  });
};
/** When it says its first word, which it does before the work and not after it. */
const atItsFirstWord =
  (word: string): Stop =>
  (child, stderr) => {
    const timer = setInterval(() => {
      if (!stderr().includes(word)) return;
      clearInterval(timer);
      child.kill('SIGINT');
    }, 5);
  };

/** A process of its own with a temporary folder of its own. */
function start(args: readonly string[], stop?: Stop) {
  const { ORT_DISABLE_TELEMETRY: _, ...env } = process.env;
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...env, TMPDIR: temporary } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
  });
  stop?.(child, () => stderr);
  return new Promise<{ code: number | null; stderr: string; left: string[] }>((resolve) => {
    child.once('close', (code) => resolve({ code, stderr, left: readdirSync(temporary) }));
  });
}

describe('a local command', () => {
  const fit = ['fit', 'data.csv', '--target', 'y', '--model'];

  beforeAll(() => {
    mkdirSync(temporary);
    const rows = Array.from({ length: 2000 }, (_, i) => `${i % 97},${(i * 7) % 23},${i % 3 === 0}`);
    writeFileSync(join(folder, 'data.csv'), `a,b,y\n${rows.join('\n')}\n`);
  });

  it('leaves no file and no folder when it is stopped', async () => {
    const params = JSON.stringify({ n_estimators: 5000 });
    const stopped = await start([...fit, 'random-forest', '--params', params], whenItHasAFolder);
    expect(stopped.stderr).toContain('CLI_INTERRUPTED');
    expect(stopped).toMatchObject({ code: 130, left: [] });
    expect(files()).toEqual(['data.csv', 'tmp']);
  });

  it('runs models without a word to the vendor of the runtime', async () => {
    const { code, left } = await start([...fit, 'gaussian-naive-bayes']);
    expect({ code, left }).toEqual({ code: 0, left: [] });
  });

  it('leaves no half of a bundle when it is stopped', async () => {
    await start([...fit, 'gaussian-naive-bayes']);
    // A loaded machine may deliver the signal after the last file is written: then the bundle is whole, and it is tried again.
    for (let attempt = 1; ; attempt++) {
      const stopped = await start(['package', 'model.onnx', '--as', 'npm'], atItsFirstWord('packaging'));
      expect(stopped.left).toEqual([]);
      if (stopped.code === 0 && attempt < 20) {
        expect(readdirSync(join(folder, 'model-npm'))).toContain('manifest.json');
        rmSync(join(folder, 'model-npm'), { recursive: true });
        continue;
      }
      expect(stopped.stderr).toContain('CLI_INTERRUPTED');
      expect(stopped.code).toBe(130);
      expect(files()).toEqual(['data.csv', 'model.onnx', 'tmp']);
      return;
    }
  });
});
