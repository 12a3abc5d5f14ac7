// @ts-check
// Going back and forth between two released versions while 32 connections ask: requests that fail, and the time from the command to
// the first answer of the other version, seen by a caller beside them. Once with two serving processes that answer, and once with the
// server answering itself (`alone`), where the command shares the loop with all requests. `answer.…` are the times of that caller's
// requests: a switch cannot be seen sooner than one of them takes.
//   FAIRLEAD_BENCH_SWITCHES  commands of each (20)

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@fairlead/sdk';
import { parse } from 'yaml';
import { median } from './harness/maths.mjs';
import { runProcess } from './harness/run-process.mjs';
import { freePort } from './harness/watched-process.mjs';
import { startFairlead } from './serving/models.mjs';

const pathOf = (/** @type {string} */ relative) => fileURLToPath(new URL(relative, import.meta.url));
const EXAMPLE = pathOf('../examples/port-weather');
const SWITCHES = Number(process.env.FAIRLEAD_BENCH_SWITCHES ?? 20);
const CONNECTIONS = 32;
const BETWEEN_MS = 250;
/** For the other version's first answer. */
const PATIENCE_MS = 20_000;
const PREDICT = '/api/v1/endpoints/rain/predict';
const ROW = {
  ...{ location: 'Seattle', date: '2015-03-01', precipitation: 0, temp_max: 11.1, temp_min: 0.6 },
  ...{ wind: 2.1, weather: 'sun', raining: false },
};

/** @typedef {ReturnType<typeof createClient>} Client */

export async function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-switch-'));
  const home = join(folder, 'home');
  const servingPort = await freePort();
  const env = { FAIRLEAD_SERVING_PORT: String(servingPort), FAIRLEAD_SERVING_PROCESSES: '2' };
  try {
    const versions = await withServer(home, {}, ({ base }) => releaseTwo(createClient({ url: base })));
    const processes = await withServer(home, env, ({ base }) =>
      measure(createClient({ url: base }), `http://127.0.0.1:${servingPort}${PREDICT}`, versions),
    );
    const alone = await withServer(home, {}, ({ base }) =>
      measure(createClient({ url: base }), `${base}${PREDICT}`, versions),
    );
    return [...processes, ...alone.map((measured) => ({ ...measured, metric: `alone.${measured.metric}` }))];
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * @template T
 * @param {string} home
 * @param {NodeJS.ProcessEnv} env
 * @param {(server: {base: string}) => Promise<T>} work
 */
async function withServer(home, env, work) {
  const server = await startFairlead(home, { cwd: pathOf('../'), env });
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/** Two versions of the example's model, released one after the other. @param {Client} client @returns {Promise<number[]>} */
async function releaseTwo(client) {
  const project = parse(readFileSync(join(EXAMPLE, 'fairlead.yaml'), 'utf8'));
  project.rules = {};
  project.pipelines.rain.steps.train.with.candidates = [{ trainer: 'logistic-regression' }];
  Object.assign(project.endpoints.rain.release, { gates: [{ kind: 'contract' }], rollout: { kind: 'all-at-once' } });
  await client.projects.apply({ folder: EXAMPLE, project });
  const dana = await person(client, 'dana', 'data-scientist');
  const signers = /** @type {const} */ (['qa', 'product-owner']);
  const people = await Promise.all(signers.map((role) => person(client, `a-${role}`, role)));
  const versions = [];
  for (const until of ['2015-05-01', '2015-07-01']) {
    const { id } = await dana.pipelines.run('rain', { params: { rows: `location = 'Seattle' AND date < '${until}'` } });
    const run = await dana.pipelineRuns.wait(id, { timeoutMs: 120_000 });
    if (run.state !== 'succeeded') throw new Error(`the pipeline ${run.state}: ${JSON.stringify(run.steps)}`);
    const release = run.steps.find(({ name }) => name === 'release')?.outputs.release?.id ?? '';
    for (const [i, role] of signers.entries()) {
      await people[i]?.releases.sign(release, { meaning: 'approved', role, comment: 'read' });
    }
    versions.push((await client.releases.rollOut(release)).version);
  }
  return versions;
}

/** @param {Client} client @param {string} name @param {'data-scientist' | 'qa' | 'product-owner'} role */
async function person(client, name, role) {
  await client.people.add({ name, roles: [role] });
  const { token } = await client.people.issueToken(name, { label: 'bench', expiresInDays: 1 });
  return createClient({ url: client.url, token });
}

/** @param {Client} client @param {string} url @param {readonly number[]} versions */
async function measure(client, url, versions) {
  const goTo = (/** @type {number} */ i) => {
    const toVersion = /** @type {number} */ (versions[i % 2]);
    return client.releases.rollBack('rain', { toVersion, reason: 'measuring' }).then(() => toVersion);
  };
  // A start of the server loads what is routed and nothing else, so the first way back loads its version: not what is measured here.
  for (const i of [0, 1]) await goTo(i);
  const seconds = (SWITCHES * (BETWEEN_MS + 100)) / 1000 + 4;
  const task = JSON.stringify({ url, body: { rows: [ROW] }, connections: CONNECTIONS, seconds });
  const load = runProcess([process.execPath, pathOf('./serving/drive-closed.mjs'), task]);
  await sleep(2000);
  const watch = watchVersions(url);
  /** @type {number[]} */
  const commandMs = [];
  /** @type {number[]} */
  const firstMs = [];
  let stale = 0;
  for (let i = 0; i < SWITCHES; i += 1) {
    const sentMs = performance.now();
    const toVersion = await goTo(i);
    const doneMs = performance.now();
    commandMs.push(doneMs - sentMs);
    const first = await watch.next(({ atMs, version }) => atMs >= sentMs && version === toVersion);
    firstMs.push(first.atMs - sentMs);
    await sleep(BETWEEN_MS);
    // Asked after the command had returned, and yet answered by the version before.
    stale += watch.answers.filter(({ askedMs, version }) => askedMs > doneMs && version !== toVersion).length;
  }
  const failedBeside = await watch.end();
  const answerMs = watch.answers.map(({ askedMs, atMs }) => atMs - askedMs).sort((a, b) => a - b);
  const { failures, requestsPerS } = JSON.parse((await load).stdout.trimEnd().split('\n').at(-1) ?? '');
  return [
    { metric: 'failedRequests', value: failures + failedBeside, unit: 'requests' },
    { metric: 'requestsPerS', value: requestsPerS, unit: '1/s' },
    { metric: 'command.medianMs', value: median(commandMs), unit: 'ms', raw: commandMs },
    { metric: 'firstAnswer.medianMs', value: median(firstMs), unit: 'ms', raw: firstMs },
    { metric: 'firstAnswer.worstMs', value: Math.max(...firstMs), unit: 'ms' },
    { metric: 'staleAnswers', value: stale, unit: 'requests' },
    { metric: 'answer.medianMs', value: median(answerMs), unit: 'ms' },
    { metric: 'answer.worstMs', value: answerMs.at(-1) ?? Number.NaN, unit: 'ms' },
  ];
}

/** One caller that asks again as soon as it is answered. @param {string} url */
function watchVersions(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const text = JSON.stringify({ rows: [ROW] });
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  /** @type {{askedMs: number, atMs: number, version: number}[]} */
  const answers = [];
  let isEnded = false;
  let failed = 0;
  const ask = () =>
    new Promise((resolve) => {
      const askedMs = performance.now();
      const call = request(url, { method: 'POST', agent, headers }, async (response) => {
        const chunks = [];
        for await (const chunk of response) chunks.push(chunk);
        if (response.statusCode !== 200) failed += 1;
        else
          answers.push({
            askedMs,
            atMs: performance.now(),
            version: JSON.parse(Buffer.concat(chunks).toString()).version,
          });
        resolve(undefined);
      });
      call.once('error', () => {
        failed += 1;
        resolve(undefined);
      });
      call.end(text);
    });
  const all = (async () => {
    while (!isEnded) await ask();
  })();
  return {
    answers,
    /** The first answer, since the beginning, that is such a one. @param {(answer: typeof answers[number]) => boolean} isSuch */
    next: async (isSuch) => {
      for (const untilMs = performance.now() + PATIENCE_MS; performance.now() < untilMs; await sleep(5)) {
        const found = answers.find(isSuch);
        if (found !== undefined) return found;
      }
      throw new Error('the other version did not answer');
    },
    end: async () => {
      isEnded = true;
      await all;
      agent.destroy();
      return failed;
    },
  };
}
