// @ts-check
// One kind of work by a number of clients, in a process of its own. Argument: JSON {base, work, clients, seconds, experiment,
// run}. Prints {perS, p50Ms, p95Ms, count, bytes} as its last line. Failures end it: a server that refuses is not fast.

import { performance } from 'node:perf_hooks';
import { connect } from './calls.mjs';

/** @typedef {import('./calls.mjs').Connection} Connection */
/** @typedef {{base: string, work: string, clients: number, seconds: number, experiment: string, run?: string}} Task */

/** Each makes ready and gives the work of one turn. @type {Record<string, (api: Connection, task: Task) => Promise<(i: number) => Promise<unknown>>>} */
const WORKS = {
  logMetric: async (api, { experiment }) => {
    const run = await api.createRun(experiment);
    return (i) => api.logMetric(run, i);
  },
  logThousand: async (api, { experiment }) => {
    const run = await api.createRun(experiment);
    return (i) => api.logThousand(run, i);
  },
  wholeRun:
    async (api, { experiment }) =>
    async (i) =>
      api.logRun(await api.createRun(experiment), i),
  search100:
    async (api, { experiment }) =>
    (i) =>
      api.search(experiment, 100, `metrics.metric2 > 0.${1 + (i % 3)} and params.param0 = 'kind${i % 2}'`),
  search1000:
    async (api, { experiment }) =>
    () =>
      api.search(experiment, 1000, 'metrics.metric2 >= 0'),
  sampled:
    async (api, { run = '' }) =>
    () =>
      api.sampled(run, 'long', 1000),
};

/** @param {Task} task */
async function drive(task) {
  const make = WORKS[task.work];
  if (!make) throw new Error(`there is no work ${task.work}`);
  const clients = await Promise.all(
    Array.from({ length: task.clients }, async () => {
      const api = connect(task.base);
      const turn = await make(api, task);
      // What a server does at the first time only (compiling, caching) is not what is compared.
      for (let i = 0; i < 2; i += 1) await turn(i);
      return { api, turn };
    }),
  );
  /** @type {number[]} */
  const took = [];
  let bytes = 0;
  const startedMs = performance.now();
  const untilMs = startedMs + task.seconds * 1000;
  await Promise.all(
    clients.map(async ({ turn }) => {
      for (let i = 2; performance.now() < untilMs; i += 1) {
        const beganMs = performance.now();
        const answer = await turn(i);
        took.push(performance.now() - beganMs);
        if (Buffer.isBuffer(answer)) bytes = Math.max(bytes, answer.length);
      }
    }),
  );
  const elapsedS = (performance.now() - startedMs) / 1000;
  for (const { api } of clients) api.close();
  const sorted = took.sort((a, b) => a - b);
  const quantile = (/** @type {number} */ q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  return { perS: took.length / elapsedS, p50Ms: quantile(0.5), p95Ms: quantile(0.95), count: took.length, bytes };
}

console.log(`\n${JSON.stringify(await drive(JSON.parse(process.argv[2] ?? '{}')))}`);
