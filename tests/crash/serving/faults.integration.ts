import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pidsBelow } from '../../../bench/harness/process-tree.mjs';
import { createFairlead, type Fairlead } from '../../../packages/server/src/main/create-fairlead.js';
import { loadConfig } from '../../../packages/server/src/platform/config/index.js';
import {
  frame,
  openGrpcClient,
  type TestGrpcClient,
} from '../../../packages/server/src/platform/grpc/grpc-client.fixture.js';
import { ProtoWriter } from '../../../packages/server/src/platform/grpc/index.js';
import { trapModel } from '../../../packages/server/src/platform/inference/trap-model.fixture.js';
import { createLogger } from '../../../packages/server/src/platform/telemetry/index.js';
import type { ModelVersion } from '../../../packages/server/src/rooms/registry/index.js';
import {
  context,
  modelVersion,
  rainModel,
  rainyDay,
} from '../../../packages/server/src/rooms/serving/serving.fixture.js';
import type { Deployment } from '../../../packages/server/src/rooms/serving/serving-types.js';

// Twice this, as a run that was shared is tried alone, is less than anybody waits.
const RUN_TIMEOUT_MS = 2_000;
const MAX_MEMORY_BYTES = 600 * 2 ** 20;
const INFER = '/inference.GRPCInferenceService/ModelInfer';

const column = (name: string) => ({ name, type: 'number' as const, min: 0, max: 1, nullable: false });
const trapSignature: ModelVersion['signature'] = {
  task: 'regression',
  inputs: [column('spin'), column('grow'), column('odd')],
  target: 'y',
  labels: [],
  contextColumns: [],
};
const calm = { spin: 1, grow: 0, odd: 0 };

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly retryAfter: string | null;
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
};

/** The server itself answers, or processes of their own. */
describe.each([0, 2])(
  'faults of models under load with %i serving processes, every answer accounted for',
  (processes) => {
    let home: string;
    let fairlead: Fairlead;
    /** Where inference is answered. */
    let url: string;
    let grpc: TestGrpcClient;
    const { execArgv } = process;

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'fairlead-faults-'));
      const flags = {
        ...{ home, port: 0, grpcPort: 0, logLevel: 'silent' },
        ...{ modelRunTimeoutMs: RUN_TIMEOUT_MS, modelMemoryBytes: MAX_MEMORY_BYTES },
        ...(processes > 0 && { servingPort: 0, servingProcesses: processes }),
      };
      // Serving processes run what was built: the conditions that tests are run with would give them sources.
      process.execArgv = [];
      const config = loadConfig({ flags, env: {}, cwd: home });
      fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
      const { serving } = fairlead.rooms;
      const addresses = await fairlead.start();
      url = addresses.serving ?? addresses.url;
      grpc = openGrpcClient(addresses.grpc ?? '');
      await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model' });
      await serving.declareEndpoint(context, { name: 'trap', model: 'trap' });
      await route('rain', await deployRain(rainModel(0.5), 1));
      await route('trap', await deployTrap(trapModel(), 1));
    });
    afterAll(async () => {
      grpc?.close();
      await fairlead?.stop();
      await rm(home, { recursive: true, force: true });
      process.execArgv = execArgv;
    });

    async function deployRain(bytes: Uint8Array, version: number): Promise<Deployment> {
      const { digest } = await fairlead.platform.objects.putBytes(bytes);
      const place = { endpoint: 'rain', environment: 'test' };
      return fairlead.rooms.serving.deploy(context, { ...place, version: modelVersion(version, digest) });
    }

    async function deployTrap(bytes: Uint8Array, version: number): Promise<Deployment> {
      const { digest } = await fairlead.platform.objects.putBytes(bytes);
      const change = { model: 'trap', signature: trapSignature };
      const place = { endpoint: 'trap', environment: 'test' };
      return fairlead.rooms.serving.deploy(context, { ...place, version: modelVersion(version, digest, change) });
    }

    const route = (endpoint: string, { id }: Deployment) =>
      fairlead.rooms.serving.route(context, {
        ...{ endpoint, environment: 'test', reason: 'test' },
        entries: [{ deploymentId: id, weight: 1 }],
      });

    async function ask(endpoint: string, row: object): Promise<Answer> {
      const answer = await fetch(`${url}/api/v1/environments/test/endpoints/${endpoint}/predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rows: [row] }),
      });
      const body = (await answer.json()) as { error?: { code: string } };
      return { status: answer.status, code: body.error?.code, retryAfter: answer.headers.get('retry-after') };
    }

    /** Asks until the model answers again: a row that shared the fate of a killed process is asked again, as Retry-After says. */
    async function untilAnswered(row: object): Promise<Answer> {
      for (;;) {
        const answer = await ask('trap', row);
        if (answer.status !== 503) return answer;
      }
    }

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
      const callers = Array.from({ length: 8 }, (_, i) =>
        i % 2 === 0 ? caller('rain', rainyDay) : caller('trap', calm),
      );
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

    /** The processes in which the trap computes for those who answer, one for each of them. */
    function trapProcesses(): number[] {
      const all = new Set(pidsBelow(process.pid));
      const hosts = fairlead.platform.host.stats().models.flatMap((model) => model.processes.map(({ pid }) => pid));
      if (processes === 0) return hosts;
      const isHost = (text: string) => text.includes('process-worker.js');
      const found: number[] = [];
      for (const pid of all) if (!hosts.includes(pid) && isHost(commandOf(pid))) found.push(pid);
      return found;
    }

    it.runIf(process.platform === 'linux')(
      'the host of a model that is killed costs one run of that model, and nobody else anything',
      async () => {
        expect((await untilAnswered(calm)).status).toBe(200);
        const before = trapProcesses();
        expect(before.length).toBe(Math.max(1, processes));
        const { trap } = await underLoad(async () => {
          await ask('trap', calm);
          process.kill(before[0] as number, 'SIGKILL');
          expect((await untilAnswered(calm)).status).toBe(200);
        });
        for (const answer of refused(trap)) {
          expect(answer).toEqual({ status: 503, code: 'INF_WORKER_LOST', retryAfter: '1' });
        }
        // One run may carry the rows of all four callers.
        expect(refused(trap).length).toBeLessThanOrEqual(4);
        await expect.poll(() => trapProcesses().length, { timeout: 120_000 }).toBe(before.length);
        expect(trapProcesses()).not.toContain(before[0]);
      },
      60_000,
    );

    it('a row that makes the model loop for ever fails alone, after its time', async () => {
      const { trap } = await underLoad(async () => {
        const hung = await ask('trap', { ...calm, spin: 2 ** 40 });
        expect(hung).toEqual({ status: 503, code: 'INF_RUN_TIMEOUT', retryAfter: '1' });
        expect((await untilAnswered(calm)).status).toBe(200);
      });
      expect(refused(trap)).toEqual([]);
    });

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
        expect(await ask('trap', { ...calm, odd: 2 })).toMatchObject({ status: 500, code: 'SRV_NONFINITE_OUTPUT' });
      });
      expect(refused(trap)).toEqual([]);
    });

    it('files that are cut, flipped or do something else never replace the working one', async () => {
      const { serving } = fairlead.rooms;
      const live = await serving.routing('rain', 'test');
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
      expect(await serving.routing('rain', 'test')).toEqual(live);
      expect(fairlead.platform.host.stats().models).toHaveLength(2);
      const failed = (await serving.deployments({ state: 'failed' })).map(({ version }) => version);
      expect(failed.sort()).toEqual([20, 21, 22, 23, 24, 25]);
    });

    it('a stored file with one bit flipped is refused by its digest', async () => {
      const { objects } = fairlead.platform;
      const { digest } = await objects.putBytes(rainModel(0.6));
      const path = await objects.localPath(digest);
      const bytes = await readFile(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      await chmod(path, 0o600);
      await writeFile(path, bytes);
      const version = modelVersion(30, digest);
      const place = { endpoint: 'rain', environment: 'test' };
      await expect(fairlead.rooms.serving.deploy(context, { ...place, version })).rejects.toMatchObject({
        code: 'SRV_DEPLOY_FAILED',
      });
      expect((await ask('rain', rainyDay)).status).toBe(200);
    });

    it('gRPC answers beside them: a row, a refusal and a fault by their statuses, captured and counted', async () => {
      const { serving } = fairlead.rooms;
      const infer = (id: string, row: Readonly<Record<string, number>>, names = Object.keys(row)) => {
        const writer = new ProtoWriter().text(1, 'trap@test').text(3, id);
        for (const name of names) writer.message(5, (w) => w.text(1, name).text(2, 'FP32').packedIntegers(3, [1, 1]));
        for (const value of Object.values(row)) writer.bytesItem(7, Buffer.from(Float32Array.of(value).buffer));
        return grpc.send(INFER, frame(writer.finish()));
      };
      const before = await serving.statistics({ endpoint: 'trap', environment: 'test' });
      expect(await infer('g-calm', calm)).toMatchObject({ status: 0 });
      const unknown = await infer('g-odd-name', calm, ['spin', 'grow', 'even']);
      expect(unknown).toMatchObject({ status: 3, text: expect.stringMatching(/^[A-Z]+_[A-Z_]+: /) });
      const { status, text } = await infer('g-nan', { ...calm, odd: 2 });
      expect(status).toBe(13);
      expect(text).toContain('SRV_NONFINITE_OUTPUT');
      await serving.flushCapture();
      const captured = await serving.captured({ endpoint: 'trap', environment: 'test', last: 50 });
      const ofIds = captured.filter(({ id }) => id.startsWith('g-')).map(({ id, status: code }) => [id, code]);
      expect(Object.fromEntries(ofIds)).toMatchObject({ 'g-calm': 200, 'g-nan': 500 });
      const [was, is] = [before, await serving.statistics({ endpoint: 'trap', environment: 'test' })].map(
        ([one]) => one,
      );
      expect((is?.requests ?? 0) - (was?.requests ?? 0)).toBeGreaterThanOrEqual(2);
      expect((is?.nonFiniteOutputs ?? 0) - (was?.nonFiniteOutputs ?? 0)).toBe(1);
    });
  },
);
