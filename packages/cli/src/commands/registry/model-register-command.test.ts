import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { type RunningServer, startServer } from '@fairlead/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../testing-io.fixture.js';

// y = x·[2, 3, 5, 7] + 0.5 with its weights in a side file, written by external-model.fixture.ts of the server.
const fixture = (name: string) => new URL(`fixtures/several-files/${name}`, import.meta.url);
const [MODEL, WEIGHTS] = [readFileSync(fixture('model.onnx')), readFileSync(fixture('model.onnx.data'))];

describe('a model of several files, registered on the command line', () => {
  let base: string;
  let server: RunningServer;
  let client: FairleadClient;
  beforeAll(async () => {
    base = mkdtempSync(join(tmpdir(), 'fairlead-register-'));
    mkdirSync(join(base, 'model'));
    writeFileSync(join(base, 'model/model.onnx'), MODEL);
    writeFileSync(join(base, 'model/model.onnx.data'), WEIGHTS);
    writeFileSync(join(base, 'model/notes.txt'), 'not of the model');
    const flags = { home: join(base, 'home'), port: 0, logLevel: 'silent' as const };
    server = await startServer({ flags, env: {}, cwd: base });
    client = createClient({ url: server.url });
  }, 60_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(base, { recursive: true, force: true });
  });
  const fairlead = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await run([...args, '--url', server.url], { cwd: base });
    return { exitCode, text: stdout + stderr };
  };

  it('is one version with one digest, answers at an endpoint, scores a file and makes a bundle', async () => {
    const made = await fairlead('model', 'register', 'rain', 'model/model.onnx', '--columns', 'a,b,c,d');
    expect(made).toMatchObject({ exitCode: 0, text: expect.stringContaining('reads a, b, c, d') });
    const version = await client.models.version('rain', 1);
    expect(version.files.map(({ path }) => path)).toEqual([
      'model.onnx',
      'original/model.onnx',
      'original/model.onnx.data',
    ]);

    expect((await fairlead('endpoint', 'declare', 'rain', 'rain')).exitCode).toBe(0);
    expect(await fairlead('endpoint', 'deploy', 'rain', '--version', '1')).toMatchObject({ exitCode: 0 });
    const answer = await client.endpoints.predict('rain', {
      environment: 'test',
      rows: [{ a: 1, b: 1, c: 1, d: 1 }],
    });
    expect(answer).toMatchObject({ digest: version.digest, predictions: [{ value: 17.5 }] });

    writeFileSync(join(base, 'days.csv'), 'a,b,c,d\n1,1,1,1\n0,0,0,2\n');
    const scored = await fairlead(
      'batch',
      'days.csv',
      'answers.parquet',
      '--endpoint',
      'rain',
      '--environment',
      'test',
    );
    expect(scored).toMatchObject({ exitCode: 0 });
    const profile = await run(['profile', 'answers.parquet', '--json'], { cwd: base });
    expect(profile.stdout).toMatch(/14\.5/);

    const packaged = await fairlead('package', 'rain/1', '--as', 'npm', '--out', 'bundle');
    expect(packaged).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(readFileSync(join(base, 'bundle/manifest.json'), 'utf8')).files['model.onnx']).toBe(
      version.digest,
    );
  }, 60_000);

  it('is looked into with its side files', async () => {
    const { stdout } = await run(['inspect', 'model/model.onnx', '--json'], { cwd: base });
    expect(JSON.parse(stdout)).toMatchObject({ inputs: [{ name: 'x', shape: [-1, 4] }], outputs: [{ name: 'y' }] });
  });

  it('is refused before anything is sent when a side file is missing or leads elsewhere', async () => {
    mkdirSync(join(base, 'broken'));
    writeFileSync(join(base, 'broken/model.onnx'), MODEL);
    const missing = await fairlead('model', 'register', 'storm', 'broken/model.onnx');
    expect(missing).toMatchObject({
      exitCode: 2,
      text: expect.stringMatching(/INF_EXTERNAL_MISSING.*model\.onnx\.data/s),
    });
    symlinkSync('../model/model.onnx.data', join(base, 'broken/model.onnx.data'));
    const linked = await fairlead('model', 'register', 'storm', 'broken/model.onnx');
    expect(linked).toMatchObject({ exitCode: 2, text: expect.stringContaining('INF_EXTERNAL_PATH') });
    const folder = await fairlead('model', 'register', 'storm', 'broken');
    expect(folder).toMatchObject({ exitCode: 2, text: expect.stringMatching(/TRN_MODEL_UNREADABLE.*link out/s) });
    await expect(client.modelRecords.get('storm')).rejects.toMatchObject({ code: 'REG_MODEL_NOT_FOUND' });
  });

  it('that cannot be served is registered, with the reason and exit code 1', async () => {
    const folder = join(base, 'unknown');
    mkdirSync(folder);
    writeFileSync(join(folder, 'MLmodel'), 'flavors: {spark: {}}');
    const { exitCode, text } = await fairlead('model', 'register', 'fog', 'unknown');
    expect(exitCode).toBe(1);
    expect(text).toContain('fog/1 is registered and cannot be served: its flavours are spark');
  });
});
