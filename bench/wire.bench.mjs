// @ts-check
// The same rows in several forms, in turns, against one server: plain JSON, the Open Inference Protocol as JSON and in binary, and gRPC;
// the latter two with one tensor for all columns and with one for each.
//   FAIRLEAD_BENCH_ROUNDS  rounds per cell (3)        FAIRLEAD_BENCH_SECONDS  seconds per cell (3)

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, orderOfRound, pairedRatio } from './harness/maths.mjs';
import { treeCpuMs } from './harness/process-tree.mjs';
import { runProcess } from './harness/run-process.mjs';
import { freePort } from './harness/watched-process.mjs';
import { makeModels, startFairlead } from './serving/models.mjs';
import { allColumns, binaryTensors, byColumn, grpcMessage, jsonTensors, rowsOf } from './serving/wire-requests.mjs';

const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? 3);
const SECONDS = Number(process.env.FAIRLEAD_BENCH_SECONDS ?? 3);
const WARM_UP_SECONDS = 5;
const CONNECTIONS = 32;
const ROWS = [1, 64, 1024];

/** @typedef {{name: string, script: string, load: Record<string, unknown>}} Form */
/** @typedef {{requestsPerS: number, p99Ms: number, failures: number, cpuUs: number}} Load */

/** @param {Form} form @param {{seconds: number, pid: number, folder: string}} options @returns {Promise<Load>} */
async function drive({ name, script, load }, { seconds, pid, folder }) {
  const path = fileURLToPath(new URL(`./serving/${script}`, import.meta.url));
  writeFileSync(join(folder, 'load.json'), JSON.stringify({ ...load, connections: CONNECTIONS, seconds }));
  const beforeMs = treeCpuMs(pid);
  const { stdout } = await runProcess([process.execPath, path, `@${join(folder, 'load.json')}`]);
  const result = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  if (result.failures > 0) throw new Error(`${name} failed ${result.failures} requests`);
  const cpuUs = ((treeCpuMs(pid) - beforeMs) * 1000) / (result.requestsPerS * seconds);
  return { ...result, cpuUs };
}

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-wire-'));
  const { home, models } = await makeModels(folder, ['forest100']);
  const [model] = models;
  if (model === undefined) throw new Error('no model was made');
  const [servingPort, grpcPort] = [await freePort(), await freePort()];
  const server = await startFairlead(home, {
    env: { FAIRLEAD_SERVING_PORT: String(servingPort), FAIRLEAD_GRPC_PORT: String(grpcPort) },
  });
  try {
    const base = `http://127.0.0.1:${servingPort}`;
    const place = `${model.name}@test`;
    const infer = `${base}/v2/models/${place}/infer`;
    const results = [];
    for (const count of ROWS) {
      const rows = rowsOf(model, count);
      const predict = `${base}/api/v1/environments/test/endpoints/${model.name}/predict`;
      /** @type {Form[]} */
      const forms = [
        { name: 'json', script: 'drive-closed.mjs', load: { url: predict, body: { rows } } },
        { name: 'oipJson', script: 'drive-closed.mjs', load: { url: infer, ...jsonTensors(model, rows) } },
        ...[
          { suffix: '', tensors: allColumns(model, rows) },
          { suffix: 'ByColumn', tensors: byColumn(model, rows) },
        ].flatMap(({ suffix, tensors }) => [
          {
            name: `oipBinary${suffix}`,
            script: 'drive-closed.mjs',
            load: { url: infer, ...binaryTensors(tensors) },
          },
          {
            name: `grpc${suffix}`,
            script: 'drive-grpc.mjs',
            load: { url: `http://127.0.0.1:${grpcPort}`, ...grpcMessage(place, tensors) },
          },
        ]),
      ];
      results.push(...(await inTurns(forms, { count, pid: server.pid, folder })));
    }
    return results;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @param {readonly Form[]} forms @param {{count: number, pid: number, folder: string}} options */
async function inTurns(forms, { count, ...place }) {
  /** @type {Map<string, Load[]>} */
  const loads = new Map(forms.map(({ name }) => [name, []]));
  for (const form of forms) await drive(form, { seconds: WARM_UP_SECONDS, ...place });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const form of orderOfRound(forms, round)) {
      loads.get(form.name)?.push(await drive(form, { seconds: SECONDS, ...place }));
    }
  }
  const series = (/** @type {string} */ name, /** @type {keyof Load} */ key) =>
    (loads.get(name) ?? []).map((load) => load[key]);
  return forms.flatMap(({ name }) => {
    const metric = `rows${count}.${name}`;
    const rates = series(name, 'requestsPerS');
    return [
      { metric: `${metric}.requestsPerS`, value: median(rates), unit: '1/s', raw: rates },
      { metric: `${metric}.p99Ms`, value: median(series(name, 'p99Ms')), unit: 'ms' },
      { metric: `${metric}.cpuUs`, value: median(series(name, 'cpuUs')), unit: 'µs' },
      ...(name === 'json'
        ? []
        : [{ metric: `${metric}.ratio`, value: pairedRatio(rates, series('json', 'requestsPerS')), unit: '×' }]),
    ];
  });
}
