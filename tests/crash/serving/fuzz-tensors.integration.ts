import { Agent } from 'node:http';
import { createRng } from '@fairlead/num';
import { createClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../bench/harness/watched-process.mjs';
import {
  frame,
  openGrpcClient,
  type TestGrpcClient,
} from '../../../packages/server/src/platform/grpc/grpc-client.fixture.js';
import { type LiveServer, startLiveServer, temporaryFolder } from '../../harness/live-server.js';
import { releaseRain } from '../../harness/port-weather.js';
import { askRain } from '../../harness/rain-callers.js';
import { judgeAnswer } from '../../hostile/judge-answer.js';
import { sendRequest } from '../../hostile/send-request.js';
import { hostileBinary, hostileCall, type Tensors, validTensors } from './hostile-tensors.js';

const SEED = Number(process.env.FAIRLEAD_FUZZ_SEED ?? 1);
const ROUNDS = Number(process.env.FAIRLEAD_FUZZ_ROUNDS ?? 1_500);
const CONNECTIONS = 6;
const INFER = '/inference.GRPCInferenceService/ModelInfer';
const MAX_RSS_MIB = 1_000;

/** Statuses of gRPC that are no fault of the caller: CANCELLED, UNKNOWN, INTERNAL, UNAVAILABLE, DATA_LOSS, or none at all. */
const FAULTS = new Set([-1, 1, 2, 13, 14, 15]);

describe.each([0, 2])('inference requests that lie about themselves, with %i serving processes', (processes) => {
  const { folder, dispose } = temporaryFolder(`fuzz-tensors-${processes}`);
  let server: LiveServer;
  /** Where inference is answered. */
  let url: string;
  let grpc: TestGrpcClient;
  let valid: Tensors;

  beforeAll(async () => {
    const grpcPort = await freePort();
    const servingPort = await freePort();
    const own = ['--serving-port', String(servingPort), '--serving-processes', String(processes)];
    const flags = ['--grpc-port', String(grpcPort), ...(processes === 0 ? [] : own)];
    server = await startLiveServer({ folder, flags });
    url = processes === 0 ? server.url : `http://127.0.0.1:${servingPort}`;
    await releaseRain(createClient({ url: server.url, maxRetries: 0 }), folder);
    grpc = openGrpcClient(`127.0.0.1:${grpcPort}`);
    valid = validTensors(await (await fetch(`${url}/v2/models/rain`)).json());
  });
  afterAll(async () => {
    grpc?.close();
    await server?.stop();
    dispose();
  });

  async function inLanes(work: (round: number) => Promise<void>): Promise<void> {
    let round = 0;
    const lane = async () => {
      while (round < ROUNDS) {
        round += 1;
        await work(round);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  }

  it('are answered over HTTP with an answer or a coded error', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const rng = createRng(SEED).fork('binary');
    const wrong: string[] = [];
    const statuses = new Map<number, number>();
    await inLanes(async (round) => {
      const attempt = hostileBinary(valid, rng.fork(String(round)), round);
      const answer = await sendRequest(url, attempt, { agent, timeoutMs: 120_000 });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const problem = judgeAnswer(attempt, answer, { documents503: false, speaksOip: true });
      if (problem !== null) wrong.push(`round ${round}: ${problem}`);
    });
    agent.destroy();
    console.log(`seed ${SEED}: ${JSON.stringify([...statuses])}`);
    expect(wrong).toEqual([]);
    // What is not touched is answered: a fuzz that is refused at the door tests only the door.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(ROUNDS / 20);
    expect(statuses.get(400) ?? 0).toBeGreaterThan(ROUNDS / 2);
  });

  it('are answered over gRPC with an answer or a coded error', async () => {
    const rng = createRng(SEED).fork('grpc');
    const wrong: string[] = [];
    const statuses = new Map<number, number>();
    await inLanes(async (round) => {
      const { bytes, headers } = hostileCall(valid, rng.fork(String(round)), round);
      const { status, text } = await grpc.send(INFER, bytes, headers);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const coded = status === 0 || /^[A-Z]+_[A-Z0-9_]+: ./.test(text);
      if (FAULTS.has(status) || !coded) wrong.push(`round ${round}: ${status} ${text}`);
    });
    console.log(`seed ${SEED}: ${JSON.stringify([...statuses])}`);
    expect(wrong).toEqual([]);
    expect(statuses.get(0) ?? 0).toBeGreaterThan(ROUNDS / 20);
    expect(statuses.get(3) ?? 0).toBeGreaterThan(ROUNDS / 2);
  });

  it('leave the server whole: it answers on both ways, and its memory is where it was', async () => {
    expect(await askRain(url)).toMatchObject({ status: 200 });
    expect(await grpc.send(INFER, frame(valid.message()))).toMatchObject({ status: 0 });
    const rssMiB = (await server.rssBytes()) / 2 ** 20;
    console.log(`resident memory after the fuzz: ${Math.round(rssMiB)} MiB`);
    expect(rssMiB).toBeLessThan(MAX_RSS_MIB);
    expect(server.output()).not.toMatch(/"level":"(error|fatal)"/);
  });
});
