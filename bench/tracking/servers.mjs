// @ts-check
// Both servers as a team would start them: MLflow's with its own number of workers, Fairlead's without a setting.

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mlflowEnvironment } from '../harness/mlflow-environment.mjs';
import { killAll, pidsBelow, treeCpuMs, treeRssMiB } from '../harness/process-tree.mjs';
import { freePort, startWatched } from '../harness/watched-process.mjs';

const BIN = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

/**
 * @typedef {object} Server
 * @property {'mlflow' | 'fairlead'} name
 * @property {string} base
 * @property {string} folder
 * @property {string} database address of its PostgreSQL database; '' for SQLite
 * @property {() => number} rssMiB resident memory of the process and its children
 * @property {() => number} cpuMs processor time of the process and its children so far
 * @property {() => Promise<void>} stop
 */

/** `workers`: its own number when it is not given. @param {{folder: string, database?: string, workers?: number}} options @returns {Promise<Server>} */
export async function startMlflow({ folder, database = '', workers }) {
  const { bin } = await mlflowEnvironment('mlflow-3');
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  // SQLAlchemy knows no `postgres:`, and of its drivers the environment has psycopg2 only.
  const postgres = database.replace(/^postgres(ql)?:/, 'postgresql+psycopg2:');
  const store = database === '' ? `sqlite:///${join(folder, 'mlflow.db')}` : postgres;
  const base = `http://127.0.0.1:${port}`;
  const child = await startWatched(
    [
      join(bin, 'mlflow'),
      'server',
      ...['--backend-store-uri', store, '--artifacts-destination', join(folder, 'artifacts')],
      ...['--host', '127.0.0.1', '--port', String(port)],
      ...(workers === undefined ? [] : ['--workers', String(workers)]),
    ],
    { url: `${base}/health`, timeoutMs: 180_000, pollMs: 100, cwd: folder, env: quiet() },
  );
  return { name: 'mlflow', base, folder, database, ...below(child.pid), stop: () => stopTree(child) };
}

/** @param {{folder: string, database?: string}} options @returns {Promise<Server>} */
export async function startFairlead({ folder, database = '' }) {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const child = await startWatched(
    [process.execPath, BIN, 'up', '--home', join(folder, 'home'), '--port', String(port), '--log-level', 'warn'],
    {
      url: `${base}/readyz`,
      timeoutMs: 60_000,
      cwd: folder,
      env: { ...quiet(), ...(database !== '' && { FAIRLEAD_DATABASE_URL: database }) },
    },
  );
  return { name: 'fairlead', base, folder, database, ...below(child.pid), stop: () => stopTree(child) };
}

/** @param {number} pid */
function below(pid) {
  return { rssMiB: () => treeRssMiB(pid), cpuMs: () => treeCpuMs(pid) };
}

/** The environment without Fairlead's own variables and without telemetry of the peer. @returns {NodeJS.ProcessEnv} */
function quiet() {
  const plain = Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRLEAD_'));
  return { ...Object.fromEntries(plain), MLFLOW_DISABLE_TELEMETRY: 'true', GIT_PYTHON_REFRESH: 'quiet' };
}

/** An empty PostgreSQL database. @param {string} admin address of a database of the same server @param {string} name */
export function freshDatabase(admin, name) {
  const run = (/** @type {string} */ sql) => execFileSync('psql', ['-q', '-d', admin, '-c', sql], { stdio: 'pipe' });
  run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  run(`CREATE DATABASE ${name}`);
  return new URL(`/${name}`, admin).href;
}

/** MLflow's server leaves its workers behind when only its first process is asked to stop. @param {import('../harness/watched-process.mjs').WatchedProcess} child */
async function stopTree(child) {
  const below = pidsBelow(child.pid).slice(1);
  await child.stop();
  killAll(below);
}
