import { Agent } from 'node:http';
import { createRng, type Rng } from '@fairlead/num';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { addPeople, exampleRow, runToRelease, signAndRollOut, smallProject } from '../harness/port-weather.js';
import { judgeAnswer } from './judge-answer.js';
import { makeAttempt, type Operation } from './make-attempts.js';
import { Offenders } from './offenders.js';
import { RAW_REQUESTS } from './raw-requests.js';
import { type OpenApi, readOperations } from './read-operations.js';
import type { Known, Sampler, Schema } from './schema-samples.js';
import { type Attempt, sendBytes, sendRequest } from './send-request.js';

// Equal seeds send equal requests; what background work does meanwhile is not seeded.
const SEED = Number(process.env.FAIRLEAD_FUZZ_SEED ?? 1);
const ROUNDS = Number(process.env.FAIRLEAD_FUZZ_ROUNDS ?? 60);
const RANDOM_PATHS = 400;
const CONNECTIONS = 6;
const ANSWER_TIMEOUT_MS = 30_000;
const MAX_RSS_MIB = 1500;

describe('every operation of the OpenAPI document', () => {
  const { folder, dispose } = temporaryFolder('fuzz');
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const offenders = new Offenders();
  let server: LiveServer;
  let client: FairleadClient;
  let known: Known;
  let document: OpenApi;

  beforeAll(async () => {
    // Sources and webhooks that reach out would test the network, not the server: they stay refused, as by default.
    server = await startLiveServer({ folder, flags: ['--request-timeout-ms', '5000', '--job-concurrency', '1'] });
    client = createClient({ url: server.url, maxRetries: 0 });
    known = await fill(client, folder).catch(async (error: unknown) => {
      // The log is written without waiting for it.
      await new Promise((done) => setTimeout(done, 500));
      throw new Error(`the server could not be filled; it said: ${server.output().slice(-3000)}`, { cause: error });
    });
    document = (await (await fetch(`${server.url}/api/openapi.json`)).json()) as OpenApi;
  });
  afterAll(async () => {
    agent.destroy();
    if (server !== undefined && (await server.rssBytes().catch(() => 0)) === 0) {
      console.error(`the server is gone; its last words: ${server.output().slice(-4000)}`);
    }
    await server?.stop();
    dispose();
  });

  it('answers whatever it is sent with an answer or a coded error', async () => {
    const operations = readOperations(document);
    expect(operations.length).toBeGreaterThan(80);
    const rng = createRng(SEED);
    const resolve = (ref: string) => resolveRef(document, ref);
    const work = operations.flatMap((operation) =>
      Array.from({ length: ROUNDS }, (_, round) => {
        const sampler: Sampler = { rng: rng.fork(`${operation.id}/${round}`), known, resolve };
        return { operation, attempt: makeAttempt(operation, sampler, round) };
      }),
    );
    shuffle(work, rng);
    const statuses = new Map<string, number>();
    await inParallel(work, async ({ operation, attempt }) => {
      try {
        const answer = await sendRequest(server.url, attempt, { agent, timeoutMs: ANSWER_TIMEOUT_MS });
        const kind = `${Math.floor(answer.status / 100)}xx`;
        statuses.set(kind, (statuses.get(kind) ?? 0) + 1);
        const wrong = judgeAnswer(attempt, answer, promisedBy(operation, attempt));
        if (wrong !== null) offenders.add(operation.id, wrong, attempt);
      } catch (error) {
        // A client that breaks the protocol may lose its connection, but only together with an answer.
        offenders.add(operation.id, String(error), attempt);
      }
    });
    console.log(
      `fuzz seed ${SEED}: ${work.length} requests to ${operations.length} operations, ${JSON.stringify([...statuses])}`,
    );
    expect(offenders.take()).toEqual([]);
    // A fuzz that is refused at the door tests only the door.
    expect(statuses.get('2xx') ?? 0).toBeGreaterThan(work.length / 20);
  });

  it('refuses paths and methods that nobody serves', async () => {
    const rng = createRng(SEED).fork('paths');
    const work = Array.from({ length: RANDOM_PATHS }, () => randomAddress(rng, document));
    await inParallel(work, async (attempt) => {
      try {
        const answer = await sendRequest(server.url, attempt, { agent, timeoutMs: ANSWER_TIMEOUT_MS });
        const wrong = judgeAnswer(attempt, answer, null);
        if (wrong !== null) offenders.add('none', wrong, attempt);
      } catch (error) {
        offenders.add('none', String(error), attempt);
      }
    });
    expect(offenders.take()).toEqual([]);
  });

  it('answers bytes that are no request with 4xx or silence, and closes', async () => {
    const wrong: string[] = [];
    for (const [name, bytes] of Object.entries(RAW_REQUESTS)) {
      const got = await sendBytes(server.url, Buffer.from(bytes, 'latin1'), 2_000);
      const status = Number(/^HTTP\/1\.[01] (\d+)/.exec(got)?.[1] ?? 0);
      if (status >= 500 || (status >= 200 && status < 300 && name !== 'upgrade to nothing'))
        wrong.push(`${name}: ${got.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('is ready, small and intact afterwards, and still predicts', async () => {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${server.url}/api/v1/audit/verification`)).json()).toMatchObject({ verdict: 'intact' });
    const { predictions } = await client.endpoints.predict('rain', { rows: [exampleRow] });
    expect(predictions[0]?.probabilities.true).toBeGreaterThan(0);
    const rssMiB = (await server.rssBytes()) / 2 ** 20;
    console.log(`resident memory after the fuzz: ${Math.round(rssMiB)} MiB`);
    expect(rssMiB).toBeLessThan(MAX_RSS_MIB);
    expect(server.output()).not.toMatch(/"level":"(error|fatal)"/);
  });

  async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const queue = items.values();
    const lane = async () => {
      for (const item of queue) await work(item);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  }
});

const tensors = Object.entries(exampleRow)
  .filter(([name]) => name !== 'location' && name !== 'date')
  .map(([name, value]) => ({
    name,
    shape: [1, 1],
    datatype: typeof value === 'number' ? 'FP32' : typeof value === 'boolean' ? 'BOOL' : 'BYTES',
    data: [value],
  }));

function promisedBy({ responses, path, method }: Operation, attempt: Attempt) {
  // Another method at the path is another operation, or none.
  if (attempt.method !== method) return null;
  return { documents503: responses.includes('503'), speaksOip: path.startsWith('/v2') };
}

/** Real content: a project, a dataset version, a run with metrics, a release in production, a prediction with its truth. */
async function fill(client: FairleadClient, folder: string): Promise<Known> {
  await client.projects.apply({ folder, project: smallProject(folder) });
  const people = await addPeople(client);
  const release = await runToRelease(people);
  if (release.state !== 'awaiting-approval') throw new Error(`the gates refused: ${JSON.stringify(release.gates)}`);
  await signAndRollOut(people, client, release.id);
  const answer = await client.endpoints.predict('rain', { rows: [exampleRow], ids: ['day1'] });
  await people.dana.truths.post('rain', [{ id: 'day1', label: 'false' }]);
  const version = await client.datasets.version('weather', 'latest');
  const [runs, pipelineRuns, deliveries] = await Promise.all([
    client.runs.search({ limit: 5 }),
    client.pipelineRuns.list({ limit: 5 }),
    client.datasets.deliveries('weather'),
  ]);
  const runIds = runs.items.map(({ id }) => id);
  return {
    name: ['rain', 'weather', 'wind-only', 'retrain-on-drift', 'dana', 'port-weather'],
    dataset: ['weather'],
    pipeline: ['rain', 'wind-only'],
    model: ['rain'],
    endpoint: ['rain'],
    environment: ['test', 'production'],
    version: [1, 'latest', version.id],
    versionId: [version.id],
    runId: [...runIds, ...pipelineRuns.items.map(({ id }) => id)],
    id: [release.id, ...runIds, ...deliveries.items.map(({ id }) => id), 'day1'],
    part: ['train', 'test'],
    column: ['wind', 'temp_max', 'location', 'precipitation'],
    kind: ['model-version', 'dataset-version', 'run'],
    alias: ['champion', 'latest'],
    key: ['brier'],
    role: ['qa'],
    requestId: [answer.requestId],
    digest: [release.modelDigest, version.id],
    rows: [[exampleRow], [exampleRow, exampleRow]],
    inputs: [tensors],
    path: ['weather.csv', '../weather.csv', folder],
    folder: [folder],
    projectFolder: [folder],
    '*': ['model.onnx', 'a/b.txt'],
  };
}

function randomAddress(rng: Rng, document: OpenApi) {
  const paths = Object.keys(document.paths);
  const segments = [
    'api',
    'v1',
    'v2',
    'models',
    '..',
    '.',
    '%2e%2e',
    '%2f',
    '',
    'etc',
    'passwd',
    '%ff',
    'a'.repeat(3000),
    'rain',
    '*',
    '~',
    'ajax-api',
  ];
  const path =
    rng.next() < 0.5
      ? (paths[rng.int(paths.length)] ?? '/')
      : `/${Array.from({ length: 1 + rng.int(6) }, () => segments[rng.int(segments.length)]).join('/')}`;
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'SEARCH', 'QUERY'];
  const method = methods[rng.int(methods.length)] ?? 'GET';
  const body = method === 'GET' || method === 'HEAD' || rng.next() < 0.5 ? undefined : '{}';
  const headers: Record<string, string> =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': '2' };
  return { method, path: path.replace(/[{}]/g, ''), headers, body };
}

function resolveRef(document: OpenApi, ref: string): Schema {
  const found = ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => Object(at)[key], document);
  return (found ?? {}) as Schema;
}

function shuffle<T>(items: T[], rng: Rng): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = rng.int(i + 1);
    [items[i], items[j]] = [items[j] as T, items[i] as T];
  }
}
