import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  context,
  dryDay,
  modelVersion,
  openTestWorld,
  rainModel,
  rainyDay,
  rowsRequest,
  type TestServing,
  type TestWorld,
} from '../serving.fixture.js';
import { openTestRoutes, type TestRoutes } from '../serving-routes.fixture.js';
import type { DeploymentConfiguration } from './configuration-types.js';

let far: TestRoutes;
let origin: string;
let world: TestWorld;
let running: TestServing;
const digests: string[] = [];

beforeAll(async () => {
  far = await openTestRoutes();
  await far.app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(far.app.server.address() as AddressInfo).port}`;
  world = await openTestWorld();
  running = await world.start({}, {}, { programs: true, servers: [origin] });
  for (const at of [0.3, 0.7]) digests.push((await world.objects.putBytes(rainModel(at))).digest);
});
afterAll(async () => {
  await running?.stop();
  await world?.dispose();
  await far?.dispose();
});

/** Version 1 of `rain`, served as the configuration says. */
async function serve(configuration: DeploymentConfiguration) {
  const { serving } = running;
  await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model', configuration });
  const place = { endpoint: 'rain', environment: 'test' };
  const deployment = await serving.deploy(context, { ...place, version: modelVersion(1, digests[0] as string) });
  await serving.route(context, { ...place, entries: [{ deploymentId: deployment.id, weight: 1 }], reason: 'test' });
  return deployment;
}

const labels = async () =>
  (await running.serving.predict(rowsRequest([rainyDay, dryDay]))).predictions.map(({ label }) => label);

/** Takes binary tensors and answers in JSON, and knows nothing of wind but that above 0.5 it rains. */
const PROGRAM = `
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
const [port, model, pidFile] = process.argv.slice(2);
writeFileSync(pidFile, String(process.pid));
const tensor = (name, datatype, shape) => ({ name, datatype, shape });
const metadata = {
  name: 'mine', extensions: ['binary_tensor_data'], inputs: [tensor('wind', 'FP32', [-1, 1]), tensor('holiday', 'FP32', [-1, 1]), tensor('sky', 'BYTES', [-1, 1])],
  outputs: [tensor('label', 'BYTES', [-1]), tensor('probabilities', 'FP32', [-1, 2])],
};
createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const answer = (value) => response.end(JSON.stringify(value));
  if (!request.url.endsWith('/infer')) return answer(request.url.endsWith('/ready') ? { ready: true } : metadata);
  const body = Buffer.concat(chunks);
  const at = Number(request.headers['inference-header-content-length']);
  const rows = JSON.parse(body.subarray(0, at)).inputs[0].shape[0];
  const wind = Array.from({ length: rows }, (_, i) => body.readFloatLE(at + 4 * i));
  answer({ model_name: 'mine', outputs: [
    { ...metadata.outputs[0], shape: [rows], data: wind.map((w) => (w > 0.5 ? 'yes' : 'no')) },
    { ...metadata.outputs[1], shape: [rows, 2], data: wind.map((w) => (w > 0.5 ? [0, 1] : [1, 0])) },
  ] });
}).listen(Number(port), '127.0.0.1');
`;

function program(): { configuration: DeploymentConfiguration; pid: () => number } {
  const [script, pidFile] = [join(world.home, 'mine.mjs'), join(world.home, 'pid')];
  writeFileSync(script, PROGRAM);
  const command = [process.execPath, script, '{port}', '{model}', pidFile];
  return {
    configuration: { backend: { kind: 'program', command, model: 'mine', startTimeoutMs: 30_000 } },
    pid: () => Number(readFileSync(pidFile, 'utf8')),
  };
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a model on another server', () => {
  it('answers as the file would, through the same routing and capture', async () => {
    const here = await serve({});
    const wanted = await labels();
    const there = await serve({ backend: { kind: 'remote', url: origin, model: 'rain' }, runTimeoutMs: 5_000 });
    expect(there.id).not.toBe(here.id);
    expect(there.configurationDigest).not.toBe(here.configurationDigest);
    expect(await running.serving.deployment(there.id)).toEqual(there);
    expect(await labels()).toEqual(wanted);
    const served = await far.running.serving.statistics({ endpoint: 'rain', environment: 'production' });
    expect(served.reduce((sum, { requests }) => sum + requests, 0)).toBeGreaterThan(0);
    const captured = await running.serving.captured({ endpoint: 'rain', environment: 'test', last: 2 });
    expect(captured.map(({ label, deploymentId }) => ({ label, deploymentId }))).toEqual(
      wanted.map((label) => ({ label, deploymentId: there.id })),
    );
  });

  it('shares its calls among many requests', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, labels));
    expect(answers.every((answer) => answer.join() === 'yes,no')).toBe(true);
  });

  it.each([
    ['of an address that nobody allowed', { url: 'http://127.0.0.1:1', model: 'rain' }, 'INF_REMOTE_FORBIDDEN'],
    ['that is not there', { url: '', model: 'snow' }, 'INF_REMOTE_NOT_READY'],
  ])('%s never replaces the working one', async (_, { url, model }, code) => {
    const before = await running.serving.routing('rain', 'test');
    const deploying = serve({ backend: { kind: 'remote', url: url || origin, model } });
    await expect(deploying).rejects.toMatchObject({
      code: 'SRV_DEPLOY_FAILED',
      message: expect.stringContaining(code),
    });
    expect(await running.serving.routing('rain', 'test')).toEqual(before);
    expect(await labels()).toEqual(['yes', 'no']);
  });
});

describe('a model in a program of the user', () => {
  it('is started, answers, is started again when it dies, and leaves nothing behind', async () => {
    process.env.FAIRLEAD_TEST_SECRET = 'hush';
    const { configuration, pid } = program();
    const deployment = await serve(configuration);
    delete process.env.FAIRLEAD_TEST_SECRET;
    expect(await labels()).toEqual(['yes', 'no']);
    const first = pid();
    const environment = `/proc/${first}/environ`;
    if (existsSync(environment)) expect(readFileSync(environment, 'utf8')).not.toContain('hush');

    process.kill(first, 'SIGKILL');
    let refusals = 0;
    for (;;) {
      const answer = await labels().catch((error: unknown) => error);
      if (Array.isArray(answer)) break;
      expect(answer).toMatchObject({ status: 503, data: { retryAfterSeconds: 1 } });
      refusals += 1;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(refusals).toBeGreaterThan(0);
    const second = pid();
    expect(second).not.toBe(first);

    await serve({});
    await running.serving.retire(context, deployment.id);
    expect(isAlive(second)).toBe(false);
    expect(await labels()).toEqual(['yes', 'no']);
  });

  it('that ends by itself is no deployment, and its last words say why', async () => {
    const command = [process.execPath, '-e', 'console.error("no such model"); process.exit(3)'];
    const deploying = serve({ backend: { kind: 'program', command, model: 'mine' } });
    await expect(deploying).rejects.toMatchObject({
      code: 'SRV_DEPLOY_FAILED',
      message: expect.stringMatching(/INF_PROGRAM_FAILED.*exit code 3.*no such model/s),
    });
  });

  it('needs the consent of the operator', async () => {
    await running.stop();
    running = await world.start({}, {}, { programs: false, servers: [] });
    const declaring = serve(program().configuration);
    await expect(declaring).rejects.toMatchObject({ code: 'SRV_BACKEND_FORBIDDEN', status: 403 });
  });
});
