// @ts-check
// The models of the serving bench, made by Fairlead itself from generated rows: a home in which each is live in `test`.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@fairlead/sdk';
import { freePort, startWatched } from '../harness/watched-process.mjs';

const BIN = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));

/**
 * @typedef {object} BenchModel
 * @property {string} name
 * @property {string} path its ONNX file
 * @property {string[]} columns
 * @property {string[]} labels
 * @property {{rows: Record<string, number>[]}} body one row as plain JSON
 */

/** @type {Record<string, {columns: number, classes: number, rows: number, trainer: string, params: Record<string, unknown>}>} */
const RECIPES = {
  iris: { columns: 4, classes: 3, rows: 600, trainer: 'logistic-regression', params: { c: 1 } },
  forest100: {
    columns: 30,
    classes: 2,
    rows: 4000,
    trainer: 'random-forest',
    params: { nEstimators: 100, maxDepth: 6 },
  },
  forest500: {
    columns: 30,
    classes: 2,
    rows: 4000,
    trainer: 'random-forest',
    params: { nEstimators: 500, maxDepth: 8 },
  },
  network: {
    columns: 30,
    classes: 2,
    rows: 4000,
    trainer: 'multi-layer-perceptron',
    params: { hiddenLayerSizes: '64,32,16', maxIter: 20 },
  },
};
export const MODEL_NAMES = Object.keys(RECIPES);

/** Trains, registers and deploys `names` in a home; the server that did it has ended. @param {string} folder @param {readonly string[]} names */
export async function makeModels(folder, names) {
  const home = join(folder, 'home');
  mkdirSync(folder, { recursive: true });
  const server = await startFairlead(home, { cwd: folder });
  try {
    const client = createClient({ url: server.base });
    const project = { project: 'bench', datasets: {}, pipelines: {} };
    for (const name of names) declare(project, folder, name);
    await client.projects.apply({ folder, project });
    /** @type {BenchModel[]} */
    const models = [];
    for (const name of names) models.push(await make(client, folder, name));
    return { home, models };
  } finally {
    await server.stop();
  }
}

/** Files of a project are read below `cwd`. @param {string} home @param {{env?: NodeJS.ProcessEnv, cwd?: string}} [options] */
export async function startFairlead(home, { env = {}, cwd } = {}) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^FAIRLEAD_(?!BENCH)/.test(name)));
  const command = /** @type {const} */ ([process.execPath, BIN, 'up', '--home', home, '--port', String(port)]);
  const server = await startWatched([...command, '--log-level', 'warn'], {
    url: `${base}/readyz`,
    timeoutMs: 120_000,
    pollMs: 50,
    env: { ...plain, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  return { ...server, base };
}

/** @param {any} project @param {string} folder @param {string} name */
function declare(project, folder, name) {
  const { columns, trainer, params } = recipeOf(name);
  const names = columnNames(columns);
  writeFileSync(join(folder, `${name}.csv`), makeRows(name));
  const number = { type: 'number', required: true };
  project.datasets[name] = {
    source: {
      path: `${name}.csv`,
      columns: {
        ...Object.fromEntries(names.map((column) => [column, number])),
        kind: { type: 'string', required: true },
      },
    },
  };
  project.pipelines[name] = {
    steps: {
      ingest: { uses: 'ingest', with: { dataset: name } },
      split: {
        uses: 'split',
        inputs: { version: 'ingest.version' },
        with: { by: 'random', parts: { train: 0.8, test: 0.2 }, seed: 1 },
      },
      train: {
        uses: 'train',
        inputs: { split: 'split.split' },
        seed: 7,
        with: {
          ...{ part: 'train', target: 'kind', metric: 'log-loss', validation: { kind: 'k-fold', folds: 2 } },
          candidates: [{ trainer, params }],
        },
      },
      evaluate: {
        uses: 'evaluate',
        inputs: { model: 'train.model', training: 'train.training', split: 'split.split' },
        with: { part: 'test', trainPart: 'train', baselines: [{ kind: 'majority' }] },
      },
      register: {
        uses: 'register',
        inputs: { training: 'train.training', report: 'evaluate.report', split: 'split.split' },
        with: { model: name },
      },
    },
  };
}

/** @param {import('@fairlead/sdk').FairleadClient} client @param {string} folder @param {string} name @returns {Promise<BenchModel>} */
async function make(client, folder, name) {
  process.stderr.write(`training ${name} …\n`);
  const { id } = await client.pipelines.run(name);
  const { state } = await client.pipelineRuns.wait(id, { timeoutMs: 600_000 });
  if (state !== 'succeeded') throw new Error(`the pipeline of ${name} ${state}`);
  await client.endpoints.declare(name, { model: name });
  await client.endpoints.deploy(name, 1);
  const document = /** @type {any} */ (await client.endpoints.openApi(name, { environment: 'test' }));
  const { post } = document.paths[`/api/v1/environments/test/endpoints/${name}/predict`];
  const file = await client.models.downloadFile(name, 1, { path: 'model.onnx' });
  const path = join(folder, `${name}.onnx`);
  writeFileSync(path, Buffer.from(await new Response(/** @type {any} */ (file.stream)).arrayBuffer()));
  const { columns, classes } = recipeOf(name);
  const labels = Array.from({ length: classes }, (_, i) => `k${i}`);
  return {
    name,
    path,
    columns: columnNames(columns),
    labels,
    body: post.requestBody.content['application/json'].example,
  };
}

/** @param {string} name */
function recipeOf(name) {
  const recipe = RECIPES[name];
  if (recipe === undefined) throw new Error(`there is no model ${name}; there are ${MODEL_NAMES.join(', ')}`);
  return recipe;
}

/** @param {number} count */
const columnNames = (count) => Array.from({ length: count }, (_, i) => `x${i}`);

/** Rows around one centre per class, the same at every call. @param {string} name */
function makeRows(name) {
  const { columns, classes, rows } = recipeOf(name);
  let state = 20261121;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const lines = [[...columnNames(columns), 'kind'].join(',')];
  for (let row = 0; row < rows; row += 1) {
    const kind = row % classes;
    const cells = Array.from({ length: columns }, (_, i) => {
      const spread = random() + random() + random() - 1.5;
      return (5 + (kind * (i % 3)) / 2 + spread * 1.5).toFixed(3);
    });
    lines.push([...cells, `k${kind}`].join(','));
  }
  return `${lines.join('\n')}\n`;
}
