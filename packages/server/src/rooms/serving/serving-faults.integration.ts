import { chmod, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../platform/config/index.js';
import { type App, createHttpServer } from '../../platform/http/index.js';
import { trapModel, trapRow } from '../../platform/inference/trap-model.fixture.js';
import { createLogger, createMetrics } from '../../platform/telemetry/index.js';
import type { ModelVersion } from '../registry/index.js';
import {
  context,
  modelVersion,
  openTestWorld,
  rainModel,
  rainyDay,
  type TestServing,
  type TestWorld,
} from './serving.fixture.js';
import { engineer } from './serving-routes.fixture.js';
import { servingRoutes } from './serving-routes.js';
import type { Deployment } from './serving-types.js';

const RUN_TIMEOUT_MS = 5_000;
const PROBE_TIMEOUT_MS = 10_000;
const MAX_MEMORY_BYTES = 600 * 2 ** 20;

const column = (name: string) => ({ name, type: 'number' as const, min: 0, max: 1, nullable: false });
const trapSignature: ModelVersion['signature'] = {
  task: 'regression',
  inputs: [column('spin'), column('grow'), column('odd')],
  target: 'y',
  labels: [],
  contextColumns: [],
};

let world: TestWorld;
let running: TestServing;
let app: App;
let url: string;

beforeAll(async () => {
  world = await openTestWorld();
  running = await world.start(
    {},
    { probeTimeoutMs: PROBE_TIMEOUT_MS, hosting: { runTimeoutMs: RUN_TIMEOUT_MS, maxMemoryBytes: MAX_MEMORY_BYTES } },
  );
  await running.serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
  await running.serving.declareEndpoint(context, { name: 'trap', model: 'trap' });
  await route('rain', await deployRain(rainModel(0.5), 1));
  await route('trap', await deployTrap(trapModel(), 1));
  app = await createHttpServer({
    config: loadConfig({ flags: { port: 0 }, env: {}, cwd: '/' }),
    logger: createLogger({ logLevel: 'silent', logFormat: 'json' }),
    metrics: createMetrics(),
    identity: { identify: async () => engineer },
    version: '1.2.3',
    readiness: async () => ({ ready: true, checks: {} }),
  });
  const registry = { version: async () => modelVersion(1, 'ab'.repeat(32)) };
  await app.register(servingRoutes({ serving: running.serving, registry, version: '1.2.3' }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}, 60_000);
afterAll(async () => {
  await app?.close();
  await running?.stop();
  await world?.dispose();
});

async function deployRain(bytes: Uint8Array, version: number): Promise<Deployment> {
  const { digest } = await world.objects.putBytes(bytes);
  const place = { endpoint: 'rain', environment: 'test' };
  return running.serving.deploy(context, { ...place, version: modelVersion(version, digest) });
}

async function deployTrap(bytes: Uint8Array, version: number): Promise<Deployment> {
  const { digest } = await world.objects.putBytes(bytes);
  const change = { model: 'trap', signature: trapSignature };
  const place = { endpoint: 'trap', environment: 'test' };
  return running.serving.deploy(context, { ...place, version: modelVersion(version, digest, change) });
}

const route = (endpoint: string, { id }: Deployment) =>
  running.serving.route(context, {
    endpoint,
    environment: 'test',
    entries: [{ deploymentId: id, weight: 1 }],
    reason: 'test',
  });

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
}

async function ask(endpoint: string, row: object): Promise<Answer> {
  const answer = await fetch(`${url}/api/v1/environments/test/endpoints/${endpoint}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rows: [row] }),
  });
  const body = (await answer.json()) as { error?: { code: string } };
  return { status: answer.status, code: body.error?.code, retryAfter: answer.headers.get('retry-after') };
}

const calm = { spin: 1, grow: 0, odd: 0 };

/** Callers of both endpoints who ask without a pause until `work` is done. Every request is in the result. */
async function underLoad(work: () => Promise<void>): Promise<{ rain: Answer[]; trap: Answer[] }> {
  const answers = { rain: [] as Answer[], trap: [] as Answer[] };
  let [sent, done] = [0, false];
  const caller = async (endpoint: 'rain' | 'trap', row: object) => {
    while (!done) {
      sent += 1;
      answers[endpoint].push(await ask(endpoint, row));
    }
  };
  const callers = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? caller('rain', rainyDay) : caller('trap', calm)));
  try {
    await work();
  } finally {
    done = true;
  }
  await Promise.all(callers);
  expect(answers.rain.length + answers.trap.length).toBe(sent);
  expect(answers.rain.length).toBeGreaterThan(0);
  expect(answers.rain.filter(({ status }) => status !== 200)).toEqual([]);
  return answers;
}

const refused = (answers: readonly Answer[]) => answers.filter(({ status }) => status !== 200);
const trapProcess = () => {
  const [model] = running.host.stats().models.filter(({ processes }) => processes.length > 0);
  return model?.processes[0];
};

describe('under load, with every answer accounted for', () => {
  it('the host of a model that is killed costs one run of that model, and nobody else anything', async () => {
    const before = trapProcess();
    const { trap } = await underLoad(async () => {
      await ask('trap', calm);
      process.kill(before?.pid as number, 'SIGKILL');
      expect((await untilAnswered(calm)).status).toBe(200);
    });
    for (const answer of refused(trap)) {
      expect(answer).toEqual({ status: 503, code: 'INF_WORKER_LOST', retryAfter: '1' });
    }
    // One run may carry the rows of all four callers.
    expect(refused(trap).length).toBeLessThanOrEqual(4);
    expect(trapProcess()?.pid).not.toBe(before?.pid);
  }, 60_000);

  it('a row that makes the model loop for ever fails alone, after its time', async () => {
    const { trap } = await underLoad(async () => {
      const hung = await ask('trap', { ...calm, spin: 2 ** 40 });
      expect(hung).toEqual({ status: 503, code: 'INF_RUN_TIMEOUT', retryAfter: '1' });
      expect((await untilAnswered(calm)).status).toBe(200);
    });
    expect(refused(trap)).toEqual([]);
  }, 60_000);

  it.runIf(process.platform === 'linux')(
    'a row that makes it allocate without end fails alone, at its limit',
    async () => {
      const { trap } = await underLoad(async () => {
        const greedy = await ask('trap', { ...calm, grow: 2 ** 30 });
        expect(greedy.status).toBe(503);
        expect(greedy.code).toMatch(/^INF_RUN_(MEMORY|TIMEOUT)$/);
        expect(greedy.retryAfter).toBe('1');
        expect((await untilAnswered(calm)).status).toBe(200);
      });
      expect(refused(trap)).toEqual([]);
    },
    60_000,
  );

  it('an answer of NaN is an error of its own caller, never a number', async () => {
    const { trap } = await underLoad(async () => {
      const odd = await ask('trap', { ...calm, odd: 2 });
      expect(odd).toMatchObject({ status: 500, code: 'SRV_NONFINITE_OUTPUT' });
    });
    expect(refused(trap)).toEqual([]);
  }, 60_000);

  it('files that are cut, flipped or do something else never replace the working one', async () => {
    const live = await running.serving.routing('rain', 'test');
    const bytes = Buffer.from(rainModel(0.4));
    const flipped = Buffer.from(bytes);
    // In the name of the first operator of the graph: the file still parses.
    const at = bytes.indexOf('Softmax');
    expect(at).toBeGreaterThan(0);
    flipped[at] = 'X'.charCodeAt(0);
    const attempts: [string, () => Promise<Deployment>][] = [
      ['truncated', () => deployRain(bytes.subarray(0, bytes.length >> 1), 20)],
      ['flipped', () => deployRain(flipped, 21)],
      ['of another signature', () => deployRain(trapModel(), 22)],
      ['with other labels', () => deployRain(rainModel(0.5, ['nein', 'ja']), 23)],
      ['that answers NaN', () => deployTrap(trapModel({ always: 'odd' }), 24)],
      ['that loops for ever', () => deployTrap(trapModel({ always: 'spin' }), 25)],
    ];
    await underLoad(async () => {
      for (const [name, attempt] of attempts) {
        await expect(attempt(), name).rejects.toMatchObject({ code: 'SRV_DEPLOY_FAILED', status: 422 });
      }
    });
    expect(await running.serving.routing('rain', 'test')).toEqual(live);
    expect(running.host.stats().models).toHaveLength(2);
    expect((await running.serving.deployments({ state: 'failed' })).map(({ version }) => version).sort()).toEqual([
      20, 21, 22, 23, 24, 25,
    ]);
  }, 120_000);

  it('a stored file with one bit flipped is refused by its digest', async () => {
    const { digest } = await world.objects.putBytes(rainModel(0.6));
    const path = await world.objects.localPath(digest);
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    await chmod(path, 0o600);
    await writeFile(path, bytes);
    const version = modelVersion(30, digest);
    const deploying = running.serving.deploy(context, { endpoint: 'rain', environment: 'test', version });
    await expect(deploying).rejects.toMatchObject({ code: 'SRV_DEPLOY_FAILED' });
    expect((await ask('rain', rainyDay)).status).toBe(200);
  });

  it('two hundred switches between two models keep the memory where it was', async () => {
    const models = [1, 2].map((salt) => world.objects.putBytes(trapModel({ salt })));
    const digests = (await Promise.all(models)).map(({ digest }) => digest);
    const reload = async (digest: string) => {
      const path = await world.objects.localPath(digest);
      const model = await running.host.load({ path, digest, hosting: { placement: 'thread' } });
      await model.run(trapRow());
      await running.host.unload(digest);
    };
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round += 1) await reload(digests[round % 2] as string);
      globalThis.gc?.();
      return process.memoryUsage().rss;
    };
    await rounds(50);
    const before = await rounds(10);
    const after = await rounds(200);
    expect(after / before).toBeLessThanOrEqual(1.1);
  }, 120_000);
});

/** Asks until the model answers again: a row that shared the fate of a killed process is asked again, as Retry-After says. */
async function untilAnswered(row: object): Promise<Answer> {
  for (;;) {
    const answer = await ask('trap', row);
    if (answer.status !== 503) return answer;
  }
}
