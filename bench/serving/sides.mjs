// @ts-check
// The servers that the serving bench compares, each with one model: Fairlead, its floor, and the peers.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killAll, pidsBelow, treeCpuMs, treeRssMiB } from '../harness/process-tree.mjs';
import { freePort, startWatched } from '../harness/watched-process.mjs';
import { startFairlead } from './models.mjs';
import { peerPrograms } from './peer-environment.mjs';

/**
 * @typedef {import('./models.mjs').BenchModel} BenchModel
 * @typedef {object} Side
 * @property {string} name
 * @property {string} url
 * @property {unknown} body the model's row as this server takes it
 * @property {() => number} cpuMs processor time of the process and its children so far
 * @property {() => number} rssMiB
 * @property {() => Promise<unknown>} stop
 */

const BARE = fileURLToPath(new URL('./bare-server.mjs', import.meta.url));
const SCRIPTS = fileURLToPath(new URL('../peers/serving/', import.meta.url));
const START_MS = 180_000;
export const PEERS = /** @type {const} */ (['fastapi', 'mlserver', 'bentoml']);

/** With the workers, which some servers leave behind. @param {import('../harness/watched-process.mjs').WatchedProcess} child */
async function stopTree(child) {
  const below = pidsBelow(child.pid).slice(1);
  await child.stop();
  killAll(below);
}

/** @param {string} name @param {{url: string, body: unknown, child: import('../harness/watched-process.mjs').WatchedProcess}} server @returns {Side} */
function side(name, { url, body, child }) {
  const { pid } = child;
  return { name, url, body, cpuMs: () => treeCpuMs(pid), rssMiB: () => treeRssMiB(pid), stop: () => stopTree(child) };
}

/** With a serving process per core, unless `alone`. @param {BenchModel} model @param {{name?: string, home: string, alone?: boolean, env?: NodeJS.ProcessEnv}} options @returns {Promise<Side>} */
export async function fairlead(model, { name = 'fairlead', home, alone = false, env = {} }) {
  const servingPort = await freePort();
  const child = await startFairlead(home, {
    env: alone ? env : { FAIRLEAD_SERVING_PORT: String(servingPort), ...env },
  });
  return side(name, {
    url: `${alone ? child.base : `http://127.0.0.1:${servingPort}`}/api/v1/environments/test/endpoints/${model.name}/predict`,
    body: model.body,
    child,
  });
}

/** node:http with a session and nothing else. @param {BenchModel} model @returns {Promise<Side>} */
export async function bare(model) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/predict`;
  const child = await startWatched([process.execPath, BARE, String(port), model.path, model.labels.join()], {
    url,
    timeoutMs: START_MS,
    pollMs: 50,
  });
  return side('bare', { url, body: model.body, child });
}

/** @param {BenchModel} model */
const environmentOf = (model) => ({
  ...process.env,
  ...{ MODEL: model.path, LABELS: model.labels.join(), PYTHONPATH: SCRIPTS },
  ...{ OMP_NUM_THREADS: '1', BENTOML_DO_NOT_TRACK: 'True' },
});

/** @param {BenchModel} model @param {string} folder @returns {Promise<Side>} */
async function fastapi(model, folder) {
  const bin = await peerPrograms('fastapi');
  const port = String(await freePort());
  const address = ['--host', '127.0.0.1', '--port', port];
  const child = await startWatched(
    [
      join(bin, 'uvicorn'),
      'fastapi_app:app',
      '--workers',
      '2',
      ...address,
      '--log-level',
      'warning',
      '--no-access-log',
    ],
    { url: `http://127.0.0.1:${port}/ready`, timeoutMs: START_MS, pollMs: 100, cwd: folder, env: environmentOf(model) },
  );
  return side('fastapi', { url: `http://127.0.0.1:${port}/predict`, body: model.body, child });
}

/** @param {BenchModel} model @param {string} folder @returns {Promise<Side>} */
async function bentoml(model, folder) {
  const bin = await peerPrograms('bentoml');
  const port = String(await freePort());
  const child = await startWatched(
    [join(bin, 'bentoml'), 'serve', 'bento_service:Scorer', '--host', '127.0.0.1', '--port', port],
    {
      url: `http://127.0.0.1:${port}/readyz`,
      timeoutMs: START_MS,
      pollMs: 200,
      cwd: SCRIPTS,
      env: {
        ...environmentOf(model),
        BENTOML_HOME: join(folder, 'bentoml'),
        BENTOML_CONFIG_OPTIONS: 'api_server.logging.access.enabled=false',
      },
    },
  );
  return side('bentoml', { url: `http://127.0.0.1:${port}/predict`, body: model.body, child });
}

/** @param {BenchModel} model @param {string} folder @returns {Promise<Side>} */
async function mlserver(model, folder) {
  const bin = await peerPrograms('mlserver');
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const place = join(folder, `mlserver-${model.name}`);
  mkdirSync(place, { recursive: true });
  const ports = { http_port: http, grpc_port: grpc, metrics_port: metrics };
  // In its own process: the workers of 1.7.1 do not start with the uvloop of its time.
  const settings = { host: '127.0.0.1', parallel_workers: 0, debug: false, ...ports };
  writeFileSync(join(place, 'settings.json'), JSON.stringify(settings));
  const implementation = 'mlserver_model.OnnxModel';
  writeFileSync(join(place, 'model-settings.json'), JSON.stringify({ name: model.name, implementation }));
  const base = `http://127.0.0.1:${http}/v2/models/${model.name}`;
  const child = await startWatched([join(bin, 'mlserver'), 'start', place], {
    url: `${base}/ready`,
    timeoutMs: START_MS,
    pollMs: 200,
    cwd: place,
    env: environmentOf(model),
  });
  const [row = {}] = model.body.rows;
  const inputs = model.columns.map((name) => ({ name, shape: [1, 1], datatype: 'FP32', data: [row[name]] }));
  return side('mlserver', { url: `${base}/infer`, body: { inputs }, child });
}

/** @param {typeof PEERS[number]} name @param {BenchModel} model @param {string} folder */
export const startPeer = (name, model, folder) => ({ fastapi, bentoml, mlserver })[name](model, folder);
