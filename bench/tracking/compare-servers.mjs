// @ts-check
// The same requests by the same program to the real `mlflow server` and to Fairlead, in turns.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, orderOfRound, pairedRatio } from '../harness/maths.mjs';
import { mlflowEnvironment } from '../harness/mlflow-environment.mjs';
import { runProcess } from '../harness/run-process.mjs';
import { pathOf } from './paths.mjs';
import { seedFairlead } from './seed-fairlead.mjs';
import { freshDatabase, startFairlead, startMlflow } from './servers.mjs';
import { databaseMiB } from './sizes.mjs';

/** @typedef {import('./servers.mjs').Server} Server */
/** @typedef {import('../harness/maths.mjs').Measurement} Measurement */
/** @typedef {{perS: number, p50Ms: number, p95Ms: number, count: number, bytes: number, rssMiB: number, cpuMs: number}} Load */
/** @typedef {{experiment: string, longRun: string}} Place where one server keeps what was seeded */

const ROUNDS = Number(process.env.FAIRLEAD_BENCH_ROUNDS ?? 3);
const SECONDS = 3;
export const SMALL = 2000;
const LARGE = 100_000;
export const LONG = 1_000_000;
const LARGE_POINTS = Number(process.env.FAIRLEAD_BENCH_POINTS ?? 5);

/** Name, work, clients; those that read come first, as writing makes the database larger. */
const READS = /** @type {const} */ ([
  ['search100.c1', 'search100', 1],
  ['search1000.c1', 'search1000', 1],
  ['sampled.c1', 'sampled', 1],
]);
const WRITES = /** @type {const} */ ([
  ['logMetric.c1', 'logMetric', 1],
  ['logMetric.c8', 'logMetric', 8],
  ['logThousand.c1', 'logThousand', 1],
  ['wholeRun.c1', 'wholeRun', 1],
  ['wholeRun.c8', 'wholeRun', 8],
]);

export const WORKS = [...READS, ...WRITES];

/**
 * Rates, times, memory and sizes of both servers on one kind of database with 2,000 runs in it, then Fairlead's with 100,000 more of
 * FAIRLEAD_BENCH_POINTS points per metric and 10,000 experiments (left out when FAIRLEAD_BENCH_LARGE=no).
 * @param {'sqlite' | 'postgres'} database
 */
export async function compareServers(database) {
  const large = process.env.FAIRLEAD_BENCH_LARGE !== 'no';
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-tracking-'));
  const admin = process.env.FAIRLEAD_TEST_POSTGRES_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const store = (/** @type {string} */ name) => (database === 'postgres' ? freshDatabase(admin, `bench_${name}`) : '');
  /** @type {Server[]} */
  const servers = [];
  try {
    servers.push(await startMlflow({ folder: join(folder, 'mlflow'), database: store('mlflow') }));
    servers.push(await startFairlead({ folder: join(folder, 'fairlead'), database: store('fairlead') }));
    const small = await seedAll(servers, 'small', { runs: SMALL, long: LONG });
    const measured = await compareLoads(servers, small, database, WORKS);
    if (!large) return measured;
    const before = await databaseMiB(servers);
    const big = await seedAll(servers, 'large', { runs: LARGE, points: LARGE_POINTS, experiments: 10_000 });
    const after = await databaseMiB(servers);
    const place = (/** @type {Server} */ server) => ({ ...big(server), longRun: small(server).longRun });
    // Of MLflow only the size: one search among so many runs takes it minutes.
    const ours = servers.filter(({ name }) => name === 'fairlead');
    measured.push(...(await compareLoads(ours, place, `${database}.large`, WORKS)));
    measured.push(...degradations(measured, database, `${database}.large`));
    const grown = servers.map((_, i) => /** @type {number} */ (after[i]) - /** @type {number} */ (before[i]));
    return [
      ...measured,
      ...servers.map((s, i) => ({
        metric: `${database}.large.${s.name}.databaseMiB`,
        value: grown[i] ?? 0,
        unit: 'MiB',
      })),
      { metric: `${database}.large.sizeRatio`, value: (grown[1] ?? 0) / (grown[0] ?? 1), unit: '×' },
    ];
  } finally {
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** How many times slower Fairlead is with the large content than with the small. @param {readonly Measurement[]} measured @param {string} before @param {string} after @returns {Measurement[]} */
export function degradations(measured, before, after) {
  const rate = (/** @type {string} */ metric) => measured.find((m) => m.metric === metric)?.value ?? Number.NaN;
  return WORKS.map(([name]) => ({
    metric: `${after}.${name}.slowdown`,
    value: rate(`${before}.${name}.perS`) / rate(`${after}.${name}.perS`),
    unit: '×',
  }));
}

/** Fills both servers alike. @param {readonly Server[]} servers @param {string} name @param {object} content @returns {Promise<(server: Server) => Place>} */
export async function seedAll(servers, name, content) {
  /** @type {Map<string, Place>} */
  const places = new Map();
  for (const server of servers) {
    const startedMs = Date.now();
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ name: `bench ${name}` });
    const made = await fetch(`${server.base}/api/2.0/mlflow/experiments/create`, { method: 'POST', headers, body });
    const { experiment_id: experiment } = /** @type {{experiment_id: string}} */ (await made.json());
    const { longRun } =
      server.name === 'fairlead'
        ? await seedFairlead({ base: server.base, experiment, ...content })
        : await seedMlflow(server, { experiment, ...content });
    places.set(server.name, { experiment, longRun: longRun ?? '' });
    process.stderr.write(`  ${server.name}: seeded ${name} in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
  }
  return (server) => /** @type {Place} */ (places.get(server.name));
}

/** @param {Server} server @param {object} task @returns {Promise<{longRun: string | null}>} */
async function seedMlflow({ folder, database }, task) {
  const { python } = await mlflowEnvironment('mlflow-3');
  const store = database === '' ? `sqlite:///${join(folder, 'mlflow.db')}` : database;
  const { stdout } = await runProcess([python, pathOf('./seed_mlflow.py'), JSON.stringify({ ...task, store })]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
}

/**
 * @param {readonly Server[]} servers @param {(server: Server) => Place} place @param {string} prefix
 * @param {readonly (readonly [name: string, work: string, clients: number])[]} works
 */
export async function compareLoads(servers, place, prefix, works) {
  /** @type {Measurement[]} */
  const measured = [];
  const peak = new Map(servers.map(({ name }) => [name, 0]));
  for (const [name, work, clients] of works) {
    /** @type {Map<string, Load[]>} */
    const loads = new Map(servers.map((server) => [server.name, []]));
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const server of orderOfRound(servers, round)) {
        const { experiment, longRun } = place(server);
        const load = await drive(server, {
          base: server.base,
          work,
          clients,
          seconds: SECONDS,
          experiment,
          run: longRun,
        });
        loads.get(server.name)?.push(load);
        peak.set(server.name, Math.max(peak.get(server.name) ?? 0, load.rssMiB));
      }
    }
    measured.push(...present(`${prefix}.${name}`, loads));
    process.stderr.write(
      `  ${measured
        .filter((m) => m.metric.startsWith(`${prefix}.${name}.`))
        .map((m) => `${m.metric} ${m.value.toPrecision(3)}`)
        .join(', ')}\n`,
    );
  }
  for (const [name, value] of peak) measured.push({ metric: `${prefix}.${name}.rssMiB`, value, unit: 'MiB' });
  return measured;
}

/** @param {string} metric @param {Map<string, Load[]>} loads @returns {Measurement[]} */
function present(metric, loads) {
  const series = (/** @type {string} */ name, /** @type {keyof Load} */ key) =>
    (loads.get(name) ?? []).map((l) => l[key]);
  const [peer, ours] = [series('mlflow', 'perS'), series('fairlead', 'perS')];
  const own = [
    { metric: `${metric}.perS`, value: median(ours), unit: '1/s', raw: ours },
    { metric: `${metric}.p95Ms`, value: median(series('fairlead', 'p95Ms')), unit: 'ms' },
    { metric: `${metric}.cpuMs`, value: median(series('fairlead', 'cpuMs')), unit: 'ms of processor time per request' },
  ];
  if (peer.length === 0) return own;
  return [
    ...own,
    { metric: `${metric}.mlflow.perS`, value: median(peer), unit: '1/s', raw: peer },
    { metric: `${metric}.mlflow.p95Ms`, value: median(series('mlflow', 'p95Ms')), unit: 'ms' },
    { metric: `${metric}.ratio`, value: pairedRatio(ours, peer), unit: '×' },
  ];
}

/** @param {Server} server @param {object} task @returns {Promise<Load>} */
async function drive(server, task) {
  let rssMiB = 0;
  const timer = setInterval(() => (rssMiB = Math.max(rssMiB, server.rssMiB())), 500);
  const beforeMs = server.cpuMs();
  try {
    const { stdout } = await runProcess([process.execPath, pathOf('./load.mjs'), JSON.stringify(task)]);
    const load = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    return { ...load, rssMiB, cpuMs: (server.cpuMs() - beforeMs) / load.count };
  } finally {
    clearInterval(timer);
  }
}
