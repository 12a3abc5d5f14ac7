// @ts-check
// Calls of MLflow's API over kept connections, with nothing of a client library between: what is measured is the server.

import { Agent, request } from 'node:http';

const METRICS_OF_BATCH = 1000;
const KEYS = Array.from({ length: 10 }, (_, i) => `metric${i}`);

/** @typedef {ReturnType<typeof connect>} Connection */

/** One connection to the server at `base`. @param {string} base */
export function connect(base) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { hostname, port } = new URL(base);

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  const call = (method, path, body) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const headers = payload && { 'content-type': 'application/json', 'content-length': payload.length };
      const sent = request({ agent, hostname, port, method, path: `/api/2.0/mlflow/${path}`, headers }, (answer) => {
        /** @type {Buffer[]} */
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          if (answer.statusCode === 200) resolve(bytes);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${bytes.subarray(0, 500)}`));
        });
      });
      sent.on('error', reject);
      sent.end(payload);
    });
  const post = (/** @type {string} */ path, /** @type {unknown} */ body) => call('POST', path, body);
  const read = async (/** @type {string} */ path, /** @type {unknown} */ body) =>
    JSON.parse(String(await post(path, body)));

  return {
    call,
    close: () => agent.destroy(),
    createExperiment: async (/** @type {string} */ name) => (await read('experiments/create', { name })).experiment_id,
    createRun: async (/** @type {string} */ experiment) =>
      (await read('runs/create', { experiment_id: experiment, start_time: Date.now() })).run.info.run_id,
    logMetric: (/** @type {string} */ run, /** @type {number} */ step) =>
      post('runs/log-metric', { run_id: run, key: 'loss', value: Math.sin(step), timestamp: 1.7e12 + step, step }),
    /** A thousand points, of ten metrics at a hundred steps. */
    logThousand: (/** @type {string} */ run, /** @type {number} */ batch) =>
      post('runs/log-batch', {
        run_id: run,
        metrics: Array.from({ length: METRICS_OF_BATCH }, (_, i) => {
          const step = batch * 100 + Math.floor(i / 10);
          return { key: KEYS[i % 10], value: Math.sin(step + i), timestamp: 1.7e12 + step, step };
        }),
      }),
    logRun: (/** @type {string} */ run, /** @type {number} */ i) =>
      post('runs/log-batch', { run_id: run, ...contentOfRun(i) }),
    /** Runs that fulfil a condition on a metric and a parameter, best first. Gives the bytes of the answer. */
    search: (/** @type {string} */ experiment, /** @type {number} */ limit, /** @type {string} */ filter) =>
      post('runs/search', {
        experiment_ids: [experiment],
        filter,
        order_by: ['metrics.metric1 DESC'],
        max_results: limit,
      }),
    sampled: (/** @type {string} */ run, /** @type {string} */ key, /** @type {number} */ points) =>
      call('GET', `metrics/get-history-bulk-interval?run_ids=${run}&metric_key=${key}&max_results=${points}`),
  };
}

/** What the `i`-th run of a seeded experiment holds: ten metrics in 0..1 and ten parameters. @param {number} i */
export function contentOfRun(i) {
  return {
    metrics: KEYS.map((key, k) => ({
      key,
      value: (((i + 1) * (k + 7) * 7919) % 1000) / 1000,
      timestamp: 1.7e12 + i,
      step: 0,
    })),
    params: KEYS.map((_, k) => ({ key: `param${k}`, value: k === 0 ? `kind${i % 2}` : `${(i * (k + 3)) % 97}` })),
  };
}
