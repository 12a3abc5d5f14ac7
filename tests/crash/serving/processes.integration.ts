import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { toRows } from '@fairlead/frame';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pidsBelow } from '../../../bench/harness/process-tree.mjs';
import { freePort } from '../../../bench/harness/watched-process.mjs';
import { createLake } from '../../../packages/server/src/platform/lake/index.js';
import { idsOf } from '../../../packages/server/src/rooms/serving/capture/block-rows.js';
import { readBlocks } from '../../../packages/server/src/rooms/serving/capture/segment-block.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { exampleRow, releaseRain, runToRelease } from '../../harness/port-weather.js';

const PROCESSES = 2;
const CALLERS = 16;
const RAIN = '/api/v1/endpoints/rain/predict';
const RAIN_IN_TEST = '/api/v1/environments/test/endpoints/rain/predict';

const { folder, dispose } = temporaryFolder('serving-processes');
let server: LiveServer;
let serving: string;
let client: FairleadClient;

beforeAll(async () => {
  const servingPort = await freePort();
  serving = `http://127.0.0.1:${servingPort}`;
  const own = ['--serving-port', String(servingPort), '--serving-processes', String(PROCESSES)];
  // Compacted by nobody meanwhile, so that what is on disk can be counted.
  const capture = ['--capture-mode', 'sync', '--capture-compact-ms', '3600000'];
  server = await startLiveServer({ folder, flags: [...own, ...capture] });
  client = createClient({ url: server.url, maxRetries: 0 });
  const people = await releaseRain(client, folder);
  await runToRelease(people, { rows: "location = 'Seattle' AND date < '2015-06-01'" });
});
afterAll(async () => {
  await server?.stop();
  dispose();
});

interface Answer {
  /** 0: the connection broke; -1: no answer. */
  readonly status: number;
  readonly id: string;
  readonly version: number;
  readonly sentMs: number;
  readonly answeredMs: number;
}

let nextId = 0;

function predict(agent: Agent, path = RAIN): Promise<Answer> {
  nextId += 1;
  const id = `row-${nextId}`;
  const body = JSON.stringify({ rows: [exampleRow], ids: [id] });
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  const sentMs = performance.now();
  return new Promise((resolve) => {
    const settle = (status: number, version: number) =>
      resolve({ status, version, id, sentMs, answeredMs: performance.now() });
    // Whoever waits longer was forgotten: that must not happen to anybody.
    const request = httpRequest(`${serving}${path}`, { method: 'POST', headers, agent, timeout: 120_000 });
    request.once('timeout', () => settle(-1, 0));
    request.once('response', (answer) => {
      answer.resume();
      answer.once('end', () => settle(answer.statusCode ?? 0, Number(answer.headers['x-fairlead-model-version'])));
      answer.once('error', () => settle(0, 0));
    });
    request.once('error', () => settle(0, 0));
    request.end(body);
  });
}

/** Callers that ask without a pause until `work` is done; every request is in the result. */
async function underLoad(work: () => Promise<void>, path = RAIN, keepAlive = true): Promise<Answer[]> {
  const agent = new Agent({ keepAlive, maxSockets: CALLERS });
  const answers: Answer[] = [];
  let done = false;
  const caller = async () => {
    while (!done) answers.push(await predict(agent, path));
  };
  const callers = Array.from({ length: CALLERS }, caller);
  try {
    await wait(300);
    await work();
    await wait(300);
  } finally {
    done = true;
  }
  await Promise.all(callers);
  agent.destroy();
  return answers;
}

const allAnswer = () =>
  expect
    .poll(() => fetch(`${server.url}/readyz`).then((answer) => answer.text()), { timeout: 120_000, interval: 100 })
    .toContain(`"servingProcesses":"${PROCESSES} of ${PROCESSES}"`);

/** Serving processes and whatever else the server has started. */
const children = () => pidsBelow(server.pid).slice(1);
const failed = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200);

/** Ids of the rows on disk: those of the segments, and of the full ones that have become Parquet meanwhile. */
async function capturedIds(): Promise<Set<string>> {
  // Segments first: one that is compacted in between is then found twice, never missed.
  const place = join(folder, 'home', 'capture', 'rain');
  const segments = readdirSync(place).map((file) => readBlocks(read(join(place, file))));
  const open = segments.flatMap(({ blocks }) => blocks.flatMap((block) => idsOf(block)));
  const objects = join(folder, 'home', 'objects');
  const files = readdirSync(objects, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => read(path).indexOf('PAR1') === 0);
  const lake = await createLake({ tempFolder: join(folder, 'lake'), allowedFolders: [folder] });
  try {
    const tables = await Promise.all(files.map((path) => lake.readParquet([path])));
    const rows = tables.filter(({ columns }) => columns.has('request_id')).flatMap((table) => toRows(table));
    return new Set([...open, ...rows.map(({ id }) => String(id))]);
  } finally {
    await lake.close();
  }
}

/** What a file holds; nothing when it has just been compacted. */
function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

async function requestsCounted(): Promise<number> {
  const { items } = await client.endpoints.statistics('rain');
  return items.reduce((sum, { requests }) => sum + requests, 0);
}

describe('serving processes', () => {
  it('share the connections, and the server sums what they count', async () => {
    const before = await requestsCounted();
    const answers = await underLoad(async () => undefined);
    expect(failed(answers)).toEqual([]);
    expect((await requestsCounted()) - before).toBe(answers.length);
    const ids = await capturedIds();
    expect(answers.filter(({ id }) => !ids.has(id))).toEqual([]);
    // What they have counted is in the metrics of the server within a second.
    await expect
      .poll(
        async () => /serving_rows_total\{endpoint="rain",environment="production".* (\d+)/.exec(await metrics())?.[1],
      )
      .toBe(String(await requestsCounted()));
  }, 30_000);

  it('take up a switch before it is acknowledged, and lose no request by it', async () => {
    await client.endpoints.deploy('rain', 1);
    for (const version of [2, 1, 2]) {
      let acknowledgedMs = Number.POSITIVE_INFINITY;
      let askedMs = 0;
      const answers = await underLoad(async () => {
        askedMs = performance.now();
        await client.endpoints.deploy('rain', version);
        acknowledgedMs = performance.now();
      }, RAIN_IN_TEST);
      expect(failed(answers)).toEqual([]);
      const late = answers.filter(({ sentMs }) => sentMs >= acknowledgedMs);
      expect(late.length).toBeGreaterThan(0);
      expect(late.filter((answer) => answer.version !== version)).toEqual([]);
      expect(answers.some((answer) => answer.answeredMs < askedMs && answer.version !== version)).toBe(true);
    }
  });

  it.each([
    ['kept', true],
    ['new', false],
  ])(
    'may be killed: of %s connections those in flight are lost, nothing else, and another one takes the place',
    async (_, keepAlive) => {
      const before = children();
      const [victim = 0] = before;
      const answers = await underLoad(
        async () => {
          process.kill(victim, 'SIGKILL');
          await expect
            .poll(() => children().filter((pid) => !before.includes(pid)).length, { timeout: 120_000 })
            .toBe(1);
          // Until the new one listens the other one answers.
          await allAnswer();
        },
        RAIN,
        keepAlive,
      );
      expect(failed(answers).every(({ status }) => status === 0)).toBe(true);
      // One request per connection of the killed one, and connections that it had not accepted yet.
      expect(failed(answers).length).toBeLessThanOrEqual(CALLERS);
      expect(answers.length - failed(answers).length).toBeGreaterThan(CALLERS);
      // Mode sync: what was answered is on disk, whoever answered it.
      const ids = await capturedIds();
      expect(answers.filter(({ status, id }) => status === 200 && !ids.has(id))).toEqual([]);
      expect(failed(await underLoad(async () => undefined))).toEqual([]);
    },
    60_000,
  );

  it('take a switch that was made while one of them was starting', async () => {
    await client.endpoints.deploy('rain', 1);
    process.kill(children()[0] ?? 0, 'SIGKILL');
    await client.endpoints.deploy('rain', 2);
    // New connections, so that both are met.
    const answers = await underLoad(allAnswer, RAIN_IN_TEST);
    expect(answers.filter(({ status, version }) => status === 200 && version !== 2)).toEqual([]);
    const agent = new Agent({ keepAlive: false });
    const fresh = await Promise.all(Array.from({ length: 40 }, () => predict(agent, RAIN_IN_TEST)));
    expect(fresh.map(({ status, version }) => `${status} ${version}`)).toEqual(fresh.map(() => '200 2'));
  });

  it('judge credentials as the server does, from the moment that one was taken back', async () => {
    const name = 'rita';
    await client.people.add({ name, roles: ['viewer'] });
    const { token, id } = await client.people.issueToken(name, { label: 'test', expiresInDays: 1 });
    const ask = (authorization: string) =>
      fetch(`${serving}/v2/models/rain`, { headers: { authorization, connection: 'close' } }).then(
        ({ status }) => status,
      );
    for (let i = 0; i < 4; i += 1) expect(await ask(`Bearer ${token}`)).toBe(200);
    expect(await ask(`Bearer ${token.slice(0, -1)}_`)).toBe(401);
    await client.people.revokeToken(name, id);
    for (let i = 0; i < 4; i += 1) expect(await ask(`Bearer ${token}`)).toBe(401);
  });

  it('answer the other protocols, and leave everything else to the server', async () => {
    const index = await fetch(`${serving}/v2/repository/index`, { method: 'POST' });
    expect((await index.json()) as object[]).toContainEqual({ name: 'rain', version: '1', state: 'READY', reason: '' });
    const body = JSON.stringify({ dataframe_records: [exampleRow] });
    const scored = await fetch(`${serving}/endpoints/rain/invocations`, {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
    });
    expect(scored.status).toBe(200);
    expect((await fetch(`${serving}/readyz`)).status).toBe(200);
    expect((await fetch(`${serving}/api/v1/endpoints`)).status).toBe(404);
  });
});

const metrics = () => fetch(`${server.url}/metrics`).then((answer) => answer.text());
