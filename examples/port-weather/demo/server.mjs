// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const program = join(root, 'packages/cli/dist/bin.js');
const MARK = '.fairlead-demo';

/**
 * Starts `fairlead up` on an empty home, as a user would, and waits for its ready line.
 * @param {{home: string, port: string, databaseUrl: string | undefined}} options
 */
export async function startDemoServer({ home, port, databaseUrl }) {
  const folder = resolve(home);
  emptyHome(folder);
  const args = ['up', '--home', folder, '--port', port, '--log-level', 'warn'];
  if (databaseUrl !== undefined) args.push('--database-url', databaseUrl);
  const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const finished = new Promise((done) => child.once('exit', (code) => done(code ?? 1)));
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal));
  process.on('exit', () => child.kill('SIGKILL'));
  const url = await readyUrl(child, finished);
  return {
    url,
    finished: /** @type {Promise<number>} */ (finished),
    stop: async () => {
      child.kill('SIGTERM');
      await finished;
    },
  };
}

/** @param {import('node:child_process').ChildProcess} child @param {Promise<unknown>} finished */
async function readyUrl(child, finished) {
  const lines = createInterface({ input: /** @type {NodeJS.ReadableStream} */ (child.stdout) });
  const ready = new Promise((done) => {
    lines.on('line', (line) => {
      const match = /^fairlead ready (\S+)/.exec(line);
      if (match !== null) done(match[1]);
    });
  });
  const url = await Promise.race([ready, finished.then(() => null)]);
  if (typeof url === 'string') return url;
  throw Object.assign(new Error('the server ended before it was ready; its message stands above'), {
    code: 'DEMO_SERVER',
    remedy: 'If the port is taken, try `npm run demo -- --port 0`.',
  });
}

/** The demo begins with nothing, and never deletes a folder that it did not make. @param {string} folder */
function emptyHome(folder) {
  if (existsSync(folder)) {
    if (!existsSync(join(folder, MARK))) {
      throw Object.assign(new Error(`${folder} exists and was not made by the demonstration`), {
        code: 'DEMO_HOME',
        remedy: 'Choose another folder with --home.',
      });
    }
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), 'made by npm run demo; may be deleted\n');
}
