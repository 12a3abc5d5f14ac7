// Models of scikit-learn that have no ONNX form, served by the unchanged `mlflow models serve` behind our endpoint. Needs the virtual
// environment of mlflow-3.txt.
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';
import type { DeploymentConfiguration } from '../../packages/server/src/rooms/serving/backends/configuration-types.js';
import {
  context,
  modelVersion,
  openTestWorld,
  rowsRequest,
  type TestServing,
  type TestWorld,
} from '../../packages/server/src/rooms/serving/serving.fixture.js';

const run = promisify(execFile);
const script = fileURLToPath(new URL('python/make_sklearn_models.py', import.meta.url));

interface Expected {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly labels: readonly string[];
  readonly probabilities: readonly (readonly [number, number])[];
}

describe('a model that `mlflow models serve` serves', () => {
  let bin: string;
  let folder: string;
  let world: TestWorld;
  let running: TestServing;
  let expected: Expected;

  beforeAll(async () => {
    const environment = await mlflowEnvironment('mlflow-3');
    bin = environment.bin;
    world = await openTestWorld();
    folder = join(world.home, 'models');
    mkdirSync(folder);
    const { stdout } = await run(environment.python, [script, folder]);
    expected = JSON.parse(stdout.trim().split('\n').at(-1) as string) as Expected;
    running = await world.start({}, {}, { programs: true, servers: [] });
  });
  afterAll(async () => {
    await running?.stop();
    await world?.dispose();
  });

  async function serve(name: string): Promise<void> {
    const { serving } = running;
    const scoring = ['mlflow', 'models', 'serve', '-m', join(folder, name), '-p', '{port}', '--env-manager', 'local'];
    const command = ['env', `PATH=${bin}:${process.env.PATH}`, ...scoring];
    const configuration: DeploymentConfiguration = {
      backend: { kind: 'program', protocol: 'mlflow', command, startTimeoutMs: 120_000 },
    };
    await serving.declareEndpoint(context, { name: 'rain', model: 'rain-model', configuration });
    const place = { endpoint: 'rain', environment: 'test' };
    const { digest } = await world.objects.putBytes(Buffer.from(`what stands for ${name}`));
    const deployment = await serving.deploy(context, { ...place, version: modelVersion(1, digest) });
    await serving.route(context, { ...place, entries: [{ deploymentId: deployment.id, weight: 1 }], reason: 'test' });
  }

  it('gives the probabilities that it gives where it was made', async () => {
    await serve('probabilities');
    const { predictions } = await running.serving.predict(rowsRequest(expected.rows));
    expect(predictions.map(({ label }) => label)).toEqual(expected.labels);
    predictions.forEach(({ probabilities }, row) => {
      const [no, yes] = expected.probabilities[row] as readonly [number, number];
      expect(probabilities.no).toBeCloseTo(no, 12);
      expect(probabilities.yes).toBeCloseTo(yes, 12);
    });
  });

  it('gives labels without probabilities when it knows no more', async () => {
    await serve('labels');
    const { predictions } = await running.serving.predict(rowsRequest(expected.rows));
    expect(predictions.map(({ label, probabilities }) => [label, probabilities])).toEqual(
      expected.labels.map((label) => [label, {}]),
    );
  });

  it('refuses in its own words what it cannot compute, without its trace', async () => {
    const unseen = { ...expected.rows[0], sky: 'green' };
    await expect(running.serving.predict(rowsRequest([unseen]))).rejects.toMatchObject({
      code: 'INF_RUN_FAILED',
      message: expect.not.stringContaining('Traceback'),
    });
    const captured = await running.serving.captured({ endpoint: 'rain', environment: 'test', last: 1 });
    expect(captured).toMatchObject([{ errorCode: 'INF_RUN_FAILED', probability: null }]);
  });
});
