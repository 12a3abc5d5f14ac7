// Every step of python/producer_steps.py, each as one test: models of scikit-learn, LightGBM, XGBoost and the onnx package, and folders
// without ONNX behind `mlflow models serve`. Needs the virtual environment of mlflow-3.txt, made once under node_modules/.cache.
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import { runScript, type StepResult } from './python-steps.js';

const TIMEOUT_MS = 15 * 60_000;

const source = readFileSync(new URL('./python/producer_steps.py', import.meta.url), 'utf8');
const steps = [...source.matchAll(/^@step\("(.+?)"\)$/gm)].map(([, name = '']) => name);

const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith('fairlead-served-'));

describe('models of any producer', () => {
  const { folder, dispose } = temporaryFolder('producers');
  const before = copies();
  let server: LiveServer;
  let client: FairleadClient;
  let results: ReadonlyMap<string, StepResult>;

  beforeAll(async () => {
    server = await startLiveServer({ folder, flags: ['--model-programs'] });
    client = createClient({ url: server.url });
    results = await runScript('mlflow-3', ['producer_steps.py', server.url]);
  }, TIMEOUT_MS);
  afterAll(async () => {
    await server?.stop();
    dispose();
  });

  it('has steps, each with a name of its own', () => {
    expect(steps.length).toBeGreaterThanOrEqual(8);
    expect(new Set(steps).size).toBe(steps.length);
  });

  it.each(steps)('%s', (name) => {
    const result = results.get(name);
    if (result === undefined) throw new Error('the step was not done: the script ended before it');
    if (!result.ok) throw new Error(`${result.error}\n${result.where}`);
  });

  it(
    'puts what is in front of every model in front of a folder too: capture and batch',
    async () => {
      const statistics = await client.endpoints.statistics('pickled', { environment: 'test' });
      expect(statistics.items.map(({ requests }) => requests)).toEqual([2]);
      const input = `${folder}/days.csv`;
      const { writeFileSync } = await import('node:fs');
      writeFileSync(input, 'wind,sky\n0.5,clear\n-2,fog\n');
      const batch = await client.batches.start({
        input,
        output: `${folder}/a.parquet`,
        endpoint: 'pickled',
        environment: 'test',
      });
      const done = await client.batches.wait(batch.id);
      expect(done).toMatchObject({ state: 'succeeded', result: { rows: 2, errorRows: 0 } });
    },
    TIMEOUT_MS,
  );

  it(
    'leaves no copy of a folder behind when the server stops',
    async () => {
      expect(copies().length).toBeGreaterThan(before.length);
      await server.stop();
      expect(copies().filter((name) => !before.includes(name))).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
