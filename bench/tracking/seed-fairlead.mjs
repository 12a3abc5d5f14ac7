// @ts-check
// Fills Fairlead through its own API, with what seed_mlflow.py writes into MLflow's tables.

import { connect, contentOfRun } from './calls.mjs';

const CONNECTIONS = 8;
const BASE = 1_700_000_000_000;

/**
 * @param {{base: string, experiment: string, runs?: number, points?: number, long?: number, experiments?: number}} task
 * @returns {Promise<{longRun: string | null}>}
 */
export async function seedFairlead({ base, experiment, runs = 0, points = 1, long = 0, experiments = 0 }) {
  await spread(base, runs, async (api, i) => {
    const made = await api.call('POST', 'runs/create', {
      experiment_id: experiment,
      run_name: `run-${i}`,
      start_time: BASE + i,
    });
    const run = JSON.parse(String(made)).run.info.run_id;
    const { metrics, params } = contentOfRun(i);
    const history = metrics.flatMap(({ key, value }, k) => [
      ...Array.from({ length: points - 1 }, (_, s) => ({
        key,
        value: (((i + s + 2) * (k + 7) * 7919) % 1000) / 1000,
        timestamp: BASE + i + s,
        step: s,
      })),
      { key, value, timestamp: BASE + i + points - 1, step: points - 1 },
    ]);
    for (let from = 0; from < history.length; from += 900) {
      const batch = { run_id: run, metrics: history.slice(from, from + 900), ...(from === 0 && { params }) };
      await api.call('POST', 'runs/log-batch', batch);
    }
  });
  let longRun = null;
  if (long > 0) {
    const api = connect(base);
    const run = await api.createRun(experiment);
    longRun = run;
    api.close();
    await spread(base, Math.ceil(long / 1000), (each, batch) =>
      each.call('POST', 'runs/log-batch', {
        run_id: run,
        metrics: Array.from({ length: Math.min(1000, long - batch * 1000) }, (_, i) => {
          const step = batch * 1000 + i;
          return { key: 'long', value: (step % 1000) / 7, timestamp: BASE + step, step };
        }),
      }),
    );
  }
  await spread(base, experiments, (api, i) => api.createExperiment(`empty ${i}`));
  return { longRun };
}

/** @param {string} base @param {number} count @param {(api: import('./calls.mjs').Connection, i: number) => Promise<unknown>} work */
async function spread(base, count, work) {
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(CONNECTIONS, count) }, async () => {
      const api = connect(base);
      for (let i = next++; i < count; i = next++) await work(api, i);
      api.close();
    }),
  );
}
